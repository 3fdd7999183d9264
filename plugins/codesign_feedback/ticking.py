"""What time alone demands: the rungs of the clocks, each once, whoever else finds it out at the same moment."""

import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution
from codesign.kit import Occurrence, Tick
from codesign_feedback import alarms, asking
from codesign_feedback.clock_words import LATE
from codesign_feedback.clocks import RULES
from codesign_feedback.loop import STEPS
from codesign_feedback.loops import Clock, Loop, hold
from codesign_feedback.rules import Rules, rules_of
from codesign_feedback.steps import take
from codesign_feedback.timing import climb, wind

log = logging.getLogger("codesign.feedback")
BATCH = 100
MOST = 1000
"""Rungs of one tick; the next one goes on, and letters are sent between them."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
SETBACK = timedelta(hours=1)
"""How long a clock waits whose step failed."""


def tick(tick: Tick) -> None:
    """Climb every rung whose hour has come, each in a transaction of its own, and remind of reports that wait."""
    place = (LONG_AGO, 0)
    for _batch in range(MOST // BATCH):
        with tick.read() as db:
            found = _due(db, tick, place)
        for id, _at in found:
            _try(tick, id)
        if len(found) < BATCH:
            break
        place = (found[-1][1], found[-1][0])
    alarms.tick(tick)


def _due(db: Session, tick: Tick, place: tuple[datetime, int]) -> list[tuple[int, datetime]]:
    """The next clocks, by id and moment, after this place. What a moderator hides stands still, and what is of a kind
    that is off."""
    at, id = place
    # Not a join: SQLite would begin with all contributions of these kinds.
    shown = exists().where(
        Contribution.id == Clock.contribution_id, Contribution.hidden_at.is_(None),
        Contribution.kind.in_(sorted(tick.kinds)),
    )  # fmt: skip
    query = select(Clock.id, Clock.next_at).where(shown)
    query = query.where(Clock.next_at >= at, Clock.next_at <= tick.now, or_(Clock.next_at > at, Clock.id > id))
    rows = db.execute(query.order_by(Clock.next_at, Clock.id).limit(BATCH))
    return [(row.id, row.next_at) for row in rows]


def _try(tick: Tick, clock_id: int) -> None:
    """A clock that fails does not hold up the others."""
    try:
        with tick.write() as db:
            _climb(db, clock_id, tick)
    except Exception:
        log.exception("the clock %s cannot go on now", clock_id)
        with tick.write() as db:
            clock = db.get(Clock, clock_id)
            if clock is not None and clock.next_at is not None:
                clock.next_at = tick.now + SETBACK


def _climb(db: Session, clock_id: int, tick: Tick) -> None:
    """Nothing when somebody was quicker: the contribution and its loop are held, and the clock is read anew."""
    contribution_id = db.scalar(select(Clock.contribution_id).where(Clock.id == clock_id))
    if contribution_id is None:
        return
    hold(db, contribution_id)
    loop = db.get_one(Loop, contribution_id, with_for_update={"of": Loop})
    clock = db.scalar(select(Clock).where(Clock.id == clock_id, Clock.next_at <= tick.now))
    thing = db.get_one(Contribution, contribution_id)
    if clock is None or thing.hidden:
        return
    rules = rules_of(db)
    wind(clock, rules.calendar, tick.now)  # the worker may have slept through a reminder
    verb = RULES[clock.name].ladder[clock.rung].verb
    climb(clock, rules.calendar, tick.now)
    tick.record(db, _take(db, verb, clock, loop, thing, rules, tick.now))


def _take(
    db: Session, verb: str, clock: Clock, loop: Loop, thing: Contribution, rules: Rules, now: datetime
) -> Occurrence:
    if clock.name in ("replies", "replies_again"):
        decided = asking.decide(db, loop, thing, rules, now)
        if decided is not None:
            return decided
    if verb == "close":
        return asking.close(db, loop, thing, rules, now)
    if verb in ("ask", "ask_again"):
        return (asking.ask if verb == "ask" else asking.ask_again)(db, loop, thing, rules, now)
    if clock.name == "answer" and verb == "escalate" and loop.answered_at is None:
        loop.in_time = False
    if verb in ("publish_overdue", "lapse") and loop.overdue_at is None:
        loop.overdue_at = now
    if STEPS[verb].after is not None:
        return take(db, verb, loop, thing, None, rules, now)
    left, label = rules.calendar.days_left(clock.due_at, now), RULES[clock.name].label
    told = {"clock": clock.name, "clock_label": label, "late_label": LATE.get(clock.name, label), "days": left}
    return take(db, verb, loop, thing, None, rules, now, **told)
