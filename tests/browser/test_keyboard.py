"""Hands that use no mouse, eyes that need to see where they are, and people who are made dizzy by motion."""

import pytest
from playwright.sync_api import Page, expect

from codesign.testing import Town
from codesign.testing.towns import PASSWORD
from tests.browser.conftest import Browse, Street
from tests.browser.looking import MOVING
from tests.browser.residents import QUESTION, WHY, comment
from tests.making import a_reply, a_story, a_thread

STEPS = 80  # more stops than any of these pages has
SEEN = """() => {
  const e = document.activeElement, style = getComputedStyle(e);
  const box = e.getBoundingClientRect();
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const inside = box.width > 0 && box.bottom > 0 && box.top < innerHeight;
  return (outlined || style.boxShadow !== "none") && inside ? "" : e.outerHTML.slice(0, 160);
}"""
NAME = """() => {
  const e = document.activeElement;
  const label = e.labels?.length ? e.labels[0].textContent : e.getAttribute("aria-label") || e.textContent;
  return label.replace(/\\s+/g, " ").trim();
}"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what is called so has the focus, as somebody without a mouse does."""
    passed = []
    for _step in range(STEPS):
        page.keyboard.press("Tab")
        passed.append(str(page.evaluate(NAME)))
        if passed[-1].startswith(name):
            return
    pytest.fail(f"{name!r} is not to be reached: {passed}")


def fill_in(page: Page, name: str, text: str) -> None:
    tab_to(page, name)
    page.keyboard.insert_text(text)


def press(page: Page, name: str) -> None:
    tab_to(page, name)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("js", [True, False], ids=["with JavaScript", "without"])
def test_the_main_path_needs_no_mouse(browse: Browse, alder: Town, js: bool) -> None:
    alder.enable("debates")
    page = browse(js=js)
    page.goto("/")
    press(page, "Sign in")
    page.wait_for_url("**/sign-in**")
    fill_in(page, "E-mail address", "anna@alder.example")
    fill_in(page, "Password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".flash")).to_have_text("You are signed in.")
    press(page, "Debates")
    page.wait_for_url("**/debates/")
    press(page, "Start a debate")
    page.wait_for_url("**/debates/new")
    fill_in(page, "The question, in one line", QUESTION)
    fill_in(page, "What is it about?", WHY)
    press(page, "Publish the debate")
    expect(page.get_by_role("heading", level=1)).to_have_text(QUESTION)
    takes_part(page, js)


def takes_part(page: Page, js: bool) -> None:
    path = page.url
    press(page, "Agree")
    expect(page.locator("#votes").get_by_role("button", pressed=True)).to_be_visible()
    fill_in(page, "Your comment", "I would come.")
    press(page, "Publish your comment")
    expect(page.locator(".comment", has_text="I would come.")).to_be_visible()
    press(page, "Reply")
    expect(page.get_by_label("Your reply")).to_be_visible()
    if js:  # the composer opened in place has the focus already
        page.keyboard.insert_text("So would I.")
    else:
        fill_in(page, "Your reply", "So would I.")
    press(page, "Publish reply")
    expect(page.locator(".comment", has_text="So would I.").last).to_be_visible()
    page.goto(path)
    press(page, "A Anna")
    press(page, "Sign out")
    expect(page.locator(".flash")).to_have_text("You are signed out.")


def test_the_first_stop_leads_past_the_menu_to_the_content(browse: Browse, street: Street, alder: Town) -> None:
    page, id = browse(), a_story(alder)
    page.goto(f"/threads/{id}")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page).to_have_url(street.url(f"/threads/{id}#main"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_whatever_has_the_focus_is_seen_to_have_it(browse: Browse, alder: Town, scheme: str) -> None:
    id = a_story(alder)
    a_reply(alder, id)
    page = browse("anna", scheme=scheme)
    unseen = []
    for path in ("/", f"/threads/{id}"):
        page.goto(path)
        page.keyboard.press("Tab")
        while page.evaluate("document.activeElement !== document.body"):
            unseen.append(page.evaluate(SEEN))
            page.keyboard.press("Tab")
    assert len(unseen) > 30
    assert [each for each in unseen if each] == []


def test_escape_closes_a_menu_and_leaves_the_focus_on_it(browse: Browse) -> None:
    page = browse("anna")
    page.goto("/topics/")
    menu = page.locator("details.menu", has_text="Your account")
    menu.locator("summary").press("Enter")
    expect(page.get_by_role("link", name="Your account")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Your account")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()


def test_nothing_moves_for_whom_motion_is_too_much(browse: Browse, alder: Town) -> None:
    page, id = browse("anna", reduced_motion="reduce"), a_story(alder)
    page.goto(f"/threads/{id}")
    comment(page, "Quietly.")
    page.locator(".comment").hover()
    assert page.evaluate(MOVING) == []


def test_what_people_wrote_in_another_language_says_so(browse: Browse, alder: Town) -> None:
    with alder.write() as db:
        told = a_thread(alder, db, title="Үш рет бардым")
        told.language = "kk"
        id = told.id
    page = browse()
    page.goto(f"/threads/{id}")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_have_attribute("lang", "kk")
    expect(page.locator("article .prose").first).to_have_attribute("lang", "kk")
