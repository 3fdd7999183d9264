"""The main path: sign up, start a debate, comment, reply, vote, follow, sign out, on phone and desk."""

import re

import pytest
from playwright.sync_api import Page, expect

from codesign.testing import Town
from tests.browser.conftest import Browse, Street
from tests.browser.residents import QUESTION, comment, reply, sign_out, sign_up, start_debate, vote

WAYS = [
    pytest.param("phone", True, "sqlite", id="on a phone"),
    pytest.param("desk", True, "sqlite", id="at a desk"),
    pytest.param("phone", False, "postgresql", id="on a phone without JavaScript, on PostgreSQL"),
    pytest.param("desk", False, "sqlite", id="at a desk without JavaScript"),
]


@pytest.mark.parametrize(("device", "js", "world_place"), WAYS, indirect=["world_place"])
def test_two_neighbours_debate_from_signing_up_to_signing_out(
    browse: Browse, alder: Town, device: str, js: bool
) -> None:
    alder.enable("debates")
    vera = browse(device=device, js=js)
    sign_up(vera, alder, "Vera", "vera@example.org")
    path = start_debate(vera)
    comment(vera, "I would come every week.")
    another_answers(browse("anna", device=device, js=js), path)
    vera.goto(path)
    reply(vera, "Where would we park?", "Behind the school, it is empty on Saturdays.")
    vera.goto(path)
    expect(vera.locator("#comment-count")).to_have_text("3 comments")
    votes_and_follows(vera, path, "Where would we park?")
    sign_out(vera)
    vera.goto(path)
    expect(vera.get_by_role("heading", level=1)).to_have_text(QUESTION)
    expect(vera.get_by_role("link", name="Sign in to write a comment")).to_be_visible()


def another_answers(page: Page, path: str) -> None:
    page.goto(path)
    comment(page, "Where would we park?")
    page.goto(path)
    vote(page, "#votes", "Disagree")


def votes_and_follows(page: Page, path: str, words: str) -> None:
    vote(page, "#votes", "Agree")
    expect(page.locator("#votes .count")).to_have_text(["1", "1"])
    theirs = page.locator(".comment", has_text=words).first
    theirs.get_by_role("button", name=re.compile("^Agree")).click()
    expect(page.locator(".comment", has_text=words).first.locator(".votes .count")).to_have_text(["1", "0"])
    page.goto(path)
    page.get_by_role("button", name="Stop following").click()  # who starts a debate follows it
    page.get_by_role("button", name="Follow", exact=True).click()
    expect(page.get_by_role("button", name="Stop following")).to_be_visible()


def test_a_stranger_who_votes_is_asked_to_sign_in_and_comes_back(browse: Browse, street: Street, alder: Town) -> None:
    alder.enable("debates")
    anna = browse("anna")
    anna.goto("/")
    path = start_debate(anna)
    stranger = browse()
    stranger.goto(path)
    stranger.locator("#votes").get_by_role("button", name=re.compile("^Agree")).click()
    expect(stranger).to_have_url(street.url(f"/accounts/sign-in?next={path.replace('/', '%2F')}"))
