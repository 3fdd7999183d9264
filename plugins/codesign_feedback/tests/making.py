"""What tests of the loop need: an authority, people, and a story that is owed an answer. `walking` has the steps."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign.core.authorities import Authority, create_authority, set_members, set_remit
from codesign.core.comments import post_comment
from codesign.core.contributions import Contribution
from codesign.core.settings import save_settings
from codesign.core.users import Role
from codesign.core.votes import vote_on_contribution
from codesign.events import Event
from codesign.municipalities import add_person
from codesign.testing import Town
from codesign.testing.towns import QUICK_HASH
from codesign_feedback.loop import State
from codesign_feedback.loops import Clock, Loop, get_loop
from codesign_feedback.stage import FIRST, SECOND, Held, happen, held, now
from tests.making import a_thread

DAY = timedelta(days=1)
__all__ = ["Held", "happen", "held", "now"]
PARKS, ROADS = FIRST, SECOND


def more_people(town: Town, *names: str, role: Role = Role.RESIDENT) -> None:
    """Confirmed people with these names, who can sign in; those who are there already stay."""
    with town.write() as db:
        for name in names:
            add_person(db, f"{name}@{town.slug}.example", name.title(), role, QUICK_HASH, now(town))


def an_authority(
    town: Town, title: str = PARKS, head: str = "", people: tuple[str, ...] = ("chen",), topics: tuple[int, ...] = ()
) -> int:
    """The id of a new authority, with the people who work there."""
    with town.write() as db:
        authority = create_authority(db, title)
        authority.head_id = town.person(db, head).id if head else None
        set_members(db, authority, {town.person(db, name).id for name in people})
        set_remit(db, authority, set(topics))
        return authority.id


def authority_of(db: Session, title: str = PARKS) -> Authority:
    """Made when there is none of that name."""
    return db.scalar(select(Authority).where(Authority.title == title)) or create_authority(db, title)


def decide_settings(town: Town, **values: Any) -> None:
    """Settings of the plugin in this town: `answer_days=10`."""
    with town.write() as db:
        save_settings(db, "feedback", values, now(town))


def opened(town: Town, author: str = "anna", title: str = "Three visits", **changed: Any) -> int:
    """The id of a new story that is owed an answer. `changed` are columns of it: topic_id ..."""
    with town.write() as db:
        thread = a_thread(town, db, author, title)
        for name, value in changed.items():
            setattr(thread, name, value)
        happen(town, db, "threads.started", thread, thread.author, author=author.title(), excerpt="")
        return thread.id


def take_part(town: Town, id: int, *names: str) -> None:
    """These people vote for it."""
    with town.write() as db:
        thing = db.get_one(Contribution, id)
        for name in names:
            vote_on_contribution(db, town.person(db, name), thing, 1)


def comment(town: Town, id: int, name: str, text: str = "It is so.") -> None:
    with town.write() as db:
        thing = db.get_one(Contribution, id)
        post_comment(db, thing, town.person(db, name), text, None, "en", now(town))


def next_rung(town: Town, name: str, id: int = 0) -> datetime:
    """When the next rung of the running clock of this name is due."""
    with town.read() as db:
        query = select(Clock.next_at).where(Clock.name == name, Clock.next_at.is_not(None))
        found = db.scalars(query.where(Clock.contribution_id == id) if id else query).first()
        assert found is not None, f"no clock {name} is running"
        return found


def wait_for(town: Town, name: str, id: int = 0) -> None:
    """Let time pass until the next rung of the clock of this name, and the worker find it out."""
    town.world.clock.moment = next_rung(town, name, id)
    town.tick()


def standing(town: Town, id: int) -> State:
    with town.read() as db:
        return get_loop(db, id).state


def loop_in(town: Town, id: int) -> Loop:
    with town.read() as db:
        return get_loop(db, id)


def clocks(town: Town, id: int) -> set[str]:
    """The names of its running clocks."""
    with town.read() as db:
        return set(db.scalars(select(Clock.name).where(Clock.contribution_id == id, Clock.stopped_at.is_(None))))


def events(town: Town, id: int) -> list[str]:
    """The names of what has happened in its loop."""
    with town.read() as db:
        query = select(Event.name).where(Event.contribution_id == id, Event.name.startswith("feedback."))
        return [name.removeprefix("feedback.") for name in db.scalars(query.order_by(Event.id))]
