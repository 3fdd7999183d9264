"""What residents do in a browser, told as they would tell it. Works with and without JavaScript."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from codesign.testing import Town
from codesign.testing.towns import PASSWORD

QUESTION = "Should the market move to Saturday?"
WHY = "On weekdays most of us work. On Saturday families could come, and the square is free of cars."


def sign_up(page: Page, town: Town, name: str, email: str) -> None:
    """From the front page to a confirmed account, by the letter in the mailbox of the test site."""
    page.goto("/")
    page.get_by_role("banner").get_by_role("link", name="Sign in").click()
    page.get_by_role("link", name="Create your account").click()
    page.get_by_label("Your name").fill(name)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create your account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")
    town.send_mail()
    page.goto("/-/mail")
    page.locator(".entry", has_text=email).first.get_by_role("link").click()
    page.get_by_role("link", name="/accounts/confirm").click()
    page.get_by_role("button", name="Confirm my address").click()
    expect(page.locator(".flash")).to_contain_text(f"Welcome, {name}.")


def sign_in(page: Page, name: str, town: str = "alder") -> None:
    """On the page for signing in, where one may have been sent."""
    page.get_by_label("E-mail address").fill(f"{name}@{town}.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def sign_out(page: Page) -> None:
    page.locator("details.menu:has(form[action='/accounts/sign-out']) > summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator(".flash")).to_have_text("You are signed out.")


def start_debate(page: Page, title: str = QUESTION, text: str = WHY) -> str:
    """Returns its path."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Debates").click()
    page.get_by_role("link", name=re.compile("Start (a|the first) debate")).first.click()
    page.get_by_label("The question, in one line").fill(title)
    page.get_by_label("What is it about?").fill(text)
    page.get_by_role("button", name="Publish the debate").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    return urlsplit(page.url).path


def comment(page: Page, text: str) -> None:
    page.get_by_label("Your comment").fill(text)
    page.get_by_role("button", name="Publish your comment").click()
    expect(page.locator(".comment", has_text=text)).to_be_visible()


def reply(page: Page, to: str, text: str) -> None:
    page.locator(".comment", has_text=to).first.get_by_role("link", name="Reply").click()
    page.get_by_label("Your reply").fill(text)
    page.get_by_role("button", name="Publish reply").click()
    expect(page.locator(".comment", has_text=text).last).to_be_visible()


def vote(page: Page, place: str, button: str) -> None:
    """Press a vote button in a place given by a selector, and see that it stays pressed."""
    named = re.compile(f"^{button}")
    page.locator(place).get_by_role("button", name=named).click()
    expect(page.locator(place).get_by_role("button", name=named, pressed=True)).to_be_visible()
