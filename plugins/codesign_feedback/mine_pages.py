"""My contributions: everything a person put forward or took part in, each with its fate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, or_, select, union
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.comments import Comment, Standing
from codesign.core.contributions import NEWEST, PAGE, Contribution
from codesign.core.users import User
from codesign.core.votes import ContributionVote
from codesign.kit import (
    Forbidden,
    Kind,
    Link,
    cut,
    gettext,
    here,
    latest_events,
    page,
    public_events,
    session,
    visit_of,
)
from codesign_feedback import clock_words
from codesign_feedback.cases import rules_here
from codesign_feedback.clock_words import Left
from codesign_feedback.loops import Loop
from codesign_feedback.receipts import written
from codesign_feedback.rules import Rules
from codesign_feedback.state_words import state_words, tone_of
from codesign_feedback.voices import Receipt

TOOK_PART = "took-part"


@dataclass(frozen=True)
class Mine:
    """One contribution of such a list."""

    title: str
    url: str
    """"" while a moderator hides it."""
    number: str
    kind_label: str
    language: str
    created_at: datetime
    hidden: bool
    state: str
    """In words; "" when nothing is owed for it."""
    tone: str
    left: Left | None
    asked: bool
    """Those who took part are asked whether it is done."""
    code: str
    """Of the person's receipt."""
    last: tuple[str, datetime] | None
    """What happened last, and when."""


def mine(request: Request) -> Response:
    with session(request) as db:
        visit = visit_of(request)
        if visit.actor is None:
            raise Forbidden("")
        took_part = request.query_params.get("show") == TOOK_PART
        part = cut(db, _query(visit.actor, visit.kinds, took_part), NEWEST, request.query_params.get("after"), PAGE)
        return page(
            request,
            "feedback/mine.html",
            rows=_rows(request, db, part.rows),
            next_url=here(request, after=part.after) if part.after else None,
            took_part=took_part,
            tabs=[
                Link(gettext("What I put forward"), "/feedback/mine", current=not took_part),
                Link(gettext("Where I took part"), f"/feedback/mine?show={TOOK_PART}", current=took_part),
            ],
        )


def _query(actor: User, kinds: Mapping[str, Kind], took_part: bool) -> Select[Any]:
    shown: tuple[Any, ...] = (
        Contribution.id, Contribution.number, Contribution.kind, Contribution.title, Contribution.language,
        Contribution.created_at, Contribution.hidden_at, Loop.state, Loop.outcome, Loop.clock, Loop.due_at,
        Loop.asked_at, Receipt.code,
    )  # fmt: skip
    own = (Receipt.contribution_id == Contribution.id) & (Receipt.user_id == actor.id)
    query: Select[Any] = select(*shown).outerjoin(Loop, Loop.contribution_id == Contribution.id).outerjoin(Receipt, own)
    where = _took_part(actor, kinds) if took_part else Contribution.author_id == actor.id
    return query.where(where, Contribution.kind.in_(list(kinds)))


def _took_part(actor: User, kinds: Mapping[str, Kind]) -> ColumnElement[bool]:
    """What somebody else wrote, and this person commented or voted on, either way."""
    commented = select(Comment.contribution_id).where(
        Comment.author_id == actor.id, Comment.standing == Standing.VISIBLE
    )
    voted = select(ContributionVote.contribution_id).where(ContributionVote.user_id == actor.id)
    otherwise = [_otherwise(actor, kind) for kind in kinds.values()]
    ids = union(commented, voted, *(query for query in otherwise if query is not None)).subquery()
    others = or_(Contribution.author_id.is_(None), Contribution.author_id != actor.id)
    return Contribution.id.in_(select(ids.c[0])) & others & Contribution.hidden_at.is_(None)


def _otherwise(actor: User, kind: Kind) -> Select[Any] | None:
    """Contributions of a kind that knows of more ways to take part."""
    queries = kind.answerable.took_part(_OF_QUERY) if kind.answerable is not None else ()
    theirs = [exists(query.where(query.selected_columns[0] == actor.id)) for query in queries]
    return select(Contribution.id).where(Contribution.kind == kind.name, or_(*theirs)) if theirs else None


_OF_QUERY: Any = Contribution.id
"""Instead of one id: the query is asked for each contribution of the kind."""


def _rows(request: Request, db: Session, rows: Sequence[Row[Any]]) -> list[Mine]:
    last = latest_events(db, public_events(request), [row.id for row in rows])
    kinds, rules, now = visit_of(request).kinds, rules_here(request, db), visit_of(request).now
    return [_row(row, kinds[row.kind], rules, now, last.get(row.id)) for row in rows]


def _row(row: Row[Any], kind: Kind, rules: Rules, now: datetime, last: tuple[str, datetime] | None) -> Mine:
    left = clock_words.left(row.clock, row.due_at, rules.calendar, now) if row.due_at is not None else None
    hidden = row.hidden_at is not None
    return Mine(
        title=row.title, url="" if hidden else kind.url_of(row.id), number=row.number, kind_label=gettext(kind.label),
        language=row.language, created_at=row.created_at, hidden=hidden,
        state=state_words(row.state, row.outcome) if row.state is not None else "",
        tone=tone_of(row.state, row.outcome, left) if row.state is not None else "",
        left=left, asked=row.asked_at is not None, code=written(row.code) if row.code else "", last=last,
    )  # fmt: skip


routes: list[BaseRoute] = [Route("/mine", mine, methods=["GET"])]
