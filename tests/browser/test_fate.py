"""The fate of a contribution in the browser: one tap says whether it is done, and a long story unfolds."""

from playwright.sync_api import Page, expect

from codesign.testing import Town
from codesign_feedback.tests import walking
from codesign_feedback.tests.making import more_people, opened, take_part
from tests.browser.conftest import Browse


def being_asked(town: Town) -> int:
    town.enable("feedback")
    more_people(town, "dana")
    id = opened(town)
    take_part(town, id, "boris", "dana")
    walking.asked(town, id)
    return id


def button(page: Page, name: str) -> str:
    return str(page.get_by_role("button", name=name).get_attribute("aria-pressed"))


def test_one_tap_counts_in_place_and_the_focus_stays_on_the_button(browse: Browse, alder: Town) -> None:
    id = being_asked(alder)
    page = browse("anna", device="phone")
    page.goto(f"/threads/{id}")
    page.evaluate("window.mark = 'the same page'")
    page.get_by_role("button", name="Yes, it is done").press("Enter")
    expect(page.get_by_text("1 of 1 says it is done")).to_be_visible()
    assert (button(page, "Yes, it is done"), button(page, "No, it is not")) == ("true", "false")
    assert page.evaluate("[window.mark, document.activeElement.id]") == ["the same page", "done-yes"]
    page.get_by_role("button", name="No, it is not").click()
    expect(page.get_by_text("0 of 1 says it is done")).to_be_visible()
    page.get_by_role("link", name="Tell the town what is missing").click()
    page.get_by_label("What is missing, or what is good?").fill("The lamp is dark.")
    page.get_by_role("button", name="No, it is not").click()
    expect(page.locator(".flash")).to_have_text("Thank you. Your reply is counted.")


def test_a_long_story_unfolds_with_the_keyboard(browse: Browse, alder: Town) -> None:
    id = opened(alder.enable("feedback"))
    walking.answer(alder, id)
    walking.commit(alder, id)
    for _month in range(10):
        walking.progress(alder, id)
    page = browse("anna")
    page.goto(f"/threads/{id}")
    first = page.get_by_text("The story was published")
    expect(first).to_be_hidden()
    page.get_by_text("7 earlier steps").press("Enter")
    expect(first).to_be_visible()
