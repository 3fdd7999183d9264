"""What awaits the town: cases by their deadline, then the rest by how long they have stood; paged by key."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from codesign.core.authorities import Authority, authorities_of
from codesign.core.cards import card_rows
from codesign.core.contributions import Contribution
from codesign.core.search import matching
from codesign.core.topics import Topic
from codesign.core.users import User
from codesign.kit import AnySelect, Key, cut, mark
from codesign_feedback.answers import AnswerDraft
from codesign_feedback.loop import ANSWERABLE, OPEN, State
from codesign_feedback.loops import Loop

PAGE = 30
FEW = 1000
"""Up to so many found are read and sorted; when there are more, the list in order meets some soon."""
DUE, REST = "d", "r"
"""What a cursor begins with: the part of the list with deadlines, and the one without."""
DUE_KEYS = (Key(Loop.due_at), Key(Loop.contribution_id))
REST_KEYS = (Key(Loop.state_at), Key(Loop.contribution_id))
NOBODY = "none"
AT_WORK = (State.COMMITTED, State.IN_PROGRESS)
OWNER = aliased(User)
Column: TypeAlias = "ColumnElement[Any]"
Tests: TypeAlias = "list[ColumnElement[bool]]"


def _or_answered(state: Column, states: Collection[State], *clocks: str) -> ColumnElement[bool]:
    """One of these states, or answered with one of these clocks running: said so that an index of states serves."""
    return and_(state.in_([*states, State.ANSWERED]), or_(state != State.ANSWERED, Loop.clock.in_(clocks)))


GROUPS: Mapping[str, tuple[str, Callable[[Column], ColumnElement[bool]]]] = {
    "": (mark("Waits for the town"), lambda state: _or_answered(state, [*ANSWERABLE, *AT_WORK], "commitment")),
    "answer": (mark("Owes an answer"), lambda state: state.in_(ANSWERABLE - {State.DISPUTED})),
    "promised": (
        mark("Promised or put off"),
        lambda state: _or_answered(state, AT_WORK, "commitment", "deferral"),
    ),
    "disputed": (mark("Disputed or appealed"), lambda state: state == State.DISPUTED),
    "verify": (
        mark("Is it done?"),
        lambda state: _or_answered(state, [State.DELIVERED], "", "ask", "replies", "replies_again"),
    ),
    "author": (mark("Waits for its author"), lambda state: state == State.RETURNED),
    "open": (mark("Everything open"), lambda state: state.in_(OPEN | {State.LAPSED, State.DISPUTED})),
}
"""Filters of the list by what is to come next, each with its label."""
SCOPES = {"": mark("Everything"), "ours": mark("My authorities"), "mine": mark("Mine"), "drafts": mark("My drafts")}


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; "" narrows nothing."""

    group: str = ""
    scope: str = ""
    authority: str = ""
    """An id, or NOBODY."""
    topic: str = ""
    kind: str = ""
    overdue: bool = False
    words: str = ""


def waiting(
    db: Session, wanted: Wanted, actor: User, kinds: Collection[str], now: datetime, after: str | None
) -> tuple[Sequence[Row[Any]], str | None]:
    """The rows of a page, as `cards` takes them, and the cursor of the next one. At most five queries."""
    fixed: Tests = [matching(db, Contribution.id, wanted.words)] if wanted.words.strip() else []
    fixed += _scope(db, wanted.scope, actor)
    passed_over = _passed_over(db)
    fixed.append(passed_over(Contribution.kind).in_([wanted.kind] if wanted.kind else kinds))
    plain = _narrowed(wanted, now, lambda column: column) + fixed
    aside = _narrowed(wanted, now, passed_over) + fixed
    parts = (Loop.due_at.is_not(None), Loop.due_at.is_(None))
    rows = db.execute(union_all(*(select(_first(part, plain).subquery()) for part in parts))).all()
    queries = []
    for part, has_deadline in zip(parts, (True, False), strict=True):
        ids = [row.contribution_id for row in rows if (row.due_at is not None) is has_deadline]
        tests = [Contribution.id.in_(ids)] if len(ids) <= FEW else aside
        queries.append(_rows(actor).where(part, *tests) if ids else None)
    return _page(db, queries[0], queries[1], after or "")


def _first(part: ColumnElement[bool], tests: Tests) -> "Select[int, datetime | None]":
    """One more than FEW of those in one part of the list is enough to know."""
    query = select(Loop.contribution_id, Loop.due_at).join(Contribution, Contribution.id == Loop.contribution_id)
    return query.where(Contribution.hidden_at.is_(None), part, *tests).limit(FEW + 1)


def _rows(actor: User) -> AnySelect:
    columns = (
        Loop.contribution_id, Loop.due_at, Loop.state_at, Loop.state, Loop.outcome, Loop.clock, Loop.overdue_at,
        Loop.appealing, Authority.title.label("authority_title"), OWNER.name.label("owner_name"),
        AnswerDraft.saved_at.label("draft_at"),
    )  # fmt: skip
    query = card_rows(*columns).join(Loop, Loop.contribution_id == Contribution.id)
    query = query.outerjoin(Authority, Authority.id == Loop.authority_id).outerjoin(OWNER, OWNER.id == Loop.owner_id)
    mine = and_(AnswerDraft.contribution_id == Loop.contribution_id, AnswerDraft.author_id == actor.id)
    return query.outerjoin(AnswerDraft, mine)


def _page(
    db: Session, due: "AnySelect | None", rest: "AnySelect | None", after: str
) -> tuple[Sequence[Row[Any]], str | None]:
    """First those with a deadline; where they end, the others begin. None: there are none of that part."""
    rows: list[Row[Any]] = []
    if due is not None and not after.startswith(REST):
        found = cut(db, due, DUE_KEYS, after[1:] or None, PAGE)
        if found.after:
            return found.rows, DUE + found.after
        rows = list(found.rows)
    if rest is None:
        return rows, None
    if len(rows) == PAGE:
        return rows, REST
    found = cut(db, rest, REST_KEYS, after[1:] or None if after.startswith(REST) else None, PAGE - len(rows))
    return [*rows, *found.rows], REST + found.after if found.after else None


def _passed_over(db: Session) -> Callable[[Any], Column]:
    """A column to filter by in a list whose order has an index of its own: SQLite would rather find values in another
    index, read all and sort. It looks into no index for a function."""
    small = db.get_bind().dialect.name == "sqlite"
    return lambda column: func.unlikely(column, type_=column.type) if small else column


def _narrowed(wanted: Wanted, now: datetime, read: Callable[[Any], Column]) -> Tests:
    """What the rows must be."""
    tests = [GROUPS[wanted.group][1](read(Loop.state))]
    if wanted.authority:
        place = read(Loop.authority_id)
        tests.append(place.is_(None) if wanted.authority == NOBODY else place == int(wanted.authority))
    if wanted.topic:
        of_slug = select(Topic.id).where(Topic.slug == wanted.topic).scalar_subquery()
        tests.append(read(Contribution.topic_id) == of_slug)
    if wanted.overdue:
        tests.append(Loop.due_at <= now)
    return tests


def _scope(db: Session, scope: str, actor: User) -> Tests:
    if scope == "mine":
        return [Loop.owner_id == actor.id]
    if scope == "ours":
        ours = authorities_of(db, actor)
        return [Loop.authority_id.in_(ours) if ours else false()]
    if scope == "drafts":
        return [Loop.contribution_id.in_(select(AnswerDraft.contribution_id).where(AnswerDraft.author_id == actor.id))]
    return []
