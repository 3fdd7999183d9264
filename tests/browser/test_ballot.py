"""Voting in a browser: by keyboard alone, with and without JavaScript, for every eye, on every page of the way."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from codesign.testing import Town
from codesign_polls.box import grouped
from codesign_polls.codes import make_codes
from codesign_polls.polls import Poll
from codesign_polls.tests.making import a_question, poll_id
from tests.browser.conftest import Browse
from tests.browser.looking import faults
from tests.browser.test_keyboard import press, tab_to

LONG = "Unteilbar" * 12
GROUNDS = ("Limestone", "Gravel", "Brick", LONG)
NAME = "document.activeElement.textContent.replace(/\\s+/g, ' ').trim()"
RECEIPT = re.compile(r"^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$")


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("polls")


def every_method(**more: Any) -> list[Any]:
    words = {"text": f"Why it is asked, and {LONG}"}
    return [
        a_question("single", *GROUNDS, title=LONG, **words), a_question("multiple", *GROUNDS, most=2),
        a_question("ranked", *GROUNDS), a_question("score", *GROUNDS), a_question("yes_no"),
        a_question("points", *GROUNDS), a_question("text"),
    ]  # fmt: skip


def counted(town: Town, id: int, question: int = 0) -> dict[Any, int]:
    with town.read() as db:
        return dict(grouped(db, db.get_one(Poll, id), question))


def focused(page: Page, js: bool) -> str:
    """What has the focus: after the answer to the last press has come."""
    if js:
        page.wait_for_function("document.activeElement !== document.body")
    return str(page.evaluate(NAME))


@pytest.mark.parametrize("js", [True, False], ids=["with JavaScript", "without"])
def test_a_ranking_is_made_by_keyboard_and_the_focus_stays_where_the_hand_is(
    browse: Browse, town: Town, js: bool
) -> None:
    id = poll_id(town, a_question("text", title="Why?"), a_question("ranked", "Oak", "Elm", "Ash"))
    page = browse("anna", js=js)
    page.goto(f"/polls/{id}/ballot")
    page.evaluate("window.mark = 'the same page'")
    page.locator("#q0-text").fill("Typed before")
    tab_to(page, "Rank next: Oak")
    for expected in ("Rank next: Elm", "Rank next: Ash"):
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name=expected)).to_be_focused()
    page.keyboard.press("Enter")  # the last one: it is moved to its place
    up = page.get_by_role("button", name="Move Ash up, now place 3")
    expect(up).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Move Ash up, now place 2")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Move Ash down, now place 1")).to_be_focused()
    expect(page.locator(".rank-title")).to_have_text(["Ash", "Oak", "Elm"])
    press(page, "Take Oak out")
    expect(page.get_by_role("button", name="Rank next: Oak")).to_be_focused()
    assert (page.evaluate("window.mark") == "the same page") is js
    expect(page.locator("#q0-text")).to_have_value("Typed before")
    press(page, "Look at your ballot")
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this how you want to vote?")
    press(page, "Cast this ballot")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your vote is counted")
    expect(page.locator(".receipt-code")).to_have_text(RECEIPT)
    assert counted(town, id, 1) == {(2, 1): 1}


def test_enter_in_a_field_looks_at_the_ballot_and_moves_nothing(browse: Browse, town: Town) -> None:
    id = poll_id(town, a_question("ranked", "Oak", "Elm"), a_question("points", "Trees", "Benches"))
    page = browse("anna")
    page.goto(f"/polls/{id}/ballot")
    page.get_by_label("Trees").fill("4")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this how you want to vote?")
    expect(page.locator(".said dd")).to_have_text([re.compile("Left blank"), re.compile(r"Trees: 4")])


@pytest.mark.parametrize("js", [True, False], ids=["with JavaScript", "without"])
def test_what_was_typed_comes_back_with_what_is_wrong_and_can_be_put_right(
    browse: Browse, town: Town, js: bool
) -> None:
    id = poll_id(town, a_question("points", "Trees", "Benches"), a_question("text", title="Why?"))
    page = browse("anna", js=js, device="phone")
    page.goto(f"/polls/{id}/ballot")
    page.get_by_label("Trees").fill("12")
    page.locator("#q1-text").fill("First line\n\nand another")
    page.get_by_role("button", name="Look at your ballot").click()
    expect(page.get_by_role("alert")).to_contain_text("You gave 12 points; there are 10. Take some away.")
    page.get_by_label("Trees").fill("8")
    page.get_by_role("button", name="Look at your ballot").click()
    page.get_by_role("button", name="Change it").click()
    expect(page.locator("#q1-text")).to_have_value("First line\n\nand another")
    page.get_by_role("button", name="Look at your ballot").click()
    page.get_by_role("button", name="Cast this ballot").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your vote is counted")
    assert (counted(town, id, 0), counted(town, id, 1)) == ({((0, 8),): 1}, {"First line\n\nand another": 1})


def look(page: Page, path: str) -> None:
    answer = page.goto(path)
    assert answer is not None and answer.status == 200
    assert not (found := faults(page)), "\n".join(found)


def sent(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).last.click()
    page.wait_for_load_state()
    assert not (found := faults(page)), "\n".join(found)


def test_every_page_on_the_way_of_a_ballot_is_for_everybody(browse: Browse, town: Town) -> None:
    now = town.world.clock.now()
    id = poll_id(town, *every_method(), title=LONG[:100], closes_at=now + timedelta(hours=1), by_code=True)
    page = browse("anna")
    look(page, f"/polls/{id}/ballot")
    fill(page)
    assert not (found := faults(page)), "\n".join(found)
    sent(page, "Look at your ballot")
    sent(page, "Cast this ballot")
    receipt = page.locator(".receipt-code").inner_text()
    look(page, f"/polls/{id}/ballot")  # voted
    look(page, f"/polls/{id}/verify")  # not yet
    town.world.clock.advance(timedelta(hours=2))
    town.tick()
    look(page, f"/polls/{id}/verify")
    sent(page, "Count all ballots again now")
    for typed, title in ((receipt, "Your ballot is in the box."), ("AAAA" * 4, "There is no ballot with this receipt")):
        page.get_by_label("Your receipt").fill(typed)
        sent(page, "Look for my ballot")
        expect(page.get_by_role("heading", level=3)).to_contain_text(title)
    page.get_by_label("Your receipt").fill("AAAA")
    sent(page, "Look for my ballot")
    expect(page.locator("#receipt-error")).to_be_visible()


def fill(page: Page) -> None:
    """Something in each part of the paper."""
    page.locator("#q0-1").check()
    page.locator("#q1-3").check()
    for name in ("Gravel", LONG):
        page.locator("#q2").get_by_role("button", name=f"Rank next: {name}").click()
        expect(page.locator("#q2 .rank-title", has_text=name)).to_be_visible()
    page.locator("#q3 .scale").first.get_by_label("4").check()
    page.locator("#q4").get_by_label("Abstain").check()
    page.locator("#q5-3").fill("10")
    page.locator("#q6-text").fill(f"Because of {LONG}\n\nand so on")


PLACES: dict[str, Callable[[int], str]] = {
    "a stranger at the paper": lambda id: f"/polls/{id}/ballot",
    "a paper with a code": lambda id: f"/polls/{id}/ballot?by=code",
    "how secrecy is kept": lambda id: "/polls/secrecy",
}


@pytest.mark.parametrize("place", PLACES)
def test_what_strangers_meet_is_for_everybody(browse: Browse, town: Town, place: str) -> None:
    id = poll_id(town, *every_method(), title=LONG[:100], by_code=True)
    look(browse(), PLACES[place](id))


def test_a_wrong_code_and_a_paper_with_mistakes_are_for_everybody(browse: Browse, town: Town) -> None:
    id = poll_id(town, *every_method(), by_code=True)
    page = browse()
    page.goto(f"/polls/{id}/ballot?by=code")
    fill(page)
    page.locator("#q5-0").fill("99")
    page.get_by_label("Your one-time code").fill("WRONG")
    sent(page, "Look at your ballot")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("#code-error")).to_be_visible()


def test_codes_are_made_and_one_votes_with_them_on_a_phone_without_javascript(browse: Browse, town: Town) -> None:
    id = poll_id(town, a_question(), title=LONG[:100], by_code=True)
    official = browse("chen")
    look(official, f"/polls/{id}/codes")
    official.get_by_label("Where do these codes go?").fill(LONG)
    sent(official, "Make these codes")
    code = official.locator(".code-cards code").first.inner_text()
    look(official, f"/polls/{id}/codes")
    page = browse(device="phone", js=False)
    page.goto(f"/polls/{id}/ballot")
    page.get_by_role("link", name="Vote with a one-time code").click()
    page.get_by_label("Your one-time code").fill(code.lower().replace("-", " "))
    page.get_by_label("Elm").check()
    page.get_by_role("button", name="Look at your ballot").click()
    page.get_by_role("button", name="Cast this ballot").click()
    expect(page.locator(".receipt-code")).to_have_text(RECEIPT)
    assert counted(town, id) == {1: 1}


def test_who_may_not_vote_is_told_so_for_every_eye(browse: Browse, town: Town) -> None:
    now = town.world.clock.now()
    ids = [poll_id(town, min_level=2, title=LONG[:100]), poll_id(town, opens_at=now + timedelta(days=1))]
    with town.write() as db:
        chen = town.person(db, "chen")
        make_codes(db, db.get_one(Poll, ids[0]), chen, "Desk", 1, None, now)
    page = browse("anna")
    for id in ids:
        look(page, f"/polls/{id}/ballot")
