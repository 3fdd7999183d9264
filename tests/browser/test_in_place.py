"""What JavaScript adds: the page stays, what is new appears in it, focus follows, and nothing typed is lost."""

import re

import pytest
from playwright.sync_api import Page, expect

from codesign.core.discussions import REPLIES, ROOTS
from codesign.core.sessions import SESSION_LIFE
from codesign.testing import Town, World
from tests.browser.conftest import Browse, Street
from tests.browser.residents import comment, reply, sign_in, vote
from tests.making import a_comment, a_reply, a_story


def at_story(page: Page, id: int) -> None:
    """Open the page of a story, and mark the window: a reload would lose the mark."""
    page.goto(f"/threads/{id}")
    page.evaluate("window.mark = 'the same page'")


def same_page(page: Page) -> bool:
    return bool(page.evaluate("window.mark === 'the same page'"))


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.outerHTML"))


def test_a_comment_appears_without_a_reload_and_the_composer_is_empty_again(browse: Browse, alder: Town) -> None:
    page, id = browse("anna"), a_story(alder)
    at_story(page, id)
    comment(page, "The second visit was for a stamp.")
    expect(page.get_by_label("Your comment")).to_have_value("")
    expect(page.locator("#comment-count")).to_have_text("1 comment")
    assert re.fullmatch(r"comment-\d+", focused(page))  # a screen reader goes on at what was just said
    comment(page, "And the third for a signature.")
    expect(page.locator("#comment-count")).to_have_text("2 comments")
    expect(page.locator("#comment-list > .thread")).to_have_count(2)
    assert same_page(page)


def test_the_invitation_to_comment_goes_when_the_first_comment_comes(browse: Browse, alder: Town) -> None:
    page, id = browse("anna"), a_story(alder)
    at_story(page, id)
    expect(page.get_by_text("Nobody has commented yet.")).to_be_visible()
    comment(page, "Here is one.")
    expect(page.get_by_text("Nobody has commented yet.")).to_be_hidden()


def test_a_mistake_is_explained_beside_the_field_and_the_words_stay(browse: Browse, alder: Town) -> None:
    page, id = browse("anna"), a_story(alder)
    at_story(page, id)
    page.get_by_label("Your comment").fill("x")
    page.get_by_role("button", name="Publish your comment").click()
    field = page.get_by_label("Your comment")
    expect(page.locator("#comment-form-error")).to_have_text("Write at least 2 characters.")
    expect(field).to_have_attribute("aria-describedby", "comment-form-error")
    expect(field).to_have_value("x")
    expect(field).to_be_focused()
    assert same_page(page)
    comment(page, "Longer now.")
    expect(page.locator(".ds-validation-message")).to_have_count(0)


def test_a_reply_opens_in_place_and_lands_under_what_it_answers(browse: Browse, alder: Town) -> None:
    page, id = browse("anna"), a_story(alder)
    above = a_reply(alder, id, text="Was it the same for you?")
    at_story(page, id)
    page.locator(f"#comment-{above}").get_by_role("link", name="Reply").click()
    expect(page.get_by_label("Your reply")).to_be_focused()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_label("Your reply")).to_have_count(0)
    expect(page.locator(f"#comment-{above}")).to_be_focused()
    reply(page, "Was it the same for you?", "Word for word.")
    expect(page.locator(f"#reply-{above} .comment")).to_be_focused()
    expect(page.locator("#comment-count")).to_have_text("2 comments")
    assert same_page(page)


def test_votes_are_counted_in_place_and_can_be_taken_back(browse: Browse, alder: Town) -> None:
    page, id = browse("anna"), a_story(alder, author="boris")
    at_story(page, id)
    vote(page, "#votes", "Agree")
    expect(page.locator("#votes .count")).to_have_text(["1", "0"])
    vote(page, "#votes", "Disagree")
    expect(page.locator("#votes .count")).to_have_text(["0", "1"])
    page.locator("#votes").get_by_role("button", name="Disagree").click()
    expect(page.locator("#votes .count")).to_have_text(["0", "0"])
    assert same_page(page)


