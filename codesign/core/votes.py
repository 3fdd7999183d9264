"""Agreeing and disagreeing with contributions and comments: one person, one vote, by a constraint of the schema."""

from functools import cache
from typing import Any, TypeAlias, cast

from sqlalchemy import (
    BindParameter,
    CheckConstraint,
    ColumnElement,
    Executable,
    ForeignKey,
    Index,
    Integer,
    Table,
    Update,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from codesign.core.comments import Comment
from codesign.core.contributions import Contribution
from codesign.core.users import User
from codesign.db import Base
from codesign.direct import rows
from codesign.editions import SHOWN_WITH_CONTRIBUTIONS

VALUES = (1, -1, 0)
"""Agree, disagree, take back."""


class ContributionVote(Base):
    __tablename__ = "contribution_vote"
    __table_args__ = (
        CheckConstraint("value IN (1, -1)", name="value"),
        Index("ix_contribution_vote_voters", "contribution_id", "user_id"),
        {"info": SHOWN_WITH_CONTRIBUTIONS},
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    value: Mapped[int]


class CommentVote(Base):
    __tablename__ = "comment_vote"
    __table_args__ = (CheckConstraint("value IN (1, -1)", name="value"), {"info": SHOWN_WITH_CONTRIBUTIONS})
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), primary_key=True, index=True)
    value: Mapped[int]


Vote: TypeAlias = ContributionVote | CommentVote


def vote_on_contribution(db: Session, user: User, thing: Contribution, value: int) -> bool:
    """Agree (1), disagree (-1) or take the vote back (0). The counters change in the same transaction.

    Returns whether anything changed: a vote sent twice counts once.
    """
    agreed, disagreed = _replace(db, ContributionVote, user.id, thing.id, value)
    if agreed or disagreed:
        [counts] = rows(db, _count_contribution(), of=thing.id, agreed=agreed, disagreed=disagreed)
        for name, number in zip(("agree_count", "disagree_count", "version"), counts, strict=True):
            set_committed_value(thing, name, number)
    return bool(agreed or disagreed)


def vote_on_comment(db: Session, user: User, comment: Comment, value: int) -> None:
    """Agree (1), disagree (-1) or take the vote back (0). The counters change in the same transaction."""
    agreed, disagreed = _replace(db, CommentVote, user.id, comment.id, value)
    if agreed or disagreed:
        [counts] = rows(db, _count_comment(), of=comment.id, agreed=agreed, disagreed=disagreed)
        rows(db, _touch(), of=comment.contribution_id)
        for name, number in zip(("agree_count", "disagree_count"), counts, strict=True):
            set_committed_value(comment, name, number)


def my_vote(db: Session, user: User | None, thing: Contribution) -> int:
    """1, -1, or 0 for none."""
    found = rows(db, _mine(), by=user.id, on=thing.id) if user is not None else []
    return int(found[0][0]) if found else 0


def _replace(db: Session, votes: type[Vote], user_id: int, thing_id: int, value: int) -> tuple[int, int]:
    """Put `value` in the place of the vote there is. Returns the steps of (agree, disagree).

    Each statement acts on the row as it then stands, so that two requests of one person at the same moment
    are counted as one after the other.
    """
    mine = {"by": user_id, "on": thing_id}
    if value == 0:
        before = rows(db, _take_back(votes), **mine)
        return (-before.count((1,)), -before.count((-1,)))
    if rows(db, _put(votes, db.get_bind().dialect.name), value=value, **mine):
        return (int(value == 1), int(value == -1))
    return (value, -value) if rows(db, _change(votes), value=value, **mine) else (0, 0)


# Statements are built once: building one takes longer than the database needs to carry it out.


def _table(votes: type[Vote]) -> tuple[Table, ColumnElement[bool]]:
    """The table of these votes, and the condition that a row is this person's vote on this thing."""
    table = cast(Table, votes.__table__)
    on = table.c.contribution_id if votes is ContributionVote else table.c.comment_id
    return table, (table.c.user_id == bindparam("by")) & (on == bindparam("on"))


@cache
def _put(votes: type[Vote], dialect: str) -> Executable:
    table, _mine = _table(votes)
    on = "contribution_id" if votes is ContributionVote else "comment_id"
    values: dict[str, Any] = {"user_id": bindparam("by"), on: bindparam("on"), "value": bindparam("value")}
    fresh: Any = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    put: Executable = fresh.values(values).on_conflict_do_nothing().returning(table.c.value)
    return put


@cache
def _change(votes: type[Vote]) -> Executable:
    table, mine = _table(votes)
    new: BindParameter[int] = bindparam("value")
    return update(table).where(mine, table.c.value != new).values(value=new).returning(table.c.value)


@cache
def _take_back(votes: type[Vote]) -> Executable:
    table, mine = _table(votes)
    return delete(table).where(mine).returning(table.c.value)


@cache
def _mine() -> Executable:
    table, mine = _table(ContributionVote)
    return select(table.c.value).where(mine)


@cache
def _count_contribution() -> Executable:
    table = cast(Table, Contribution.__table__)
    counted = _counted(table).values(version=table.c.version + 1)
    return counted.returning(table.c.agree_count, table.c.disagree_count, table.c.version)


@cache
def _count_comment() -> Executable:
    table = cast(Table, Comment.__table__)
    return _counted(table).returning(table.c.agree_count, table.c.disagree_count)


def _counted(table: Table) -> Update:
    values = {
        "agree_count": table.c.agree_count + bindparam("agreed", type_=Integer),
        "disagree_count": table.c.disagree_count + bindparam("disagreed", type_=Integer),
    }
    return update(table).where(table.c.id == bindparam("of")).values(values)


@cache
def _touch() -> Executable:
    table = cast(Table, Contribution.__table__)
    touched = update(table).where(table.c.id == bindparam("of")).values(version=table.c.version + 1)
    return touched.returning(table.c.version)
