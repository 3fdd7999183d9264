"""Telling people: a notice for each person and event, and the outbox with the letters that a worker sends."""

import enum
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    case,
    column,
    delete,
    exists,
    func,
    literal,
    not_,
    select,
    table,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from codesign.core.notices import UNREAD, WAITING, Channel, Mail, Notice
from codesign.core.preferences import reachable, unwanted
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

EVENT = table("event", column("id"), column("contribution_id"))
"""The model of it is in codesign.events, which builds upon this."""
PERSONAL = text("event_id IS NULL AND day IS NULL")
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
    """Give a notice to the next people of an audience, by the ways they want, but not to the actor, nor to anyone
    twice for one event. Of an official answer the letters are queued in the same step.

    The next are `limit` of those whose id is greater than `after`; none of them is ever loaded.
    Returns how many they were, and the id of the last.
    """
    person = audience.users.subquery().c[0]
    ahead = select(person.label("id")).distinct().where(person > after).order_by(person).limit(limit).subquery()
    count, last = db.execute(select(func.count(), func.max(ahead.c.id)).select_from(ahead)).one()
    if count:
        # The range is said of both: so no database reads all users, or all of the audience, to find these few.
        chosen = User.id.in_(select(person).where(person > after, person <= last))
        _note(db, event_id, audience, [chosen, User.id > after, User.id <= last, User.id != (actor_id or 0)], now)
        if audience.at_once:
            _queue(db, event_id, after, last, now)
    return count, last or after


def _note(db: Session, event_id: int, audience: Audience, chosen: list[ColumnElement[bool]], now: datetime) -> None:
    account = User.is_account & User.email.is_not(None)
    shown = account & not_(unwanted(User.id, audience.ground, Channel.INBOX))
    people = select(User.id, shown.label("shown"), _by_mail(audience).label("mail"))
    people = people.where(*chosen, User.erased_at.is_(None))
    told = (people.where(~_still_open(event_id, audience)) if audience.folded else people).subquery()
    row = {
        "user_id": told.c.id, "event_id": literal(event_id), "ground": literal(audience.ground, Notice.ground.type),
        "reason": literal(audience.reason), "template": literal(audience.template), "shown": told.c.shown,
        "mail": told.c.mail, "created_at": literal(now, UTCDateTime),
    }  # fmt: skip
    columns: list[Any] = list(row.values())
    rows = select(*columns).where(told.c.shown | (told.c.mail != literal(Mail.NONE, Notice.mail.type)))
    db.execute(insert(db, Notice).from_select(list(row), rows.order_by(told.c.id)).on_conflict_do_nothing())


def _still_open(event_id: int, audience: Audience) -> ColumnElement[bool]:
    """An earlier such notice about the same contribution has been neither read nor sent."""
    this = EVENT.alias()
    same = select(this.c.contribution_id).where(this.c.id == event_id).scalar_subquery()
    about = (Notice.event_id == EVENT.c.id, EVENT.c.contribution_id == same, Notice.event_id != event_id)
    these = (Notice.user_id == User.id, Notice.template == audience.template, *about)
    # Each of the two has an index of its own, which holds few rows of a person.
    return exists().where(UNREAD, *these) | exists().where(WAITING, *these)


def _by_mail(audience: Audience) -> ColumnElement[Mail]:
    none, waiting, own = (literal(mail, Notice.mail.type) for mail in (Mail.NONE, Mail.WAITING, Mail.OWN))
    ways = [(not_(reachable()), none)]
    if audience.at_once:
        ways.append((not_(unwanted(User.id, audience.ground, Channel.AT_ONCE)), own))
    ways.append((unwanted(User.id, audience.ground, Channel.DIGEST), none))
    return case(*ways, else_=waiting)


def _queue(db: Session, event_id: int, after: int, last: int, now: datetime) -> None:
    """A letter of its own for each notice of this step that is to have one."""
    row = {
        "channel": literal(EMAIL), "event_id": Notice.event_id, "user_id": Notice.user_id,
        "template": Notice.template, "reason": Notice.reason, **_fresh(now),
    }  # fmt: skip
    columns: list[Any] = list(row.values())
    these = (Notice.event_id == event_id, Notice.user_id > after, Notice.user_id <= last, Notice.mail == Mail.OWN)
    notices = select(*columns).where(*these).order_by(Notice.user_id)
    db.execute(insert(db, Message).from_select(list(row), notices).on_conflict_do_nothing())


def queue_daily(
    db: Session, template: str, people: Sequence[ColumnElement[bool]], day: date, begun: datetime, now: datetime
) -> None:
    """Queue the daily letter of these users, but for those who have had one since `begun`, the midnight of that day
    in the town, and for those whose last one still waits to be sent: it will hold everything."""
    earlier = (Message.user_id == User.id) & (Message.day > date.min)
    open_or_sent = (Message.state == MessageState.QUEUED) | (Message.sent_at >= begun)
    row = {
        "channel": literal(EMAIL), "user_id": User.id, "template": literal(template), "reason": literal(""),
        "day": literal(day), **_fresh(now),
    }  # fmt: skip
    columns: list[Any] = list(row.values())
    who = select(*columns).where(*people, User.erased_at.is_(None), reachable())
    who = who.where(~exists().where(earlier, open_or_sent)).order_by(User.id)
    db.execute(insert(db, Message).from_select(list(row), who).on_conflict_do_nothing())


def _fresh(now: datetime) -> dict[str, Any]:
    """What all new messages have in common."""
    return {
        "context": literal({}, JSON), "state": literal(MessageState.QUEUED, Message.state.type),
        "attempts": literal(0), "due_at": literal(now, UTCDateTime), "created_at": literal(now, UTCDateTime),
        "error": literal(""),
    }  # fmt: skip


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


def succeeded(db: Session, ids: Sequence[int], now: datetime) -> None:
    done = {"state": MessageState.SENT, "sent_at": now, "context": {}, "error": ""}
    db.execute(update(Message).where(Message.id.in_(ids)).values(done))


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


def drop(db: Session, ids: Sequence[int]) -> None:
    """Forget messages that have nothing left to say."""
    db.execute(delete(Message).where(Message.id.in_(ids)))


def forget(db: Session, user: User) -> None:
    """Erase every message to a person, sent or not, before the person is erased."""
    db.execute(delete(Message).where(Message.user_id == user.id))
    # Written to the address before it was somebody's: these few have an index of their own.
    asked = delete(Message).where(PERSONAL, Message.state.in_(list(MessageState)), Message.address == user.email)
    db.execute(asked.execution_options(synchronize_session=False))


def send_again(db: Session, now: datetime) -> int:
    """Queue every failed message once more, but no daily letter after which there was another: that one holds what it
    did not tell. Returns how many."""
    again = {"state": MessageState.QUEUED, "attempts": 0, "due_at": now}
    later = aliased(Message)
    replaced = exists().where(later.user_id == Message.user_id, later.day > Message.day)
    failed_ones = update(Message).where(Message.state == MessageState.FAILED, ~replaced)
    return len(db.scalars(failed_ones.values(again).returning(Message.id)).all())


def counts(db: Session) -> dict[MessageState, int]:
    rows = db.execute(select(Message.state, func.count()).group_by(Message.state))
    return {row[0]: row[1] for row in rows}


def waiting_since(db: Session) -> datetime | None:
    """When the oldest message that still waits was written."""
    return db.scalar(select(func.min(Message.created_at)).where(Message.state == MessageState.QUEUED))
