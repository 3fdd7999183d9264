"""Finding debates: the query behind their lists, built once for each set of filters."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select, union_all
from sqlalchemy.orm import Session

from codesign.core.cards import card_rows
from codesign.core.contributions import Contribution
from codesign.core.search import matching
from codesign.core.topics import Topic
from codesign.kit import AnySelect
from codesign_debates.debates import Debate, in_phase

DEBATES = Debate.__table__
COLUMNS = (DEBATES.c.opens_at, DEBATES.c.closes_at, DEBATES.c.concluded_at, DEBATES.c.conclusion_html)
NOW = bindparam("now", type_=DEBATES.c.closes_at.type)
FEW = 1000
"""Up to so many debates of a phase are read and sorted; when there are more, a list in order meets them soon."""


def debates_of(
    db: Session, now: datetime, phase: str = "", topic: str = "", words: str = ""
) -> tuple[AnySelect, dict[str, Any]]:
    """Visible debates as `card_rows`, and the values of the query's parameters; "" filters nothing out."""
    given: dict[str, Any] = {}
    few = False
    if phase:
        ids = db.scalars(_perhaps(phase), {"now": now}).all()
        few = len(ids) <= FEW
        given = {"now": now, "ids": ids} if few else {"now": now}
    if topic:
        given["topic"] = topic
    query = _query(phase, few, bool(topic))
    return (query.where(matching(db, Contribution.id, words)) if words.strip() else query), given


@cache
def _query(phase: str, few: bool, topic: bool) -> AnySelect:
    query = card_rows(*COLUMNS).join(DEBATES, DEBATES.c.id == Contribution.id)
    # Without its kind where the ids say it already: no other index is then worth a database's thought.
    query = query.where(Contribution.id.in_(bindparam("ids", expanding=True)) if few else Contribution.kind == "debate")
    if phase:
        query = query.where(in_phase(phase, NOW))
    if topic:
        # One value, not a join: then the order of an index on it is seen to be the order of the list.
        query = query.where(
            Contribution.topic_id == select(Topic.id).where(Topic.slug == bindparam("topic")).scalar_subquery()
        )
    return query


@cache
def _perhaps(phase: str) -> AnySelect:
    """Ids of the debates that may be in a phase at `:now`, by index; one more than few of them is enough to know.

    Debates are mostly in one phase: without this a list of the three open ones would read all that are closed.
    """
    every, closes_at = select(DEBATES.c.id), DEBATES.c.closes_at
    unconcluded = every.where(DEBATES.c.concluded_at.is_(None))
    parts = {
        "open": (unconcluded.where(closes_at.is_(None)), _first(unconcluded.where(closes_at > NOW), closes_at)),
        "upcoming": (_first(every.where(DEBATES.c.opens_at > NOW), DEBATES.c.opens_at),),
        "closed": (
            every.where(DEBATES.c.concluded_at.is_not(None)),
            _first(unconcluded.where(closes_at <= NOW), closes_at),
        ),
    }
    found = union_all(*parts[phase]).subquery()
    return select(found.c.id).limit(FEW + 1)


def _first(query: Select[Any], column: Any) -> Select[Any]:
    # In the order of the index: PostgreSQL, which plans before it knows the moment, then has no reason not to use it.
    found = query.order_by(column).limit(FEW + 1).subquery()
    return select(found.c.id)
