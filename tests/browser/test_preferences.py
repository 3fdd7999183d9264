"""What I hear of, and how: in a browser, with any eyes and hands, with and without JavaScript."""

import pytest
from playwright.sync_api import expect

from codesign.core.notices import Channel, Ground
from codesign.core.preferences import refused_by
from codesign.web.addresses import unsubscribe_url
from tests.browser.conftest import Street
from tests.browser.looking import faults

PATH = "/accounts/notices"


def leaving(street: Street, ground: Ground | None) -> str:
    town = street.world.towns["alder"]
    with town.read() as db:
        url = unsubscribe_url(town.world.site, "alder", town.person(db, "anna").id, ground)
    return url.removeprefix("http://alder.localhost")


@pytest.mark.parametrize("js", [True, False])
def test_choices_are_made_with_the_keyboard_and_kept(street: Street, js: bool) -> None:
    page = street.browse("anna", js=js)
    page.goto("/accounts/settings")
    page.get_by_role("link", name="Choose what you hear of, and how").click()
    box = page.get_by_role("checkbox", name="Contributions you follow In the daily letter")
    expect(box).to_be_checked()
    box.focus()
    page.keyboard.press("Space")
    page.get_by_label("Hour of the daily letter").select_option("06:00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your choices are saved.")).to_be_visible()
    expect(box).not_to_be_checked()
    expect(page.get_by_label("Hour of the daily letter")).to_have_value("6")
    with street.world.towns["alder"].read() as db:
        assert refused_by(db, street.world.towns["alder"].person(db, "anna").id) == {(Ground.ITEM, Channel.DIGEST)}


def test_the_table_is_for_everybody(street: Street) -> None:
    for name in ("anna", "chen"):
        page = street.browse(name)
        page.goto(PATH)
        assert not (found := faults(page)), "\n".join(found)


def test_leaving_and_taking_it_back_are_for_everybody(street: Street) -> None:
    page = street.browse()
    page.goto(leaving(street, Ground.ITEM))
    assert not (found := faults(page)), "\n".join(found)
    page.get_by_role("button", name="End these letters").click()
    expect(page.get_by_role("heading", name="You get no more of these letters")).to_be_visible()
    assert not (found := faults(page)), "\n".join(found)
    page.get_by_role("button", name="Undo: I want these letters").click()
    expect(page.get_by_role("heading", name="You get these letters again")).to_be_visible()
    assert not (found := faults(page)), "\n".join(found)
