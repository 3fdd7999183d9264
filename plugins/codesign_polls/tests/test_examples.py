"""The polls of the demonstration: in each language one open, one to come and one counted, all as a town would ask them."""

import random
import tomllib
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from codesign.core.areas import ensure_area
from codesign.core.topics import create_topic
from codesign.core.users import User
from codesign.kit import Garden
from codesign.paths import PACKAGE
from codesign.testing import Town
from codesign_polls.checking import question_lacks
from codesign_polls.definition import Method, definition_of
from codesign_polls.outcome import outcome_of
from codesign_polls.planting import plant
from codesign_polls.polls import Poll, phase_of

LANGUAGES = ("en", "es", "kk")


def texts(locale: str) -> Mapping[str, Any]:
    return tomllib.loads((PACKAGE / "examples" / f"{locale}.toml").read_text())


def planted(town: Town, locale: str) -> list[Poll]:
    """The polls of a language, in a town with the topics and areas of its example."""
    now, told = town.world.clock.now(), texts(locale)
    with town.write() as db:
        people = [User(name=name, created_at=now, confirmed_at=now) for name in told["names"]]
        db.add_all(people)
        db.flush()
        staff = {name: town.person(db, name) for name in ("anna", "boris", "chen")}
        topics = {row["title"]: create_topic(db, row["title"]).id for row in told["topics"]}
        areas = {title: ensure_area(db, title) for title in told["areas"]}
        plant(Garden(db, locale, people, staff, topics, areas, now, random.Random(locale)))
    with town.read() as db:
        return list(db.scalars(select(Poll).order_by(Poll.id)))


@pytest.mark.parametrize("locale", LANGUAGES)
def test_each_town_has_a_poll_in_every_phase_with_a_topic_and_questions_that_can_be_held(
    alder: Town, locale: str
) -> None:
    polls = planted(alder.enable("polls"), locale)
    now = alder.world.clock.now()
    assert [phase_of(poll, now) for poll in polls] == ["open", "upcoming", "closed"]
    assert [poll.topic_id is not None and poll.language == locale for poll in polls] == [True] * 3
    questions = [question for poll in polls for question in definition_of(poll.definition).questions]
    assert [lack for question in questions for lack in question_lacks(question)] == []
    methods = {question.method for question in definition_of(polls[0].definition).questions}
    assert (polls[0].secret, methods) == (True, {Method.SINGLE, Method.RANKED})


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_open_poll_has_votes_and_the_closed_one_is_counted_with_one_winner_each(alder: Town, locale: str) -> None:
    still_open, upcoming, closed = planted(alder.enable("polls"), locale)
    outcome = outcome_of(closed)
    assert outcome is not None
    assert [poll.voter_count > 20 for poll in (still_open, upcoming, closed)] == [True, False, True]
    assert [len(tally["winners"]) for tally in outcome.tallies if tally] == [1, 1]
    for poll in (still_open, upcoming, closed):
        assert alder.client().get(poll.url).status_code == 200
