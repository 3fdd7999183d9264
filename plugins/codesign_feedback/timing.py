"""Starting and stopping the clocks of a loop, and finding the moment of the next rung of each."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign_feedback.calendar import Calendar
from codesign_feedback.clocks import REMINDERS, RULES
from codesign_feedback.loops import Clock, Loop
from codesign_feedback.rules import Rules

ALL = "*"


def start(db: Session, loop: Loop, name: str, rules: Rules, now: datetime, until: date | None = None) -> Clock:
    """A running clock of this name is started anew. `until`: its last day, when the step has told one."""
    stop(db, loop, (name,), now)
    rule, calendar = RULES[name], rules.calendar
    last = until or calendar.later(calendar.today(now), rules.days(name), rule.working)
    due_at = calendar.end_of(last)
    clock = Clock(contribution_id=loop.contribution_id, name=name, started_at=now, due_at=due_at, rung=0)
    db.add(clock)
    _wind(clock, calendar, now)
    return clock


def stop(db: Session, loop: Loop, names: tuple[str, ...], now: datetime) -> None:
    for clock in running(db, loop):
        if ALL in names or clock.name in names:
            clock.stopped_at, clock.next_at = now, None
    db.flush()


def running(db: Session, loop: Loop) -> list[Clock]:
    db.flush()
    query = select(Clock).where(Clock.contribution_id == loop.contribution_id, Clock.stopped_at.is_(None))
    return list(db.scalars(query.order_by(Clock.id)))


def lengthen(db: Session, loop: Loop, name: str, days: int, rules: Rules, now: datetime) -> None:
    """Move the end of a running clock; rungs that lie behind are not climbed again."""
    for clock in running(db, loop):
        if clock.name == name:
            last = rules.calendar.last_day(clock.due_at)
            clock.due_at = rules.calendar.end_of(rules.calendar.later(last, days, working=False))
            clock.rung, clock.started_at = 0, now
            _wind(clock, rules.calendar, now)


def climb(clock: Clock, calendar: Calendar, now: datetime) -> None:
    """The present rung is done: the next one is waited for."""
    clock.rung += 1
    _wind(clock, calendar, now)


def show(db: Session, loop: Loop) -> None:
    """Write on the loop which of its public clocks ends next."""
    public = [clock for clock in running(db, loop) if RULES[clock.name].public]
    nearest = min(public, key=lambda clock: clock.due_at, default=None)
    loop.clock, loop.due_at = (nearest.name, nearest.due_at) if nearest else ("", None)
    loop.answer_due_at = next((clock.due_at for clock in public if clock.name == "answer"), loop.answer_due_at)


def _wind(clock: Clock, calendar: Calendar, now: datetime) -> None:
    """Find the next rung. A reminder that comes too late is passed over: when its hour lies before the clock was
    started, or when a pause of the worker lasted until the rung after it."""
    due, ladder = calendar.last_day(clock.due_at), RULES[clock.name].ladder
    moments = [calendar.reminder_on(calendar.later(due, rung.days, working=False), rung.days < 0) for rung in ladder]
    while clock.rung < len(ladder) - 1 and ladder[clock.rung].verb in REMINDERS:
        if moments[clock.rung] >= clock.started_at and moments[clock.rung + 1] > now:
            break
        clock.rung += 1
    clock.next_at = moments[clock.rung] if clock.rung < len(ladder) else None
