"""The outbox: one row per person, event and channel, sent by a worker."""

import enum
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, UniqueConstraint, func, literal, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from codesign.core.users import User
from codesign.db import Base, Id, UTCDateTime, insert
from codesign.editions import SHOWN_NOWHERE
from codesign.types import Audience

EMAIL = "email"
BATCH = 50
"""How many messages a worker takes at once."""
LEASE = timedelta(minutes=5)
"""How long a worker may keep a message before another one takes it over."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720, 1440))
"""The pauses between attempts; after the last one a message has failed and stays to be seen."""

PERSONAL = text("event_id IS NULL")
"""What one person asked for just now: a link to confirm an address, a new password. It overtakes all others."""


class MessageState(enum.Enum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class Message(Base):
    __tablename__ = "message"
    id: Mapped[Id]
    channel: Mapped[str]
    event_id: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    address: Mapped[str | None]
    """Where to; None means the address the person has when it is sent."""
    template: Mapped[str]
    context: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What the template needs, beside what the event says. Emptied once sent, since it may hold a one-time link."""
    reason: Mapped[str] = mapped_column(default="")
    state: Mapped[MessageState] = mapped_column(default=MessageState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")
    day: Mapped[date | None]
    """Of a daily letter: the town's day it belongs to. One a person and day."""
    __table_args__ = (
        UniqueConstraint("event_id", "user_id", "channel"),
        Index("ix_message_due", "state", "due_at", "id"),
        Index("ix_message_personal", "state", "due_at", "id", sqlite_where=PERSONAL, postgresql_where=PERSONAL),
        Index("uq_message_day", "user_id", "day", unique=True),
        {"info": SHOWN_NOWHERE},
    )


def post(
    db: Session, template: str, address: str, user: User | None, context: dict[str, Any], now: datetime
) -> Message:
    """Queue one message to an address. `template` is a mail template without its ending: `accounts/mail/confirm`."""
    message = Message(
        channel=EMAIL, user_id=user.id if user else None, address=address, template=template, context=context,
        due_at=now, created_at=now,
    )  # fmt: skip
    db.add(message)
    db.flush()
    return message


def tell(
    db: Session, event_id: int, audience: Audience, actor_id: int | None, after: int, limit: int, now: datetime
) -> tuple[int, int]:
    """Queue a message to the next people of an audience, but not to the actor, nor to anyone twice for one event.

    The next are `limit` of those whose id is greater than `after`; none of them is ever loaded.
    Returns how many they were, and the id of the last.
    """
    person = audience.users.subquery().c[0]
    ahead = select(person.label("id")).distinct().where(person > after).order_by(person).limit(limit).subquery()
    count, last = db.execute(select(func.count(), func.max(ahead.c.id)).select_from(ahead)).one()
    if count:
        # The range is said of both: so no database reads all users, or all of the audience, to find these few.
        chosen = User.id.in_(select(person).where(person > after, person <= last))
        _queue(db, event_id, audience, [chosen, User.id > after, User.id <= last, User.id != (actor_id or 0)], now)
    return count, last or after


def _queue(db: Session, event_id: int, audience: Audience, chosen: list[ColumnElement[bool]], now: datetime) -> None:
    row = {
        "channel": literal(EMAIL), "event_id": literal(event_id), "user_id": User.id,
        "template": literal(audience.template), "context": literal({}, JSON), "reason": literal(audience.reason),
        "state": literal(MessageState.QUEUED, Message.state.type), "attempts": literal(0),
        "due_at": literal(now, UTCDateTime), "created_at": literal(now, UTCDateTime), "error": literal(""),
    }  # fmt: skip
    columns: list[Any] = list(row.values())
    people = select(*columns).where(*chosen).order_by(User.id)
    people = people.where(User.email.is_not(None), User.confirmed_at.is_not(None), User.erased_at.is_(None))
    db.execute(insert(db, Message).from_select(list(row), people).on_conflict_do_nothing())


def anything_due(db: Session, now: datetime) -> bool:
    """Looked at in a read-only session, so that an idle worker never takes the writers' turn."""
    due = select(Message.id).where(Message.state == MessageState.QUEUED, Message.due_at <= now)
    return db.scalar(due.limit(1)) is not None


def claim(db: Session, now: datetime, limit: int = BATCH) -> list[Message]:
    """Take due messages for sending, the personal ones first. Until LEASE is over nobody else gets them; then they are due again."""
    due = select(Message.id).where(Message.state == MessageState.QUEUED, Message.due_at <= now)
    due = due.order_by(Message.due_at, Message.id)
    if db.get_bind().dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    ids = list(db.scalars(due.where(PERSONAL).limit(limit)))
    if len(ids) < limit:
        ids += db.scalars(due.where(Message.id.not_in(ids)).limit(limit - len(ids)))
    taken = {"due_at": now + LEASE, "attempts": Message.attempts + 1}
    db.execute(update(Message).where(Message.id.in_(ids)).values(taken))
    return list(db.scalars(select(Message).where(Message.id.in_(ids)).order_by(Message.id)))


def succeeded(db: Session, message_id: int, now: datetime) -> None:
    done = {"state": MessageState.SENT, "sent_at": now, "context": {}, "error": ""}
    db.execute(update(Message).where(Message.id == message_id).values(done))


def failed(db: Session, message: Message, error: str, now: datetime, for_good: bool = False) -> None:
    """Try again after a pause that grows; after the last one, or when `for_good`, keep it as failed."""
    over = for_good or message.attempts > len(PAUSES)
    pause = PAUSES[min(message.attempts, len(PAUSES)) - 1]
    values: dict[str, Any] = {"error": error[:500], "due_at": now + pause}
    if over:
        values["state"] = MessageState.FAILED
    db.execute(update(Message).where(Message.id == message.id).values(values))


def give_back(db: Session, messages: Sequence[Message], now: datetime) -> None:
    """They were claimed but not tried: due at once, and the claim counts as no attempt."""
    ids = [message.id for message in messages]
    values = {"due_at": now, "attempts": Message.attempts - 1}
    db.execute(update(Message).where(Message.id.in_(ids)).values(values))


def send_again(db: Session, now: datetime) -> int:
    """Queue every failed message once more. Returns how many."""
    again = {"state": MessageState.QUEUED, "attempts": 0, "due_at": now}
    failed_ones = update(Message).where(Message.state == MessageState.FAILED)
    return len(db.scalars(failed_ones.values(again).returning(Message.id)).all())


def counts(db: Session) -> dict[MessageState, int]:
    rows = db.execute(select(Message.state, func.count()).group_by(Message.state))
    return {row[0]: row[1] for row in rows}
