"""Addresses that letters came back from: nothing more is sent there until the person shows that they arrive again."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from codesign.core.notices import Mailbox
from codesign.core.users import User
from codesign.db import insert

BECAUSE_LENGTH = 300


def stop_mailbox(db: Session, user_id: int, because: str, now: datetime) -> None:
    """`because` is what the mail server said."""
    stopped = {"stopped_at": now, "stopped_because": because[:BECAUSE_LENGTH]}
    new = insert(db, Mailbox).values(user_id=user_id, **stopped)
    db.execute(new.on_conflict_do_update(index_elements=["user_id"], set_=stopped))


def trust_mailbox(db: Session, user_id: int) -> bool:
    """Letters are sent to this person again. False when they were not stopped."""
    again = update(Mailbox).where(Mailbox.user_id == user_id, Mailbox.stopped_at.is_not(None))
    going = again.values(stopped_at=None, stopped_because="").returning(Mailbox.user_id)
    return db.scalar(going) is not None


def stopped_at(db: Session, user_id: int) -> datetime | None:
    """Since when nothing is sent to this person; None: letters are sent."""
    return db.scalar(select(Mailbox.stopped_at).where(Mailbox.user_id == user_id))


def stopped_among(db: Session, ids: Collection[int]) -> set[int]:
    """Those of these people to whom nothing is sent."""
    return set(db.scalars(select(Mailbox.user_id).where(Mailbox.user_id.in_(ids), Mailbox.stopped_at.is_not(None))))


def stopped_mailboxes() -> "Select[*tuple[Any, ...]]":
    """A query: user_id, name, email, stopped_at, stopped_because."""
    columns = (Mailbox.user_id, User.name, User.email, Mailbox.stopped_at, Mailbox.stopped_because)
    return select(*columns).join(User, User.id == Mailbox.user_id).where(Mailbox.stopped_at.is_not(None))


def count_stopped(db: Session) -> int:
    return db.scalar(select(func.count()).select_from(Mailbox).where(Mailbox.stopped_at.is_not(None))) or 0
