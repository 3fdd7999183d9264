"""Where a Chromium is to be found. tools/get_chromium.py gets one when there is none."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

VERSION = "153.0.0"  # of the npm package @sparticuz/chromium
CACHE = Path(__file__).resolve().parents[2] / ".cache" / f"chromium-{VERSION}"
ARGS = (
    "--no-sandbox",  # root may not have one; only our own pages are opened
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Browser:
    """`env` holds only what must be added to the environment."""

    executable: Path
    env: dict[str, str] = field(default_factory=dict)
    args: tuple[str, ...] = ARGS

    def launch_options(self) -> dict[str, Any]:
        """Keywords for playwright's `launch()`, which takes `env` for the whole environment.

        Give every context a locale, `browser.new_context(locale="en-GB")`: without one the Chromium of npm
        calls itself `en-US@posix`, which Intl refuses.
        """
        env = {**os.environ, **self.env}
        return {"executable_path": str(self.executable), "env": env, "args": list(self.args)}


def find_chromium() -> Browser | None:
    """The first of: CODESIGN_CHROMIUM, playwright's own, the one unpacked in .cache, the system's."""
    return next(candidates(), None)


def candidates() -> Iterator[Browser]:
    named = os.environ.get("CODESIGN_CHROMIUM")
    if named:
        if not os.access(named, os.X_OK):
            raise FileNotFoundError(f"CODESIGN_CHROMIUM={named} is no program. Correct or unset it.")
        yield Browser(Path(named))
    yield from (Browser(path) for path in playwright_browsers())
    if (CACHE / "chromium").is_file():
        yield unpacked(CACHE)
    for name in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "google-chrome"):
        if system := shutil.which(name):
            yield Browser(Path(system))


def unpacked(folder: Path) -> Browser:
    """The browser of @sparticuz/chromium: it brings its libraries and one font, and knows neither's place."""
    libraries = [str(folder / "lib"), *filter(None, [os.environ.get("LD_LIBRARY_PATH")])]
    env = {"LD_LIBRARY_PATH": os.pathsep.join(libraries)}
    if not Path("/etc/fonts/fonts.conf").is_file():  # a bare machine: let it find its own font at least
        env["FONTCONFIG_FILE"] = str(folder / "fonts.conf")
    return Browser(folder / "chromium", env)


def playwright_browsers() -> Iterator[Path]:
    """What `playwright install chromium` put down, of the revision that the installed playwright wants."""
    spec = find_spec("playwright")
    if spec is None or spec.origin is None:
        return
    package = Path(spec.origin).parent / "driver" / "package"
    wanted = json.loads((package / "browsers.json").read_text("utf-8"))["browsers"]
    for entry in wanted:
        if entry["name"] in ("chromium", "chromium-headless-shell"):
            folder = playwright_folder(package) / f"{entry['name'].replace('-', '_')}-{entry['revision']}"
            for program in ("chrome", "headless_shell", "chrome-headless-shell"):
                yield from sorted(folder.glob(f"chrome*/{program}"))


def playwright_folder(package: Path) -> Path:
    """Where playwright keeps browsers, on Linux."""
    chosen = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "")
    if chosen == "0":
        return package / ".local-browsers"
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(chosen) if chosen else Path(cache) / "ms-playwright"