def test_more_comments_and_replies_are_appended_by_keyboard(browse: Browse, alder: Town) -> None:
    id = a_story(alder)
    with alder.write() as db:
        comments = [a_comment(alder, db, id, text=f"Comment number {n}").id for n in range(ROOTS + 2)]
        for n in range(REPLIES + 3):
            a_comment(alder, db, id, parent=comments[0], text=f"Answer number {n}")
    page = browse()
    at_story(page, id)
    expect(page.locator("#comment-list > .thread")).to_have_count(ROOTS)
    page.get_by_role("link", name="Show more comments").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#comment-list > .thread")).to_have_count(ROOTS + 2)
    assert page.evaluate(f"document.getElementById('comment-{comments[ROOTS]}').contains(document.activeElement)")
    page.get_by_role("link", name="Show 3 more replies").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".reply")).to_have_count(REPLIES + 3)
    assert page.evaluate("document.activeElement.closest('.reply') !== null")
    assert same_page(page)


def test_what_was_typed_survives_a_reload_until_it_is_posted(browse: Browse, alder: Town) -> None:
    page, id = browse("anna"), a_story(alder)
    at_story(page, id)
    page.get_by_label("Your comment").fill("Half a thought")
    page.reload()
    expect(page.get_by_label("Your comment")).to_have_value("Half a thought")
    page.get_by_role("button", name="Publish your comment").click()
    expect(page.locator(".comment", has_text="Half a thought")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Your comment")).to_have_value("")


def test_a_story_typed_into_a_form_survives_leaving_it(browse: Browse, alder: Town) -> None:
    a_story(alder)
    page = browse("anna")
    page.goto("/situations/i-am-expecting-a-child/threads/new")
    page.get_by_label("In one line").fill("No lift at the registry")
    page.goto("/topics/")
    page.goto("/situations/i-am-expecting-a-child/threads/new")
    expect(page.get_by_label("In one line")).to_have_value("No lift at the registry")
    page.get_by_label("What happened").fill("The registry is on the third floor and the lift is broken.")
    page.get_by_role("button", name="Publish your story").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No lift at the registry")
    page.goto("/situations/i-am-expecting-a-child/threads/new")
    expect(page.get_by_label("In one line")).to_have_value("")


@pytest.mark.parametrize("js", [True, False], ids=["with JavaScript", "without"])
def test_a_session_that_ran_out_leads_to_signing_in_and_back(
    browse: Browse, street: Street, alder: Town, world: World, js: bool
) -> None:
    """Nothing typed is lost: with JavaScript a draft waits, without it the form is kept and sent afterwards."""
    page, id = browse("anna", js=js), a_story(alder)
    page.goto(f"/threads/{id}")
    page.get_by_label("Your comment").fill("I was about to say this")
    world.clock.advance(SESSION_LIFE)
    page.get_by_role("button", name="Publish your comment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    sign_in(page, "anna")
    if js:
        expect(page).to_have_url(street.url(f"/threads/{id}"))
        expect(page.get_by_label("Your comment")).to_have_value("I was about to say this")
    else:
        page.get_by_role("button", name="Send it now").click()
        expect(page.locator(".comment", has_text="I was about to say this")).to_be_visible()


def test_a_server_that_went_away_is_said_and_the_words_stay(browse: Browse, street: Street, alder: Town) -> None:
    page, id = browse("anna"), a_story(alder)
    at_story(page, id)
    page.get_by_label("Your comment").fill("Into the void")
    page.route("**/comments", lambda route: route.abort("connectionrefused"))
    page.get_by_role("button", name="Publish your comment").click()
    expect(page.get_by_role("alert")).to_have_text("That did not work. Please try again, or reload the page.")
    expect(page.get_by_label("Your comment")).to_have_value("Into the void")
    street.watch.complaints.clear()  # the refused connection, which is what this test is about
    page.unroute("**/comments")
    page.get_by_role("button", name="Publish your comment").click()
    expect(page.locator(".comment", has_text="Into the void")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert same_page(page)
