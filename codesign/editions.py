"""Editions: numbers in a town's store that grow with every change that its pages can show.

A page that is kept for many readers remembers the editions it was made of, and is good as long as they stand.
Which number a change moves is decided by the table it is written to, so that nobody has to think of it:
a table that says nothing moves TOWN, and every kept page is made anew.
"""

import enum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, UOWTransaction, mapped_column, object_mapper, sessionmaker

from codesign.db import Base


class Scope(enum.StrEnum):
    TOWN = "town"
    """Settings, plugins, names, topics: what any page may show."""
    CONTRIBUTIONS = "contributions"
    """Contributions and what belongs to them: seen in lists, and on pages whose own version grows with it."""
    NOTICES = "notices"
    """What single people are told. It makes no page anew; open browsers are told their number of unread ones."""


class Edition(Base):
    """One number of a scope; the edition is their sum. On PostgreSQL there are several of each, so that two
    writers seldom wait for one another."""

    __tablename__ = "edition"
    __table_args__ = {"info": {"shown": None}}
    scope: Mapped[str] = mapped_column(primary_key=True)
    shard: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]


class Editions(NamedTuple):
    town: int
    contributions: int


SHOWN_NOWHERE: dict[str, Any] = {"shown": None}
"""Information of a table whose rows no kept page shows."""
SHOWN_TO_ONE: dict[str, Any] = {"shown": Scope.NOTICES}
"""Information of a table whose rows are for one person each, outside of what kept pages show."""
SHOWN_WITH_CONTRIBUTIONS: dict[str, Any] = {"shown": Scope.CONTRIBUTIONS}
NEW_SHOWN_NOWHERE: dict[str, Any] = {"new": None}
"""Information of a table whose new rows nobody sees yet."""
SHARDS = 16
_CHANGED = "changed_scopes"


def watch(sessions: sessionmaker[Session]) -> None:
    """Let the sessions of a store note what they change."""
    sqlalchemy_event.listen(sessions, "before_flush", _note_dirty)
    sqlalchemy_event.listen(sessions, "after_flush", _note_flush)
    sqlalchemy_event.listen(sessions, "do_orm_execute", _note_statement)


def changed_scopes(db: Session) -> list[Scope]:
    """What this session changed so far, always in one order."""
    return sorted(db.info.get(_CHANGED, ()))


@cache
def step(dialect: str) -> Any:
    """The statement that moves one number, by `scope` and `shard`."""
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(Edition)
    fresh = insert.values(scope=bindparam("scope"), shard=bindparam("shard"), number=1)
    moved = fresh.on_conflict_do_update(index_elements=["scope", "shard"], set_={"number": Edition.number + 1})
    return moved.returning(Edition.number)


def _note_dirty(session: Session, _transaction: UOWTransaction, _rows: object) -> None:
    """Before the flush: after it, an attribute that was set to an expression (`touch`) no longer counts as modified."""
    for row in session.dirty:
        if session.is_modified(row):
            note_change(session, _info(row))


def _note_flush(session: Session, _transaction: UOWTransaction) -> None:
    for row in session.new:
        note_change(session, _info(row), new=True)
    for row in session.deleted:
        note_change(session, _info(row))


def _info(row: object) -> dict[Any, Any]:
    table: Any = object_mapper(row).base_mapper.local_table
    return dict(table.info)


def _note_statement(state: ORMExecuteState) -> None:
    if state.is_select:
        return None
    if "shown" in state.execution_options:
        return note_change(state.session, {"shown": state.execution_options["shown"]})
    mapper = state.bind_mapper
    table = mapper.base_mapper.local_table if mapper is not None else getattr(state.statement, "table", None)
    return note_change(state.session, getattr(table, "info", {}), new=state.is_insert)


def note_change(session: Session, info: dict[Any, Any], new: bool = False) -> None:
    """Note a change of a table with this information."""
    scope = info.get("shown", Scope.TOWN)
    if new and "new" in info:
        scope = info["new"]
    if scope is not None:
        session.info.setdefault(_CHANGED, set()).add(scope)
