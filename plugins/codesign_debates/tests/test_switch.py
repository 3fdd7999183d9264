"""Debates switched off and on: their pages, links and rows go and come back, and nothing is lost."""

from codesign.core.comments import post_comment
from codesign.testing import Town
from codesign.testing.client import Client
from codesign.testing.html import unmarked
from codesign_debates.tests.making import a_debate

TITLE = "Market on Saturday?"
SHOWING = ["/", "/topics/markets", "/search?q=market", "/feed.atom"]


def fill(town: Town) -> tuple[int, int]:
    """The ids of a debate and of a comment on it."""
    with town.write() as db:
        debate = a_debate(town, db, TITLE, topic="Markets")
        comment = post_comment(db, debate, town.person(db, "boris"), "It is so.", None, "en", town.world.clock.now())
        return debate.id, comment.id


def urls(debate: int, comment: int) -> list[tuple[str, str]]:
    mine = f"/debates/{debate}"
    reading = ["/debates/", "/debates/?order=random", "/debates/new", mine, f"{mine}/edit", f"{mine}/close", f"/comments/{comment}",
               f"/comments/{comment}/reply", f"/comments/{comment}/replies", f"/contributions/{debate}", f"/contributions/{debate}/comments",
               f"/contributions/{debate}/report", f"/moderation/hide/comment:{comment}", f"/moderation/hide/contribution:{debate}"]  # fmt: skip
    writing = ["/debates/new", f"{mine}/edit", f"{mine}/close", f"/contributions/{debate}/vote", f"/contributions/{debate}/follow",
               f"/contributions/{debate}/comments", f"/contributions/{debate}/report", f"/comments/{comment}/vote",
               f"/comments/{comment}/reply", f"/moderation/restore/comment:{comment}", f"/moderation/dismiss/contribution:{debate}"]  # fmt: skip
    return [*(("GET", url) for url in reading), *(("POST", url) for url in writing)]


def switch(maya: Client, on: bool) -> None:
    assert maya.post("/admin/plugins/debates", data={"enabled": "1" if on else "0"}).status_code == 303


def test_switched_off_every_address_is_a_404_and_every_link_and_row_is_gone(alder: Town) -> None:
    maya = alder.client("maya")
    switch(maya, True)
    ids = fill(alder)
    assert {url: TITLE in unmarked(maya.get(url).text) for url in SHOWING} == dict.fromkeys(SHOWING, True)
    switch(maya, False)
    answers = {url: maya.request(*url).status_code for url in urls(*ids)}
    assert answers == dict.fromkeys(answers, 404)
    for name in (None, "anna", "maya"):
        for url in SHOWING:
            text = unmarked(alder.client(name).get(url).text)
            assert (TITLE in text, "/debates/" in text) == (False, False), (name, url)


def test_switched_on_again_everything_is_as_it_was(alder: Town) -> None:
    maya, anna = alder.client("maya"), alder.client("anna")
    switch(maya, True)
    debate, comment = fill(alder)
    pages = [f"/debates/{debate}", "/debates/", f"/comments/{comment}", *SHOWING]
    before = [anna.get(url).text for url in pages]
    switch(maya, False)
    switch(maya, True)
    assert [anna.get(url).text for url in pages] == before


def test_reports_and_decisions_about_debates_are_not_shown_while_they_are_off(alder: Town) -> None:
    maya = alder.client("maya")
    switch(maya, True)
    debate, _comment = fill(alder)
    assert maya.post(f"/contributions/{debate}/report", data={"reason": "spam", "detail": ""}).status_code == 303
    assert maya.post(f"/moderation/hide/contribution:{debate}", data={"reason": "spam", "note": ""}).status_code == 303
    switch(maya, False)
    for url in ("/moderation/", "/moderation/log", "/accounts/settings"):
        assert TITLE not in maya.get(url).text


def test_another_town_never_notices(alder: Town, birch: Town) -> None:
    edda = birch.client("edda")
    switch(alder.client("maya"), True)
    ids = fill(alder)
    answers = {url: edda.request(*url).status_code for url in urls(*ids)}
    assert answers == dict.fromkeys(answers, 404)
    assert "/debates/" not in edda.get("/").text
