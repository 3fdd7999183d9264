"""Finding polls: the query behind their lists, built once for each set of filters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from codesign.core.cards import card_rows
from codesign.core.contributions import Contribution
from codesign.core.search import matching
from codesign.core.topics import Topic
from codesign.kit import AnySelect, Key
from codesign_polls.polls import Poll

POLLS = Poll.__table__
COLUMNS = (POLLS.c.opens_at, POLLS.c.closes_at, POLLS.c.voter_count, POLLS.c.secret)
NOW = bindparam("now", type_=POLLS.c.closes_at.type)
FEW = 1000
"""Polls that are open or to come at the same time, at most, for their lists to be exact about the next change."""
OPEN, UPCOMING, CLOSED, NOT_OPEN = "open", "upcoming", "closed", "not open"
CLOSING_SOON = (Key(Poll.closes_at), Key(Contribution.number))


@dataclass(frozen=True)
class Current:
    """The polls that are open or to come, which are few, and when the clock changes which is which."""

    rows: Sequence[Any]
    now: datetime

    def ids(self, phase: str) -> list[int]:
        return [row.id for row in self.rows if (row.opens_at > self.now) == (phase == UPCOMING)]

    @property
    def turns_at(self) -> datetime | None:
        """The next moment at which one of them opens or closes."""
        later = [at for row in self.rows for at in (row.opens_at, row.closes_at) if at > self.now]
        if len(self.rows) > FEW:
            later.append(self.now + timedelta(minutes=1))
        return min(later, default=None)


def current(db: Session, now: datetime) -> Current:
    return Current(db.execute(_current(), {"now": now}).all(), now)


@cache
def _current() -> AnySelect:
    # In the order of the index: a town with many closed polls has few that are not.
    query = select(POLLS.c.id, POLLS.c.opens_at, POLLS.c.closes_at).where(POLLS.c.closes_at > NOW)
    return query.order_by(POLLS.c.closes_at).limit(FEW + 1)


def polls_of(
    db: Session, found: Current, phase: str, topic: str = "", words: str = ""
) -> tuple[AnySelect, dict[str, Any]]:
    """Visible polls as `card_rows`, and the values of the query's parameters; "" filters nothing out."""
    given: dict[str, Any] = {"now": found.now} if phase else {}
    few = phase in (OPEN, UPCOMING) and len(found.rows) <= FEW
    if few:
        given["ids"] = found.ids(phase)
    if topic:
        given["topic"] = topic
    query = _query(phase, few, bool(topic))
    return (query.where(matching(db, Contribution.id, words)) if words.strip() else query), given


@cache
def _query(phase: str, few: bool, topic: bool) -> AnySelect:
    query = card_rows(*COLUMNS).join(POLLS, POLLS.c.id == Contribution.id)
    # Without its kind where the ids say it already: no other index is then worth a database's thought.
    query = query.where(Contribution.id.in_(bindparam("ids", expanding=True)) if few else Contribution.kind == "poll")
    if phase:
        query = query.where(in_phase(phase, NOW))
    if topic:
        # One value, not a join: then the order of an index on it is seen to be the order of the list.
        query = query.where(
            Contribution.topic_id == select(Topic.id).where(Topic.slug == bindparam("topic")).scalar_subquery()
        )
    return query


def in_phase(wanted: str, now: Any) -> ColumnElement[bool]:
    """The same as `codesign_polls.polls.phase`, as a condition for lists; `now` may be a parameter of the query."""
    closed, upcoming = POLLS.c.closes_at <= now, POLLS.c.opens_at > now
    conditions: dict[str, ColumnElement[bool]] = {
        CLOSED: closed,
        UPCOMING: and_(upcoming, ~closed),
        OPEN: and_(~upcoming, ~closed),
        NOT_OPEN: or_(upcoming, closed),
    }
    return conditions[wanted]
