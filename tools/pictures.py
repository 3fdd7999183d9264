"""Take the pictures of the README: `python -m tools.pictures`. The example towns are built and served for it."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from codesign import demo
from codesign.app import make_app
from codesign.settings import Settings
from tests.servers.chromium import find_chromium
from tests.servers.web import serving

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
LARGEST = 350_000  # bytes; a README is read on phones, too
TOWN = "larkford"


def main() -> None:
    found = find_chromium()
    if found is None:
        sys.exit("There is no Chromium. Get one with: python -m tools.get_chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        settings = Settings(data=Path(folder), secret=b"only for pictures", development=True)
        password = demo.build(settings)
        browser = playwright.chromium.launch(**found.launch_options())
        with serving(make_app(settings)) as port:
            take_all(browser, f"http://{TOWN}.localhost:{port}", password)
        browser.close()


def take_all(browser: Browser, town: str, password: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    desk = opened(browser, town, 1280, 900)
    desk.goto("/")
    take(desk, "home")
    dark = opened(browser, town, 1280, 1560, color_scheme="dark")
    sign_in(dark, password)
    dark.goto("/debates/?order=discussed")
    dark.locator(".entry a").first.click()
    dark.wait_for_load_state()
    take(dark, "debate")
    phone = opened(browser, town, 390, 960, is_mobile=True)
    sign_in(phone, password)
    phone.goto("/polls/?phase=open")
    phone.locator(".entry a").first.click()
    phone.get_by_role("link", name="Vote", exact=True).first.click()
    phone.get_by_role("button", name="A kitchen for everybody").click()
    phone.locator(".ranked").scroll_into_view_if_needed()
    take(phone, "ballot")
    proposal = opened(browser, town, 1280, 1100)
    proposal.goto("/proposals/?order=close")
    proposal.locator(".entry a").first.click()
    proposal.wait_for_load_state()
    take(proposal, "proposal")
    fate = opened(browser, town, 1280, 1100)
    fate.goto("/")
    fate.get_by_role("link", name="Nobody told me I was a carer").click()
    fate.locator("#fate").evaluate("element => element.scrollIntoView()")
    take(fate, "fate")


def opened(browser: Browser, town: str, width: int, height: int, **more: object) -> Page:
    size = {"width": width, "height": height}
    context = browser.new_context(base_url=town, locale="en-GB", viewport=size, device_scale_factor=1.5, **more)  # type: ignore[arg-type]
    return context.new_page()


def sign_in(page: Page, password: str) -> None:
    page.goto("/accounts/sign-in")
    page.get_by_label("E-mail address").fill(f"anna@{TOWN}.example")
    page.get_by_label("Password").fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.locator(".flash").wait_for()


def take(page: Page, name: str) -> None:
    page.evaluate("document.fonts.ready")
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path)
    size = path.stat().st_size
    print(f"{path.relative_to(PICTURES.parents[1])}: {size // 1000} kB")
    if size > LARGEST:
        sys.exit(f"{path.name} is larger than {LARGEST // 1000} kB. Make its window smaller.")


if __name__ == "__main__":
    main()
