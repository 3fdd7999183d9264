"""What time alone demands: the rungs of the clocks, each once, whoever else finds it out at the same moment."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution
from codesign.kit import Occurrence, Tick
from codesign_feedback import asking
from codesign_feedback.clocks import RULES
from codesign_feedback.loop import STEPS
from codesign_feedback.loops import Clock, Loop
from codesign_feedback.rules import Rules, rules_of
from codesign_feedback.steps import take
from codesign_feedback.timing import climb, show

BATCH = 100


def tick(tick: Tick) -> None:
    """Climb every rung whose hour has come, each in a transaction of its own."""
    after = 0
    while True:
        with tick.read() as db:
            due = select(Clock.id).where(Clock.next_at <= tick.now, Clock.id > after).order_by(Clock.id).limit(BATCH)
            ids = list(db.scalars(due))
        for id in ids:
            with tick.write() as db:
                _climb(db, id, tick)
        if len(ids) < BATCH:
            return
        after = ids[-1]


def _climb(db: Session, clock_id: int, tick: Tick) -> None:
    """Nothing when another worker was quicker: the row is locked, and its hour asked again."""
    locked = select(Clock).where(Clock.id == clock_id, Clock.next_at <= tick.now).with_for_update(skip_locked=True)
    clock = db.scalar(locked)
    if clock is None:
        return
    loop = db.get_one(Loop, clock.contribution_id, with_for_update={"of": Loop})
    thing = db.get_one(Contribution, clock.contribution_id)
    rules = rules_of(db)
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
    if verb in ("publish_overdue", "lapse") and loop.overdue_at is None:
        loop.overdue_at = now
    if STEPS[verb].after is None:
        left = rules.calendar.days_left(clock.due_at, now)
        return take(
            db, verb, loop, thing, None, rules, now, clock=clock.name, clock_label=RULES[clock.name].label, days=left
        )
    occurrence = take(db, verb, loop, thing, None, rules, now)
    show(db, loop)
    return occurrence
