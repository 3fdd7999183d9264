"""Strings that broke other people's sites, read in a real browser as names, titles, texts and comments.

Dialogs, requests to other hosts, blocked scripts and errors in the console fail each test by themselves (watching.py).
"""

from itertools import islice
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from codesign.core.comments import post_comment
from codesign.core.contributions import TITLE_LENGTHS
from codesign.core.threads import Thread, start_thread
from codesign.core.users import NAME_LENGTH, User
from codesign.markup import clean
from codesign.testing import Town
from tests.browser.conftest import Browse
from tests.making import a_situation, a_thread
from tests.nasty import fitting, payloads, strings

PARTS = 6
LIVELY = ("<", "javascript:", '"', "{{")
OURS = [
    "<script>window.__pwned = 1</script>",
    '"><script src=/static/evil.js></script>',
    "<img src=x onerror='window.__pwned = 1'>",
    "'\"--></title></textarea></style><svg/onload=window.__pwned=1>",
    "[press me](javascript:window.__pwned=1) <a href=javascript:window.__pwned=1>or me</a>",
    "![picture](https://elsewhere.example/x.png) <img src=//elsewhere.example/y.png>",
    "<form action=https://elsewhere.example/><button>Sign in</button></form>",
    "<meta http-equiv=refresh content=0;url=https://elsewhere.example/>",
    "<button hx-on:click='window.__pwned=1' hx-get=/accounts/sign-out hx-trigger=load>x</button>",
]
SUSPECT = """() => [...document.querySelectorAll("*")].filter((e) =>
    [...e.attributes].some(({ name }) => /^(on|style$|srcdoc$|hx-on|data-hx-on)/.test(name))
    || (e.matches("script") && !new URL(e.src || "x:").pathname.startsWith("/static/"))
    || e.matches("iframe, object, embed, base, style, meta[http-equiv]")
    || (e.matches("a[href], area[href]") && !/^(https?|mailto):$/.test(e.protocol))
    || (e.closest(".prose, .entry, h1, h3, title") && e.matches("form, input, button, [hx-get], [hx-post], [id^=clob]"))
  ).map((e) => e.outerHTML.slice(0, 200)).concat(window.__pwned ? ["a script ran"] : [])"""


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_that_people_write_runs_in_the_browser_of_others(
    browse: Browse, alder: Town, shared_data: Path, part: int
) -> None:
    every = [*OURS, *strings(shared_data), *payloads(shared_data)]
    with alder.write() as db:
        talk, stories = plant(alder, db, list(islice(every, part, None, PARTS)))
    page = browse("anna")
    walk(page, f"/threads/{talk}", "Show more comments")
    walk(page, "/situations/i-am-expecting-a-child", "Next page")
    for story in stories:
        look(page, f"/threads/{story}")


def plant(town: Town, db: Session, texts: list[str]) -> tuple[int, list[int]]:
    """Returns a story with all as comments, and a story for each of those that look like markup."""
    now, talk = town.world.clock.now(), a_thread(town, db)
    situation = a_situation(db)
    lively = []
    for text in texts:
        author = User(name=clean(fitting(text, 2, NAME_LENGTH)), created_at=now)
        db.add(author)
        db.flush()
        words = clean(fitting(text, 2, 5000))
        story: Thread = start_thread(db, situation, author, clean(fitting(text, *TITLE_LENGTHS)), words, "en", now)
        post_comment(db, talk, author, words, None, "en", now)
        if any(sign in text for sign in LIVELY):
            lively.append(story.id)
    return talk.id, lively


def walk(page: Page, path: str, onward: str) -> None:
    """Look at a page and at all that come after it."""
    while path:
        look(page, path)
        more = page.get_by_role("link", name=onward)
        path = more.get_attribute("href") or "" if more.count() else ""


def look(page: Page, path: str) -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200, path
    assert page.evaluate(SUSPECT) == [], path
