"""Finding proposals: the query behind their lists, built once for each set of filters."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, literal, or_, select, union_all
from sqlalchemy.orm import Session

from codesign.core.areas import Area
from codesign.core.cards import card_rows
from codesign.core.contributions import Contribution
from codesign.core.search import FEW, found_by, words_of
from codesign.core.tags import ContributionTag, Tag
from codesign.core.topics import Topic
from codesign.kit import AnySelect, Key
from codesign_proposals.proposals import KIND, Proposal

PROPOSALS = Proposal.__table__
P: Any = PROPOSALS.c
COLUMNS = (P.threshold, P.archives_at, P.reached_at, P.withdrawn_at, P.merged_at, P.progress, P.place)
CLOSEST = (Key(P.progress, True), Key(P.place, True))
"""The order "close to the threshold", for those that gather support."""
STATES = ("gathering", "reached", "archived", "other")
"""What lists can be filtered by; `other`: withdrawn, or joined to another one."""
NOW = bindparam("now", type_=P.archives_at.type)


@dataclass(frozen=True)
class Wanted:
    """Filters of a list; "" filters nothing out."""

    state: str = ""
    topic: str = ""
    area: str = ""
    tag: str = ""
    """Slugs, as for topic and area."""
    words: str = ""


def proposals_of(db: Session, now: datetime, wanted: Wanted, closest: bool = False) -> tuple[AnySelect, dict[str, Any]]:
    """Visible proposals as `card_rows`, and the values of the query's parameters.

    `closest` keeps to those that gather support, for the order CLOSEST.
    """
    given: dict[str, Any] = {"topic": wanted.topic, "area": wanted.area, "tag": wanted.tag, "now": now}
    state = "gathering" if closest else wanted.state
    known = _few(db, "" if closest else state, wanted, given)
    tagged, worded = (
        bool(asked) and name not in known for name, asked in (("tag", wanted.tag), ("words", wanted.words))
    )
    query = _query(state, bool(known), bool(wanted.topic), bool(wanted.area), tagged, closest)
    if known:
        given["ids"] = sorted(set.intersection(*known.values()))
    if worded and not words_of(wanted.words):
        query = query.where(false())
    elif worded:
        # An expression, so that SQLite follows the order of the list rather than look all of them up and sort.
        query = query.where((Contribution.id + 0).in_(found_by(db, wanted.words)))
    return query, given


@cache
def _query(state: str, few: bool, topic: bool, area: bool, tagged: bool, closest: bool) -> AnySelect:
    query = card_rows(*COLUMNS).join(PROPOSALS, P.id == Contribution.id)
    # Without the kind where ids or an index of the plugin's say it: no other index is then worth a database's thought.
    if few:
        query = query.where(Contribution.id.in_(bindparam("ids", expanding=True)))
    elif not closest:
        query = query.where(Contribution.kind == KIND.name)
    if state:
        query = query.where(in_state(state, NOW))
    if closest:
        # Not `progress < 1000`, which follows: SQLite would look for that in the index, and not for the cursor.
        query = query.where(P.archived_told_at.is_(None))
    # One value, not a join: then the order of an index on it is seen to be the order of the list.
    if topic:
        query = query.where(Contribution.topic_id == _id_of(Topic, "topic"))
    if area:
        query = query.where(Contribution.area_id == _id_of(Area, "area"))
    if tagged:
        query = query.where((Contribution.id + 0).in_(_tagged()))
    return query


def in_state(wanted: str, now: Any) -> ColumnElement[bool]:
    """The same as `proposals.state`, as a condition for lists; `now` may be a parameter of the query."""
    stands = and_(P.withdrawn_at.is_(None), P.merged_at.is_(None))
    unreached = and_(P.reached_at.is_(None), stands)
    return {
        "gathering": and_(unreached, or_(P.archives_at.is_(None), P.archives_at > now)),
        "reached": and_(P.reached_at.is_not(None), stands),
        "archived": and_(unreached, P.archives_at <= now),
        "other": or_(P.withdrawn_at.is_not(None), P.merged_at.is_not(None)),
    }[wanted]


def _few(db: Session, state: str, wanted: Wanted, given: dict[str, Any]) -> dict[str, set[int]]:
    """The ids behind each narrow filter, by its name, where these are few: one query by indexes for all of them.

    Proposals are mostly archived: without this a list of the three that are not would read all that are.
    """
    parts = _parts(state, bool(wanted.tag))
    if words_of(wanted.words):
        parts = (*parts, _part("words", found_by(db, wanted.words)))
    if not parts:
        return {}
    found: dict[str, set[int]] = {"state": set(), "tag": set(), "words": set()}
    for name, id in db.execute(union_all(*parts) if len(parts) > 1 else parts[0], given):
        found[name].add(id)
    asked = {"state": state, "tag": wanted.tag, "words": words_of(wanted.words)}
    return {name: ids for name, ids in found.items() if asked[name] and len(ids) <= FEW}


@cache
def _parts(state: str, tag: bool) -> tuple[AnySelect, ...]:
    """Ids that may be in a state at `:now`, and of what has a tag: one more than few of them is enough to know."""
    every = select(P.id)
    sides = {
        "gathering": (every.where(P.archived_told_at.is_(None), in_state("gathering", NOW)),),
        "reached": (every.where(P.reached_at.is_not(None), in_state("reached", NOW)),),
        "archived": (every.where(in_state("archived", NOW)).order_by(P.archives_at),),
        "other": (every.where(P.withdrawn_at.is_not(None)), every.where(P.merged_at.is_not(None))),
    }
    found = [_part("state", side) for side in sides.get(state, ())]
    return tuple([*found, _part("tag", _tagged())] if tag else found)


def _part(name: str, ids: AnySelect) -> AnySelect:
    few = ids.limit(FEW + 1).subquery()
    return select(literal(name), few.c.id)


def _tagged() -> AnySelect:
    of = ContributionTag.__table__.c
    return select(of.contribution_id.label("id")).where(of.tag_id == _id_of(Tag, "tag"))


def _id_of(table: type[Topic] | type[Area] | type[Tag], parameter: str) -> Any:
    return select(table.id).where(table.slug == bindparam(parameter)).scalar_subquery()
