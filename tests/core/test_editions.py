"""Editions: every change that pages can show moves one, and what nobody sees moves none."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from codesign.core.comments import edit_comment, get_comment
from codesign.core.contributions import get_of_kind, touch
from codesign.core.follows import set_follow
from codesign.core.moderation import Target, report
from codesign.core.sessions import Purpose, issue_token, open_session
from codesign.core.settings import CORE, save_settings, switch
from codesign.core.threads import Thread
from codesign.core.topics import create_topic, get_topic
from codesign.core.users import User, sign_up
from codesign.core.viewers import editions_of
from codesign.core.votes import vote_on_comment, vote_on_contribution
from codesign.editions import Editions
from codesign.outbox import post
from codesign.testing import Town
from codesign.testing.towns import QUICK_HASH
from tests.making import a_comment, a_reply, a_story, a_thread

NOTHING, CONTRIBUTIONS, TOWN = Editions(0, 0), Editions(0, 1), Editions(1, 0)
Change = Callable[[Town, Session], object]


def now(town: Town) -> datetime:
    return town.world.clock.now()


CHANGES: dict[str, tuple[Editions, Change]] = {
    "reads": (NOTHING, lambda town, db: town.person(db, "anna")),
    "signs in": (NOTHING, lambda town, db: open_session(db, town.person(db, "anna"), "test", now(town))),
    "asks for a link": (NOTHING, lambda town, db: issue_token(db, town.person(db, "anna"), Purpose.RESET, now(town))),
    "reports": (NOTHING, lambda town, db: report(db, town.person(db, "boris"), Target(get_of_kind(db, Thread, 1)), "spam", "", now(town))),
    "signs up": (NOTHING, lambda town, db: sign_up(db, "new@alder.example", "New", QUICK_HASH, None, now(town))),
    "queues a letter": (NOTHING, lambda town, db: post(db, "accounts/mail/reset", "a@alder.example", None, {}, now(town))),
    "votes": (CONTRIBUTIONS, lambda town, db: vote_on_contribution(db, town.person(db, "boris"), get_of_kind(db, Thread, 1), 1)),
    "touches": (CONTRIBUTIONS, lambda town, db: touch(get_of_kind(db, Thread, 1))),
    "votes on a comment": (CONTRIBUTIONS, lambda town, db: vote_on_comment(db, town.person(db, "anna"), get_comment(db, 1), 1)),
    "comments": (CONTRIBUTIONS, lambda town, db: a_comment(town, db, 1)),
    "edits a comment": (CONTRIBUTIONS, lambda town, db: edit_comment(db, get_comment(db, 1), "Another text", now(town))),
    "writes a story": (CONTRIBUTIONS, lambda town, db: a_thread(town, db, title="Another story")),
    "follows a story": (CONTRIBUTIONS, lambda town, db: set_follow(db, town.person(db, "boris"), get_of_kind(db, Thread, 1), True)),
    "follows a topic": (CONTRIBUTIONS, lambda town, db: set_follow(db, town.person(db, "boris"), get_topic(db, "parks"), True)),
    "names a topic": (TOWN, lambda town, db: create_topic(db, "Schools")),
    "renames a topic": (TOWN, lambda town, db: setattr(get_topic(db, "parks"), "title", "Green places")),
    "renames a person": (TOWN, lambda town, db: setattr(town.person(db, "boris"), "name", "Boris the Second")),
    "renames people at once": (TOWN, lambda town, db: db.execute(update(User).values(name="Somebody"))),
    "writes plain SQL": (TOWN, lambda town, db: db.execute(text("UPDATE topic SET title = 'Green places'"))),
    "sets the town up": (TOWN, lambda town, db: save_settings(db, CORE, {"title": "Alder on the hill"}, now(town))),
    "switches a plugin on": (TOWN, lambda town, db: switch(db, "a-plugin", True, now(town))),
    "does two things": (Editions(1, 1), lambda town, db: (create_topic(db, "Schools"), a_comment(town, db, 1))),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_an_edition_moves_when_somebody(alder: Town, what: str) -> None:
    a_reply(alder, a_story(alder))
    with alder.write() as db:
        create_topic(db, "Parks")
    moved, change = CHANGES[what]
    before = editions_of(alder.store)
    with alder.write() as db:
        change(alder, db)
    after = editions_of(alder.store)
    assert Editions(after.town - before.town, after.contributions - before.contributions) == moved


def test_what_is_rolled_back_moves_no_edition(alder: Town) -> None:
    before = editions_of(alder.store)
    with pytest.raises(ZeroDivisionError), alder.write() as db:
        create_topic(db, "Schools")
        db.flush()
        1 / 0  # noqa: B018
    assert editions_of(alder.store) == before


def test_every_vote_comment_and_follow_moves_the_version_of_its_contribution(alder: Town) -> None:
    a_reply(alder, a_story(alder))
    moving = ["votes", "votes on a comment", "comments", "edits a comment", "follows a story"]
    for number, what in enumerate(moving):
        with alder.write() as db:
            CHANGES[what][1](alder, db)
        with alder.read() as db:
            assert get_of_kind(db, Thread, 1).version == 3 + number, what
