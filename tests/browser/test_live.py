"""The bell: it counts without a reload, without JavaScript after one, by keyboard, and on the narrowest phone in the dark."""

import pytest
from playwright.sync_api import Page, expect

from codesign.testing import Town, World
from tests.browser.conftest import Browse, Street
from tests.browser.looking import faults
from tests.servers.sharing import wait_until
from tests.telling import told, told_of_a_story


def bell(page: Page, number: str) -> None:
    expect(page.locator(".bell .count")).to_have_text(number)
    visible = expect(page.locator(".bell .count"))
    visible.to_be_hidden() if number == "0" else visible.to_be_visible()


def connected(page: Page, is_so: bool = True) -> None:
    """Wait until the stream is open, or has ended."""
    wait_until(lambda: page.evaluate("Boolean(document.querySelector('.bell-number')._htmx?.sse)") == is_so)


@pytest.mark.parametrize("world_place", ["sqlite", "postgresql"], indirect=True)
def test_the_number_rises_and_falls_without_a_reload(browse: Browse, alder: Town) -> None:
    page, other = browse("anna"), browse("anna")
    for each in (page, other):
        each.goto("/topics/")
        each.evaluate("window.mark = 'the same page'")
        bell(each, "0")
        connected(each)
    _story, id = told_of_a_story(alder)
    for each in (page, other):
        bell(each, "1")
        expect(each.get_by_role("status")).to_contain_text("1 unread notice")
    told(alder, count=2)
    bell(page, "3")
    other.goto(f"/notices/{id}")
    bell(page, "2")
    assert page.evaluate("window.mark === 'the same page'")


def test_a_number_that_rises_takes_neither_focus_nor_what_was_typed(browse: Browse, alder: Town) -> None:
    story, _id = told_of_a_story(alder)
    page = browse("anna")
    page.goto(f"/threads/{story}")
    connected(page)
    page.get_by_label("Your comment").fill("Half a thought")
    page.get_by_label("Your comment").focus()
    told(alder)
    bell(page, "2")
    expect(page.get_by_label("Your comment")).to_be_focused()
    expect(page.get_by_label("Your comment")).to_have_value("Half a thought")
    page.get_by_role("button", name="Publish your comment").click()
    expect(page.locator(".comment", has_text="Half a thought")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Your comment")).to_have_value("")


def test_without_javascript_the_number_is_right_after_a_reload(browse: Browse, alder: Town) -> None:
    page = browse("anna", js=False)
    page.goto("/")
    expect(page.locator(".bell .count")).to_be_hidden()
    _story, _id = told_of_a_story(alder)
    page.reload()
    bell(page, "1")
    page.locator(".bell").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Notices")
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_text("Everything is marked as read.")).to_be_visible()
    expect(page.locator(".bell .count")).to_be_hidden()


def test_the_inbox_is_reached_and_used_by_keyboard(browse: Browse, street: Street, alder: Town) -> None:
    story, _id = told_of_a_story(alder)
    page = browse("anna")
    page.goto("/")
    page.locator(".bell").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Notices")
    page.get_by_role("link", name="New at Alder: Three visits").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(street.url(f"/threads/{story}"))
    expect(page.locator(".bell .count")).to_be_hidden()


@pytest.mark.parametrize("count", [0, 3, 120])
def test_the_inbox_and_the_bell_are_for_everybody(browse: Browse, alder: Town, count: int) -> None:
    told(alder, count=count)
    page = browse("anna")
    page.goto("/notices/")
    assert not (found := faults(page)), "\n".join(found)


def test_nobody_hears_of_a_stream_that_breaks_off(browse: Browse, street: Street, world: World, alder: Town) -> None:
    page = browse("anna")
    page.route("**/notices/stream*", lambda route: route.abort("connectionrefused"))
    page.goto("/topics/")
    page.wait_for_load_state("networkidle")
    expect(page.locator("#trouble")).to_be_hidden()
    page.unroute("**/notices/stream*")
    street.watch.complaints.clear()  # the refused connection, which is what this test is about
    world.app.state.live.most = 0
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#trouble")).to_be_hidden()
    bell(page, "0")
    street.watch.complaints.clear()  # 503, which is said to nobody
    world.app.state.live.most = 100
    page.reload()
    connected(page)


def test_who_signs_out_elsewhere_is_not_counted_for_any_longer(browse: Browse, world: World, alder: Town) -> None:
    world.app.state.live.heartbeat = 0.2
    page = browse("anna")
    page.goto("/topics/")
    connected(page)
    other = page.context.new_page()
    other.goto("/topics/")
    other.locator(".menu summary").click()
    other.get_by_role("button", name="Sign out").click()
    connected(page, False)
    assert world.app.state.live.count == 0
