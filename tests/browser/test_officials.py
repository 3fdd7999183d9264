"""Those who run a town, in the browser: closing a debate, moderating, switching plugins."""

from playwright.sync_api import Page, expect

from codesign.testing import Town
from tests.browser.conftest import Browse
from tests.browser.residents import start_debate
from tests.making import a_reply, a_story

RUDE = "You are all fools."


def test_an_official_closes_a_debate_with_a_conclusion_that_everyone_reads(browse: Browse, alder: Town) -> None:
    alder.enable("debates")
    anna, chen = browse("anna"), browse("chen", device="phone")
    anna.goto("/")
    path = start_debate(anna)
    chen.goto(path)
    chen.get_by_role("link", name="Close").first.click()
    chen.get_by_label("What came of this debate?").fill("We heard you. The market moves to Saturday from June on.")
    chen.get_by_role("button", name="Publish the conclusion and close").click()
    expect(chen.get_by_role("heading", name="How it ended")).to_be_visible()
    anna.goto(path)
    expect(anna.locator(".conclusion")).to_contain_text("The market moves to Saturday")
    expect(anna.get_by_label("Your comment")).to_have_count(0)
    expect(anna.locator("#votes")).to_have_count(0)


def test_a_report_leads_to_hiding_and_to_a_public_entry_in_the_log(browse: Browse, alder: Town) -> None:
    id = a_story(alder)
    rude = a_reply(alder, id, author="chen", text=RUDE)
    report(browse("anna"), id, rude)
    boris = browse("boris")
    boris.goto("/")
    boris.locator("details.menu:has(form[action='/accounts/sign-out']) > summary").click()
    boris.get_by_role("link", name="Moderation", exact=True).click()
    expect(boris.locator(".queue-item")).to_contain_text(RUDE)
    boris.get_by_role("link", name="Hide it").click()
    boris.get_by_label("Insult or threat against a person").check()
    boris.get_by_label("Explanation for the author").fill("Argue with what is said, not with who says it.")
    boris.get_by_role("button", name="Hide it").click()
    expect(boris.get_by_text("Nothing is waiting.")).to_be_visible()
    stranger = browse(device="phone")
    stranger.goto(f"/threads/{id}")
    expect(stranger.locator(f"#comment-{rude}")).to_contain_text("Insult or threat against a person")
    expect(stranger.get_by_text(RUDE)).to_have_count(0)
    stranger.get_by_role("contentinfo").get_by_role("link", name="Public moderation log").click()
    expect(stranger.locator(".log-entry")).to_contain_text("Argue with what is said, not with who says it.")


def report(page: Page, story: int, comment: int) -> None:
    page.goto(f"/threads/{story}")
    page.locator(f"#comment-{comment}").get_by_role("link", name="Report").click()
    page.get_by_label("Insult or threat against a person").check()
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator(".flash")).to_have_text("Thank you. A moderator will look at it.")


def test_a_report_without_a_reason_starts_again_at_what_is_missing(browse: Browse, alder: Town) -> None:
    id = a_story(alder)
    page = browse("anna")
    page.goto(f"/contributions/{id}/report")
    page.get_by_role("button", name="Send the report").click()
    summary = page.locator(".ds-error-summary")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Please choose one of these.").click()
    expect(page.get_by_role("group", name="What is wrong with it?")).to_be_focused()


def test_switching_debates_off_takes_them_away_at_the_next_request_and_on_brings_them_back(
    browse: Browse, alder: Town
) -> None:
    alder.enable("debates")
    anna, maya = browse("anna"), browse("maya")
    anna.goto("/")
    path = start_debate(anna)
    menu = anna.get_by_role("navigation", name="Main").get_by_role("link", name="Debates")
    switch(maya, "Switch off")
    assert [anna.goto("/").status, menu.count()] == [200, 0]
    assert [anna.goto(there).status for there in (path, "/debates/")] == [404, 404]
    switch(maya, "Switch on")
    assert [anna.goto(path).status, menu.count()] == [200, 1]


def switch(page: Page, button: str) -> None:
    page.goto("/admin/plugins")
    page.locator(".switch", has_text="Debates").get_by_role("button", name=button).click()
    expect(page.locator(".flash")).to_contain_text("Debates")
