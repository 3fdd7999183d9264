"""Preparing a poll on its pages: a draft, part by part, until it is published."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from codesign.core.areas import Area, remove_area
from codesign.events import Event
from codesign.testing import Town
from codesign_polls.papers import paper_of_draft
from codesign_polls.polls import Draft, Poll
from codesign_polls.tests.drafting import DRAFT, SOON, ask_trees, begin, send, titles
from codesign_polls.tests.making import TEXT, TITLE


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("polls")


def test_an_official_drafts_a_poll_part_by_part_and_publishes_it(town: Town) -> None:
    area = town.area("Riverside")
    chen = begin(town)
    ask_trees(chen)
    assert send(chen, DRAFT, "/when", opens_on="2026-05-10", opens_time="08:00", **SOON).status_code == 303
    who = {"way": "both", "level": "2", "areas": [str(area)], "min_age": "16", "max_age": ""}
    assert send(chen, DRAFT, "/who", **who).status_code == 303
    assert send(chen, DRAFT, "/how", ballot="open", live="y", quorum_kind="percent", percent="20").status_code == 303
    answer = send(chen, DRAFT, "/publish")
    assert answer.status_code == 303
    with town.read() as db:
        poll = db.scalars(select(Poll)).one()
        told = (poll.title, poll.opens_at, poll.closes_at, poll.secret, poll.live, poll.quorum, poll.quorum_share)
        who_votes = (poll.by_account, poll.by_code, poll.min_level, poll.area_ids, poll.min_age, poll.max_age)
        assert told == (
            TITLE,
            datetime(2026, 5, 10, 8, tzinfo=UTC),
            datetime(2026, 5, 20, 20, tzinfo=UTC),
            False,
            True,
            None,
            200,
        )
        assert who_votes == (True, True, 2, [area], 16, None)
        assert (poll.url, poll.author_name, len(poll.code_salt)) == (answer.headers["location"], "Chen", 32)
        assert db.scalars(select(Draft)).all() == []
        assert [event.name for event in db.scalars(select(Event))] == ["polls.started"]
    assert titles(town) == ["Oak", "Elm", "Ash"]


def test_the_overview_shows_the_ballot_paper_and_says_what_is_missing(town: Town) -> None:
    chen = begin(town)
    first = chen.get(DRAFT).text
    assert [
        "There is no question yet" in first,
        "Say when voting closes." in first,
        "Something is still missing" in first,
    ] == [True] * 3
    ask_trees(chen)
    send(chen, DRAFT, "/when", **SOON)
    page = chen.get(DRAFT).text
    assert [
        "Something is still missing" in page,
        "Everybody can read it then" in page,
        'value="2" id="q0-2"' in page,
    ] == [False, True, True]
    assert page.count("disabled") == 1


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({}, "There is no question yet. Add at least one."),
        ({"/questions/new": {"title": TITLE, "method": "single", "options": "Oak"}}, "It needs at least two options."),
        ({"/when": {}}, "Say when voting closes."),
        ({"/when": {"opens_on": "2026-05-20", "opens_time": "20:00", **SOON}}, "Voting closes before it opens."),
        ({"/when": {"opens_on": "2026-05-03", "opens_time": "20:00", **SOON}}, "would have opened in the past"),
        ({"/when": {"closes_on": "2026-05-04", "closes_time": "08:59"}}, "would have closed in the past"),
    ],
)  # fmt: skip
def test_publishing_is_refused_with_a_sentence_that_names_what_is_missing(
    town: Town, parts: dict[str, dict[str, str]], sentence: str
) -> None:
    chen = begin(town)
    for part, fields in parts.items():
        assert send(chen, DRAFT, part, **fields).status_code == 303
    answer = send(chen, DRAFT, "/publish")
    assert (answer.status_code, sentence in answer.text.replace("&#39;", "'")) == (422, True)
    with town.read() as db:
        assert (len(db.scalars(select(Draft)).all()), db.scalars(select(Poll)).all()) == (1, [])


def test_without_an_opening_it_opens_when_it_is_published(town: Town) -> None:
    chen = begin(town)
    ask_trees(chen)
    send(chen, DRAFT, "/when", **SOON)
    town.world.clock.advance(timedelta(hours=3))
    assert send(chen, DRAFT, "/publish").status_code == 303
    with town.read() as db:
        assert db.scalars(select(Poll)).one().opens_at == town.world.clock.now()


def test_days_and_times_are_those_of_the_town(town: Town) -> None:
    settings = {"title": "Alder", "about": "", "accent": "blue", "locale": "en", "zone": "Asia/Almaty"}
    assert town.client("maya").post("/admin/settings", data=settings).status_code == 303
    chen = begin(town)
    assert send(chen, DRAFT, "/when", **SOON).status_code == 303
    with town.read() as db:
        assert paper_of_draft(db.scalars(select(Draft)).one()).closes_at == datetime(2026, 5, 20, 15, tzinfo=UTC)
    assert 'value="20:00"' in chen.get(f"{DRAFT}/when").text
    assert "20 May 2026, 20:00" in chen.get(DRAFT).text


def test_an_area_that_is_gone_is_named_before_publishing(town: Town) -> None:
    area = town.area("Riverside")
    chen = begin(town)
    ask_trees(chen)
    send(chen, DRAFT, "/when", **SOON)
    assert send(chen, DRAFT, "/who", way="account", level="2", areas=[str(area)]).status_code == 303
    with town.write() as db:
        remove_area(db, db.get_one(Area, area))
    answer = send(chen, DRAFT, "/publish")
    assert (answer.status_code, "This area is no longer there." in answer.text) == (422, True)


def test_drafts_are_listed_the_last_changed_first_page_by_page(town: Town) -> None:
    chen = town.client("chen")
    for number in range(33):
        town.world.clock.advance(timedelta(minutes=1))
        if number % 30 == 29:
            chen = town.client("chen")
        assert (
            chen.post("/polls/new", data={"title": f"Draft {number:02}", "text": TEXT, "topic": ""}).status_code == 303
        )
    first = chen.get("/polls/drafts").text
    found = re.findall(r'href="/polls/drafts/\d+">([^<]+)<', first)
    [more] = re.findall(r'href="(/polls/drafts\?after=[^"]+)"', first)
    found += re.findall(r'href="/polls/drafts/\d+">([^<]+)<', chen.get(more).text)
    assert found == [f"Draft {number:02}" for number in reversed(range(33))]
