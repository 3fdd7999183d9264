"""The inbox: what a person was told of, newest first, and how much of it they have not read."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, literal_column, select, update
from sqlalchemy.orm import Session

from codesign.core.notices import UNREAD, Notice
from codesign.core.sessions import SignIn
from codesign.core.users import User
from codesign.db import fetch
from codesign.editions import Edition, Scope
from codesign.paging import Key, Slice, cut
from codesign.stores import Store
from codesign.types import NotFound

MOST_COUNTED = 100
"""Unread notices are counted up to here: more is "99+", and costs nothing more to know."""
PAGE = 30
TOGETHER = 1000
"""How many people one statement asks about."""
NEWEST = (Key(Notice.id, descending=True),)


def unread(user: Any) -> ColumnElement[int]:
    """How many notices this person has not read, MOST_COUNTED at most; `user` is the id column of a query around."""
    some: Any = select(literal_column("1").label("one")).select_from(Notice).where(Notice.user_id == user, UNREAD)
    counted = some.limit(MOST_COUNTED).correlate(user.table).subquery()
    return select(func.count()).select_from(counted).scalar_subquery()


def inbox(db: Session, user: User, after: str | None) -> Slice[Row[Any]]:
    """A page of what this person was told, with the ids of the events; newest first."""
    columns = (Notice.id, Notice.event_id, Notice.template, Notice.ground, Notice.reason, Notice.created_at)
    query = select(*columns, Notice.read_at).where(Notice.user_id == user.id, Notice.shown)
    return cut(db, query, NEWEST, after, PAGE)


def get_notice(db: Session, user: User, id: int) -> Notice:
    """A notice in this person's inbox. Raises NotFound, for those of other people too."""
    notice = fetch(db, Notice, id)
    if notice.user_id != user.id or not notice.shown:
        raise NotFound(f"no notice {id} of user {user.id}")
    return notice


def mark_read(db: Session, notice: Notice, now: datetime) -> None:
    if notice.read_at is None:
        notice.read_at = now
        db.flush()


def mark_all_read(db: Session, user: User, last: int | None, now: datetime) -> None:
    """All up to the notice with the id `last`, the newest that the person has seen; None: all there are."""
    seen = update(Notice).where(Notice.user_id == user.id, UNREAD)
    if last is not None:
        seen = seen.where(Notice.id <= last)
    db.execute(seen.values(read_at=now).execution_options(synchronize_session=False))


# For open browsers: asked of many people at once, without a session.


def notices_edition(store: Store) -> int:
    """A number that grows whenever any notice of the town is written or read."""
    with store.direct() as direct:
        return int(direct.rows(_edition(), scope=Scope.NOTICES.value)[0][0] or 0)


def unread_of(store: Store, users: Collection[int]) -> dict[int, int]:
    """The number of unread notices of each of these people; nobody is in it who has been erased."""
    found: dict[int, int] = {}
    with store.read() as db:
        for ids in _parts(sorted(users)):
            query = select(User.id, unread(User.id)).where(User.id.in_(ids), User.erased_at.is_(None))
            found.update((row[0], row[1]) for row in db.execute(query))
    return found


def still_signed_in(store: Store, tokens: Collection[str], now: datetime) -> set[str]:
    """Those of these token hashes whose sessions have not ended."""
    found: set[str] = set()
    with store.read() as db:
        for hashes in _parts(sorted(tokens)):
            found.update(
                db.scalars(select(SignIn.token_hash).where(SignIn.token_hash.in_(hashes), SignIn.expires_at > now))
            )
    return found


def _parts(values: Sequence[Any]) -> Iterator[list[Any]]:
    rest = iter(values)
    while part := list(islice(rest, TOGETHER)):
        yield part


@cache
def _edition() -> Any:
    return select(func.sum(Edition.number)).where(Edition.scope == bindparam("scope"))
