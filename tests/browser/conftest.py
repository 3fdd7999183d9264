"""Real people's tools: a Chromium, a uvicorn on a loopback port, and a watch over everything that goes wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from codesign.core.sessions import open_session
from codesign.testing import Town, World
from tests.browser.watching import Watch
from tests.servers.chromium import find_chromium
from tests.servers.web import serving

HERE = Path(__file__).parent
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
DEVICES = {"phone": PHONE, "desk": DESK}
PATIENCE = 10_000  # milliseconds; machines that run tests are busy


WITHOUT = "no Chromium, so no test in a browser is run: python -m tools.get_chromium gets one"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a browser one test stands for all: it is skipped with the only line, and the others are left out."""
    ours = sorted((item for item in items if HERE in item.path.parents), key=lambda item: item.nodeid)
    for item in ours:
        item.add_marker(pytest.mark.browser)
    if ours and find_chromium() is None:
        ours[0].add_marker(pytest.mark.skip(reason=WITHOUT))
        left_out = set(ours[1:])
        config.hook.pytest_deselected(items=ours[1:])
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for each process that runs tests. It goes before other tests come: playwright keeps an event
    loop running in the main thread."""
    found = find_chromium()
    if found is None:
        pytest.skip(WITHOUT)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**found.launch_options())
        yield browser
        browser.close()


@pytest.fixture(params=["sqlite"])
def world_place(world_place: tuple[Path, str]) -> tuple[Path, str]:
    """What a browser sees does not depend on the database: one is enough, where a test does not ask for both."""
    return world_place


@dataclass
class Street:
    """Where the towns of a world are, and the browsers that people open there."""

    world: World
    chromium: Browser
    port: int
    watch: Watch
    contexts: list[Any] = field(default_factory=list)

    def url(self, path: str = "/", town: str = "alder") -> str:
        host = f"{town}.localhost" if town else "localhost"
        return f"http://{host}:{self.port}{path}"

    def browse(
        self, name: str | None = None, device: str = "desk", js: bool = True, scheme: str = "light", **more: Any
    ) -> Page:
        """A page in a browser of its own, of somebody of the cast who is signed in, or of a stranger."""
        options = {**DEVICES[device], "locale": "en-GB", "java_script_enabled": js, "color_scheme": scheme, **more}
        context = self.chromium.new_context(base_url=self.url(), **options)
        context.set_default_timeout(PATIENCE)
        self.watch.over(context)
        self.contexts.append(context)
        if name is not None:
            town = self.world.towns["alder"]
            context.add_cookies([{"name": "codesign", "value": signed_in(town, name), "url": self.url()}])
        return context.new_page()

    def leave(self) -> None:
        for context in self.contexts:
            context.close()


def signed_in(town: Town, name: str) -> str:
    """The token of a new session."""
    with town.write() as db:
        return open_session(db, town.person(db, name), "test", town.world.clock.now())


@pytest.fixture
def street(world: World, chromium: Browser) -> Iterator[Street]:
    with serving(world.app) as port:
        made = Street(world, chromium, port, Watch(port))
        yield made
        made.leave()
    assert made.watch.complaints == []


Browse = Callable[..., Page]


@pytest.fixture
def browse(street: Street) -> Browse:
    return street.browse
