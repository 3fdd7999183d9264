"""How well the town listens, in figures: counted by the database in one look, per authority, topic or life situation.

Every figure has its n, the number of contributions it is made of. Source of all of them is the table `feedback_loop`;
what a moderator has hidden, and what belongs to a plugin that is off, does not count.
"""

import enum
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from codesign.core.authorities import Authority
from codesign.core.contributions import Contribution
from codesign.core.life import Situation
from codesign.core.topics import Topic
from codesign_feedback.clocks import RULES
from codesign_feedback.loop import ANSWERABLE, OPEN, Outcome, State
from codesign_feedback.loops import Loop
from codesign_feedback.shown_kinds import switched_on

EVER = datetime(1970, 1, 1, tzinfo=UTC)
SOON = timedelta(days=7)
TOWN_CLOCKS = frozenset(name for name, rule in RULES.items() if any(r.verb == "publish_overdue" for r in rule.ladder))
"""Clocks that the town lets pass, where others are for residents: only these make something overdue."""


class By(enum.StrEnum):
    AUTHORITY = "authority"
    TOPIC = "topic"
    SITUATION = "situation"


@dataclass(frozen=True)
class Place:
    """An authority, a topic or a life situation."""

    id: int | None
    """None: what belongs to none of them."""
    title: str
    url: str


@dataclass(frozen=True)
class Tally:
    """What was counted of one place. "In the window" is since the moment that was asked for."""

    answered: int = 0
    """First official answers given in the window."""
    in_time: int = 0
    """Those of them that came before their deadline."""
    silent: int = 0
    """Deadlines of first answers that passed in the window, and there is no answer yet. Staying silent is not in time."""
    decided: int = 0
    """Those who took part were asked whether it is done, and it ended in the window: verified, disputed or unverified."""
    verified: int = 0
    """Those of them for which enough people said: it is done."""
    disputed: int = 0
    """Those of them for which they said: it is not done, and the town has not promised anew."""
    ended: int = 0
    """Verified or closed in the window, or opened again since."""
    reopened: int = 0
    """Those of them that were opened again at least once."""
    open: int = 0
    """Now: something is still to happen (`loop.OPEN`)."""
    unanswered: int = 0
    """Now: an official answer is owed (`loop.ANSWERABLE`)."""
    overdue: int = 0
    """Now: the last day of what the town owes next has passed, or it never answered (`State.LAPSED`)."""
    due_soon: int = 0
    """Now: it passes within seven days."""
    days: tuple[tuple[int, int], ...] = ()
    """Days from opening to the first answer, each with how many answers given in the window took so long."""

    @property
    def due(self) -> int:
        """First answers that were owed in the window: given, or not given although the deadline passed."""
        return self.answered + self.silent

    @property
    def median_days(self) -> float | None:
        """Half of the first answers given in the window took so many days or fewer; None without any."""
        return median(self.days)


COUNTED = tuple(field.name for field in fields(Tally) if field.name != "days")


def figures_by(
    db: Session,
    by: By,
    now: datetime,
    since: datetime = EVER,
    only: Collection[int] | None = None,
    wanted: Collection[str] = COUNTED,
) -> dict[int | None, Tally]:
    """What is counted of each place, by its id; `only` these, when given. Places where nothing was ever owed are not
    in it. `wanted` are numbers of a Tally, all others stay 0; days are told with `answered`. One query: a row for each
    place and number of days."""
    place = _column(by)
    answered_in: ColumnElement[Any] = case((Loop.answered_at >= since, Loop.answer_days))
    conditions = _conditions(now, since)
    counts = [func.count(case((conditions[name], 1))).label(name) for name in wanted]
    query = select(place.label("place"), answered_in.label("days"), *counts).select_from(Loop)
    query = query.join(Contribution, Contribution.id == Loop.contribution_id)
    query = query.where(Contribution.hidden_at.is_(None), switched_on())
    if only is not None:
        query = query.where(place.in_(only))
    parts: dict[int | None, list[Tally]] = {}
    for row in db.execute(query.group_by(place, answered_in)).mappings():
        days = ((row["days"], row["answered"]),) if row["days"] is not None else ()
        parts.setdefault(row["place"], []).append(Tally(**{name: row[name] for name in wanted}, days=days))
    return {id: together(found) for id, found in parts.items()}


