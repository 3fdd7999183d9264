"""Every page, in both colour schemes, with long words, empty and with mistakes: nothing that axe-core finds."""

import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from starlette.routing import BaseRoute, Mount, Route

from codesign.testing import Clock, World
from tests.browser.conftest import Street
from tests.browser.full_town import Places, fill
from tests.browser.looking import faults
from tests.browser.watching import Watch
from tests.servers.web import serving

LISTED = tomllib.loads(Path(__file__).with_name("pages.toml").read_text("utf-8"))


def named(rows: list[list[Any]]) -> list[Any]:
    return [pytest.param(*row, id=" ".join(f"{part or 'a stranger'}" for part in row)) for row in rows]


@pytest.fixture(scope="module")
def town(
    chromium: Browser, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Street, Places]]:
    """One filled town for all pages: they are only looked at."""
    folder = tmp_path_factory.mktemp("full") / "data"
    shutil.copytree(sqlite_template, folder)
    with World(folder, "", Clock()) as world, serving(world.app) as port:
        yield Street(world, chromium, port, Watch(port)), fill(world.towns["alder"])


@pytest.fixture
def full(town: tuple[Street, Places]) -> Iterator[tuple[Street, Places]]:
    street, _places = town
    yield town
    street.leave()
    complaints, street.watch.complaints[:] = list(street.watch.complaints), []
    assert complaints == []


@pytest.mark.parametrize(("who", "path"), named(LISTED["pages"]))
def test_a_page_is_for_everybody(full: tuple[Street, Places], who: str, path: str) -> None:
    street, places = full
    page = street.browse(who or None)
    answer = page.goto(path.format(**places))
    assert answer is not None
    assert answer.status == 200
    assert not (found := faults(page)), "\n".join(found)


@pytest.mark.parametrize(("who", "path", "status"), named(LISTED["refusals"]))
def test_a_refusal_is_for_everybody(full: tuple[Street, Places], who: str, path: str, status: int) -> None:
    street, places = full
    page = street.browse(who or None)
    answer = page.goto(path.format(**places))
    assert answer is not None
    assert answer.status == status
    assert not (found := faults(page)), "\n".join(found)


@pytest.mark.parametrize(("who", "path", "button"), named(LISTED["forms"]))
def test_a_form_that_comes_back_says_what_is_missing_to_everybody(
    full: tuple[Street, Places], who: str, path: str, button: str
) -> None:
    street, places = full
    page = street.browse(who or None)
    page.goto(path.format(**places))
    form = page.locator("main form", has=page.get_by_role("button", name=button, exact=True))
    for field in form.locator("textarea, input[type=text], input[type=email]").all():
        field.fill("")
    form.get_by_role("button", name=button, exact=True).click()
    mistakes = page.locator("[aria-invalid=true], .ds-validation-message")
    expect(mistakes.first).to_be_visible()
    assert not (found := faults(page)), "\n".join(found)


def test_the_list_of_towns_is_for_everybody(full: tuple[Street, Places]) -> None:
    street, _places = full
    page = street.browse()
    page.goto(street.url(town=""))
    assert not (found := faults(page)), "\n".join(found)


def test_no_page_of_the_application_is_left_out(full: tuple[Street, Places]) -> None:
    street, _places = full
    paths = [path.partition("?")[0] for _who, path in LISTED["pages"]]
    missing = [
        route
        for route in readable(street.world.app.routes)
        if route not in LISTED["no_pages"]
        and not any(re.fullmatch(re.sub(r"{[^}]*}", "[^/]+", route), path) for path in paths)
    ]
    assert missing == []


def readable(routes: list[BaseRoute], prefix: str = "") -> Iterator[str]:
    """The paths of every GET route, without the converters of their parameters."""
    for route in routes:
        if isinstance(route, Mount):
            yield from readable(list(route.routes), prefix + route.path)
        elif isinstance(route, Route) and "GET" in (route.methods or ()):
            yield prefix + re.sub(r":\w+}", "}", route.path)
