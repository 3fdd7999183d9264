"""Updates of an author: to those who support or follow the proposal, at most one in three days."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from codesign.core.contributions import get_of_kind
from codesign.core.follows import set_follow
from codesign.testing import Town
from codesign_proposals.proposals import Proposal, Update
from codesign_proposals.tests.making import proposal_id, supported
from codesign_proposals.tests.telling import letters, told
from codesign_proposals.updates import PAUSE
from tests.making import neighbours
from tests.test_concurrency import at_once, posting

FORM = {"title": "The council has read it", "text": "They talk about it **on Monday**, and you can listen."}


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("proposals")


def test_supporters_and_followers_are_told_once_and_it_stands_on_the_page(town: Town) -> None:
    id = proposal_id(town)
    neighbours(town, 2)
    supported(town, id, "neighbour0", "boris")
    with town.write() as db:
        for name in ("boris", "neighbour1"):
            set_follow(db, town.person(db, name), get_of_kind(db, Proposal, id), True)
    answer = town.client("anna").post(f"/proposals/{id}/updates", data=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/proposals/{id}#updates")
    assert told(town) == Counter(["neighbour0", "boris", "neighbour1"])
    letter = letters(town)[0]
    text = " ".join(letter.get_content().split())
    for words in (FORM["title"], FORM["text"], f"http://alder.localhost/proposals/{id}#updates", "support or follow"):
        assert words in text
    html = town.client().get(f"/proposals/{id}").text
    assert (FORM["title"] in html, "<strong>on Monday</strong>" in html) == (True, True)


def test_the_next_one_is_possible_three_days_after_the_last_one_to_the_second(town: Town) -> None:
    id, clock = proposal_id(town), town.world.clock
    anna = town.client("anna")
    assert anna.post(f"/proposals/{id}/updates", data=FORM).status_code == 303
    clock.advance(PAUSE - timedelta(seconds=1))
    waiting = anna.get(f"/proposals/{id}/updates").text
    assert ("possible from 7 May 2026, 09:00:00" in waiting, "<textarea" in waiting) == (True, False)
    refused = anna.post(f"/proposals/{id}/updates", data=FORM)
    assert (refused.status_code, "possible from 7 May 2026, 09:00:00" in refused.text) == (422, True)
    assert FORM["text"] in refused.text
    clock.advance(timedelta(seconds=1))
    assert "<textarea" in anna.get(f"/proposals/{id}/updates").text
    assert anna.post(f"/proposals/{id}/updates", data=FORM).status_code == 303


def test_two_updates_at_the_same_moment_are_one(town: Town) -> None:
    id = proposal_id(town)
    assert at_once([posting(town, "anna", f"/proposals/{id}/updates", FORM) for _tab in range(4)]) == [
        303,
        422,
        422,
        422,
    ]
    with town.read() as db:
        assert db.scalar(select(func.count()).select_from(Update)) == 1


@pytest.mark.parametrize("name", ["boris", "chen", "maya"])
def test_only_its_author_writes_them(town: Town, name: str) -> None:
    id = proposal_id(town)
    assert town.client(name).post(f"/proposals/{id}/updates", data=FORM).status_code == 403
    html = town.client(name).get(f"/proposals/{id}/updates").text
    assert ("not written an update yet" in html, "<textarea" in html) == (True, False)


def test_a_withdrawn_or_hidden_proposal_has_no_new_updates(town: Town) -> None:
    now = town.world.clock.now()
    withdrawn, hidden = proposal_id(town, withdrawn_at=now), proposal_id(town, "Another roof", hidden_at=now)
    anna = town.client("anna")
    assert anna.post(f"/proposals/{withdrawn}/updates", data=FORM).status_code == 403
    assert anna.post(f"/proposals/{hidden}/updates", data=FORM).status_code == 404
    assert anna.get(f"/proposals/{hidden}/updates").status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", ""), ("title", "x" * 121), ("title", " \n "), ("text", ""), ("text", "too short"), ("text", "x" * 5001)],
)
def test_what_cannot_be_an_update_comes_back_with_what_was_typed(town: Town, field: str, value: str) -> None:
    id = proposal_id(town)
    answer = town.client("anna").post(f"/proposals/{id}/updates", data={**FORM, field: value})
    assert (answer.status_code, f'id="{field}-error"' in answer.text) == (422, True)
    other = "text" if field == "title" else "title"
    assert FORM[other] in answer.text
    with town.read() as db:
        assert db.scalar(select(func.count()).select_from(Update)) == 0


def test_many_updates_are_paged_newest_first_and_the_page_of_the_proposal_shows_three(town: Town) -> None:
    id, now = proposal_id(town), town.world.clock.now()
    with town.write() as db:
        for number in range(25):
            moment = now + number * PAUSE
            row = {"title": f"News {number:02}", "text": "x", "html": "", "created_at": moment, "proposal_id": id}
            db.add(Update(**{**row, "html": get_of_kind(db, Proposal, id).html}))
    client, url, found = town.client(), f"/proposals/{id}/updates", []
    while url:
        html = client.get(url).text
        found += [line.split("<")[0] for line in html.split('<h3 lang="en">')[1:]]
        more = re.search(r'rel="next" href="([^"]+)"', html)
        url = more[1].replace("&amp;", "&") if more else ""
    assert found == [f"News {number:02}" for number in reversed(range(25))]
    shown = town.client().get(f"/proposals/{id}").text
    assert [f"News {number:02}" in shown for number in (24, 23, 22, 21)] == [True, True, True, False]
    assert f'href="/proposals/{id}/updates"' in shown
