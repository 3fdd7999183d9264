"""The demonstration: in each language the contributions of the example town have fates in every interesting state."""

import random
import tomllib
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from codesign.core.areas import ensure_area
from codesign.core.authorities import create_authority, set_members
from codesign.core.contributions import Contribution
from codesign.core.life import create_situation
from codesign.core.topics import create_topic
from codesign.core.users import User
from codesign.events import Announcement, Event
from codesign.kit import Garden
from codesign.outbox import Message
from codesign.paths import PACKAGE
from codesign.testing import Town
from codesign_feedback.loop import Outcome, State
from codesign_feedback.loops import Clock, Loop
from codesign_feedback.planting import plant

LANGUAGES = ("en", "es", "kk")
STATES = Counter({State.CLOSED: 2, State.ASSIGNED: 1, State.DISPUTED: 2})
"""Of the stories that the plugin tells by itself."""


def texts(locale: str) -> Mapping[str, Any]:
    return tomllib.loads((PACKAGE / "examples" / f"{locale}.toml").read_text())


def planted(town: Town, locale: str) -> None:
    """The fates of a language, in a town with the situations, topics and authorities of its example."""
    now, told = town.world.clock.now(), texts(locale)
    with town.write() as db:
        people = [User(name=name, created_at=now, confirmed_at=now) for name in told["names"]]
        db.add_all(people)
        db.flush()
        staff = {name: town.person(db, name) for name in ("anna", "boris", "chen")}
        topics = {row["title"]: create_topic(db, row["title"]).id for row in told["topics"]}
        areas = {title: ensure_area(db, title) for title in told["areas"]}
        made = [create_authority(db, row["title"]) for row in told["authorities"]]
        for authority in made:
            set_members(db, authority, {staff["chen"].id})
        for row in told["situations"]:
            create_situation(db, row["title"], row["summary"])
        authorities = {authority.title: authority.id for authority in made}
        plant(Garden(db, locale, people, staff, topics, areas, now, random.Random(locale), authorities))


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_stories_of_the_plugin_end_in_every_interesting_state(alder: Town, locale: str) -> None:
    planted(alder.enable("feedback"), locale)
    with alder.read() as db:
        loops = list(db.scalars(select(Loop)))
        assert Counter(loop.state for loop in loops) == STATES
        assert Counter(loop.outcome for loop in loops if loop.outcome) == {Outcome.VERIFIED: 1, Outcome.UNVERIFIED: 1}
        assert [loop.appealing for loop in loops if loop.state is State.DISPUTED].count(True) == 1
        assert sum(loop.overdue_at is not None for loop in loops) == 1
        assert db.scalar(select(func.count()).where(Clock.next_at <= alder.world.clock.now())) == 0


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_timeline_is_in_order_and_nobody_is_told_of_the_past(alder: Town, locale: str) -> None:
    planted(alder.enable("feedback"), locale)
    with alder.read() as db:
        rows = db.execute(select(Event.contribution_id, Event.at).order_by(Event.contribution_id, Event.id)).all()
        assert len(rows) > 30
        assert [tuple(row) for row in rows] == sorted(tuple(row) for row in rows)
        assert max(row.at for row in rows) <= alder.world.clock.now()
        assert [db.scalar(select(func.count()).select_from(table)) for table in (Announcement, Message)] == [0, 0]


@pytest.mark.parametrize("locale", LANGUAGES)
def test_everything_planted_can_be_read_and_the_front_page_shows_what_was_done(alder: Town, locale: str) -> None:
    planted(alder.enable("feedback"), locale)
    client = alder.client()
    with alder.read() as db:
        urls = [thing.url for thing in db.scalars(select(Contribution))]
    for url in [*urls, "/", "/feedback/", "/feedback/overdue"]:
        assert client.get(url).status_code == 200, url
    front, told = (
        client.get("/").text,
        tomllib.loads((PACKAGE.parent / "plugins" / "codesign_feedback" / "examples" / f"{locale}.toml").read_text()),
    )
    assert told["stories"][0]["title"] in front
    assert 'class="picture"' in front