def together(tallies: Iterable[Tally]) -> Tally:
    """Several places as one."""
    sums: Counter[str] = Counter()
    days: Counter[int] = Counter()
    for tally in tallies:
        sums.update({name: getattr(tally, name) for name in COUNTED})
        days.update(dict(tally.days))
    return Tally(**{name: sums[name] for name in COUNTED}, days=tuple(sorted(days.items())))


def places(db: Session, by: By, ids: Collection[int | None]) -> list[Place]:
    """Their titles, in alphabetical order; what belongs to none comes last."""
    models: Mapping[By, Any] = {By.AUTHORITY: Authority, By.TOPIC: Topic, By.SITUATION: Situation}
    model = models[by]
    columns: Any = select(model.id, model.title, model.slug)
    wanted = [id for id in ids if id is not None]
    roots = {By.AUTHORITY: "/authorities/", By.TOPIC: "/topics/", By.SITUATION: "/situations/"}
    found = [Place(row.id, row.title, roots[by] + row.slug) for row in db.execute(columns.where(model.id.in_(wanted)))]
    found.sort(key=lambda place: (place.title.casefold(), place.id))
    return [*found, *([Place(None, "", "")] if None in ids else [])]


def median(counts: Iterable[tuple[int, int]]) -> float | None:
    """Of values with how often each occurs; of an even number of them the mean of the two in the middle."""
    ordered = sorted((value, often) for value, often in counts if often)
    total = sum(often for _value, often in ordered)
    if not total:
        return None
    return (_at(ordered, (total + 1) // 2) + _at(ordered, total // 2 + 1)) / 2


def _at(ordered: list[tuple[int, int]], rank: int) -> int:
    """The value at this place of the row, counted from 1."""
    seen = 0
    for value, often in ordered:
        seen += often
        if seen >= rank:
            return value
    raise ValueError(rank)


def _column(by: By) -> Any:
    columns = {
        By.AUTHORITY: Loop.authority_id,
        By.TOPIC: Contribution.topic_id,
        By.SITUATION: Contribution.situation_id,
    }
    return columns[by]


def _conditions(now: datetime, since: datetime) -> Mapping[str, ColumnElement[bool]]:
    """For each number of a Tally, which loops are counted."""
    answered, owed = Loop.answered_at >= since, Loop.state.in_(ANSWERABLE)
    silent = and_(Loop.answered_at.is_(None), owed, Loop.answer_due_at <= now, Loop.answer_due_at >= since)
    disputed = and_(Loop.state == State.DISPUTED, Loop.appealing.is_(False)) | and_(
        Loop.state == State.LAPSED, Loop.round > 0
    )
    verified = and_(Loop.state.in_((State.VERIFIED, State.CLOSED)), Loop.outcome == Outcome.VERIFIED)
    unverified = and_(Loop.state == State.CLOSED, Loop.outcome == Outcome.UNVERIFIED)
    recent, again = Loop.state_at >= since, Loop.reopened_count > 0
    town = Loop.clock.in_(TOWN_CLOCKS)
    return {
        "answered": answered,
        "in_time": and_(answered, Loop.in_time.is_(True)),
        "silent": silent,
        "decided": and_(or_(verified, unverified, disputed), recent),
        "verified": and_(verified, recent),
        "disputed": and_(disputed, recent),
        "ended": and_(or_(Loop.state.in_((State.VERIFIED, State.CLOSED)), again), recent),
        "reopened": and_(again, recent),
        "open": Loop.state.in_(OPEN),
        "unanswered": owed,
        "overdue": or_(Loop.state == State.LAPSED, and_(town, Loop.due_at <= now)),
        "due_soon": and_(town, Loop.due_at > now, Loop.due_at <= now + SOON),
    }
