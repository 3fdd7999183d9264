"""Events: what happened to a contribution, append-only. Who must hear of one is told afterwards, in small steps."""

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from codesign.core.contributions import Contribution, get_contribution
from codesign.core.users import Role, User
from codesign.db import Base, Id
from codesign.editions import SHOWN_NOWHERE, SHOWN_WITH_CONTRIBUTIONS
from codesign.outbox import tell
from codesign.plugins import Hooks, ordered
from codesign.types import Audience, Kind

STEP = 2500
"""How many people one transaction tells: less than 0.1 seconds, in which SQLite lets nobody else write."""
SETBACK = timedelta(minutes=5)
"""How long an announcement waits whose plugin failed or is not installed."""
IN_TOPIC, IN_SITUATION = text("topic_id IS NOT NULL"), text("situation_id IS NOT NULL")
OF_AUTHORITY = text("authority_id IS NOT NULL")
WHOLE = text("comment_id IS NULL")
"""What happened to the contribution itself, among thousands of comments."""


class Side(enum.StrEnum):
    """Who caused an event."""

    RESIDENT = "resident"
    AUTHORITY = "authority"
    MODERATOR = "moderator"
    CLOCK = "clock"
    """Nobody: time, or another event."""
    ELSEWHERE = "elsewhere"
    """It arrived from another system."""


SIDES = {
    Role.RESIDENT: Side.RESIDENT,
    Role.MODERATOR: Side.MODERATOR,
    Role.OFFICIAL: Side.AUTHORITY,
    Role.ADMINISTRATOR: Side.AUTHORITY,
}


class Event(Base):
    __tablename__ = "event"
    id: Mapped[Id]
    name: Mapped[str]
    """`moderation.hide`: the package that records it, then what happened."""
    contribution_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    origin: Mapped[Side] = mapped_column(default=Side.CLOCK, server_default="clock")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What its letters say: the title of the contribution at that moment, and what `record` was given."""
    at: Mapped[datetime]
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    """With the next two: the places whose followers read of it. Empty for what happened to a comment."""
    situation_id: Mapped[int | None] = mapped_column(ForeignKey("situation.id"))
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"))
    """Of the authority that `data` names."""
    __table_args__ = (
        Index("ix_event_contribution", "contribution_id", "id"),
        Index("ix_event_timeline", "contribution_id", "id", sqlite_where=WHOLE, postgresql_where=WHOLE),
        Index("ix_event_topic", "topic_id", "id", sqlite_where=IN_TOPIC, postgresql_where=IN_TOPIC),
        Index("ix_event_situation", "situation_id", "id", sqlite_where=IN_SITUATION, postgresql_where=IN_SITUATION),
        Index("ix_event_authority", "authority_id", "id", sqlite_where=OF_AUTHORITY, postgresql_where=OF_AUTHORITY),
        {"info": SHOWN_WITH_CONTRIBUTIONS},
    )


class Announcement(Base):
    """An event of which not everyone has been told yet. Gone when everyone has."""

    __tablename__ = "announcement"
    __table_args__ = {"info": SHOWN_NOWHERE}
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    plan: Mapped[str]
    """The letters of all audiences, in order. A plugin that is switched changes them, and it begins anew."""
    part: Mapped[int] = mapped_column(default=0)
    """Which of the audiences is being told."""
    after: Mapped[int] = mapped_column(default=0)
    """The greatest user id of this audience that has been told."""
    due_at: Mapped[datetime]
    """When it was last its turn: whoever waits longest is next. In the future after a failure."""
    created_at: Mapped[datetime]


@dataclass(frozen=True)
class Happening:
    """An event, with the objects it is about."""

    event: Event
    thing: Contribution
    actor: User | None

    @property
    def name(self) -> str:
        return self.event.name


def record(
    db: Session,
    hooks: Hooks,
    name: str,
    thing: Contribution,
    actor: User | None,
    now: datetime,
    comment_id: int | None = None,
    **data: Any,
) -> Event:
    """Write an event in the caller's transaction, what plugins make of it, and that it must be announced if anyone has
    to hear of it.

    `data` must fit into JSON; an `authority_id` in it names the authority that is meant. The worker tells the audience
    afterwards: 500,000 followers cost the caller nothing.
    """
    event = Event(
        name=name, contribution_id=thing.id, comment_id=comment_id, actor_id=actor.id if actor else None,
        origin=SIDES[actor.role] if actor else Side.CLOCK, data={"title": thing.title, **data}, at=now,
        **({} if comment_id else _places(thing, data)),
    )  # fmt: skip
    db.add(event)
    db.flush()
    happening = Happening(event, thing, actor)
    audiences = _audiences(db, hooks, happening)
    if audiences:
        db.add(Announcement(event_id=event.id, plan=_plan(audiences), due_at=now, created_at=now))
        db.flush()
    for occurrence in ordered(hooks.on_event(db=db, happening=happening, now=now)):
        told = {"url": event.data.get("url", ""), **occurrence.data}
        record(db, hooks, occurrence.name, occurrence.thing, None, now, **told)
    return event


def _places(thing: Contribution, data: Mapping[str, Any]) -> dict[str, int | None]:
    places = {"topic_id": thing.topic_id, "situation_id": thing.situation_id}
    return {**places, "authority_id": data.get("authority_id")}


def anything_to_announce(db: Session, now: datetime) -> bool:
    return db.scalar(select(Announcement.event_id).where(Announcement.due_at <= now).limit(1)) is not None


def next_announcement(db: Session, now: datetime) -> Announcement | None:
    """The one that has waited longest, the newest of equals, and that no other worker has in hand."""
    due = select(Announcement).where(Announcement.due_at <= now)
    due = due.order_by(Announcement.due_at, Announcement.event_id.desc()).limit(1)
    return db.scalar(due.with_for_update(skip_locked=True))


def announce(db: Session, hooks: Hooks, kinds: Mapping[str, Kind], announcement: Announcement, now: datetime) -> None:
    """Tell the next STEP people at most; `kinds` are those of all installed plugins.

    Told are those whom the plugins name that are on now. Raises NotFound when the kind is not installed.
    """
    happening = _again(db, kinds, announcement.event_id)
    audiences = _audiences(db, hooks, happening)
    part, after, left = announcement.part, announcement.after, STEP
    if announcement.plan != _plan(audiences):
        announcement.plan, part, after = _plan(audiences), 0, 0
    while left and part < len(audiences):
        count, last = tell(db, announcement.event_id, audiences[part], happening.event.actor_id, after, left, now)
        part, after = (part, last) if count == left else (part + 1, 0)
        left -= count
    announcement.part, announcement.after, announcement.due_at = part, after, now
    if part == len(audiences):
        db.delete(announcement)


def put_off(announcement: Announcement, now: datetime) -> None:
    announcement.due_at = now + SETBACK


def told_by(db: Session, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """What the letters of these events say, by the event's id."""
    rows = db.execute(select(Event.id, Event.data).where(Event.id.in_(ids)))
    return {row.id: row.data for row in rows}


def _again(db: Session, kinds: Mapping[str, Kind], event_id: int) -> Happening:
    event = db.get_one(Event, event_id)
    thing = get_contribution(db, kinds, event.contribution_id or 0)
    return Happening(event, thing, db.get(User, event.actor_id) if event.actor_id else None)


def _audiences(db: Session, hooks: Hooks, happening: Happening) -> list[Audience]:
    return ordered(hooks.audience(db=db, happening=happening))


def _plan(audiences: Sequence[Audience]) -> str:
    return " ".join(audience.template for audience in audiences)
