"""Starting and stopping the clocks of a loop, and finding the moment of the next rung of each."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign_feedback.calendar import DAY, Calendar
from codesign_feedback.clocks import REMINDERS, RULES
from codesign_feedback.loop import State
from codesign_feedback.loops import Clock, Loop
from codesign_feedback.rules import Rules

ALL = "*"
ASKING = frozenset({"replies", "replies_again"})
"""The clocks that run while people can say whether it is done."""


def start(db: Session, loop: Loop, name: str, rules: Rules, now: datetime, until: date | None = None) -> Clock:
    """A running clock of this name is started anew. `until`: its last day, when the step has told one."""
    stop(db, loop, (name,), now)
    rule, calendar = RULES[name], rules.calendar
    last = until or calendar.later(calendar.today(now), rules.days(name), rule.working)
    due_at = calendar.end_of(last)
    clock = Clock(contribution_id=loop.contribution_id, name=name, started_at=now, due_at=due_at, rung=0)
    db.add(clock)
    wind(clock, calendar, now)
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
            wind(clock, rules.calendar, now)


def put_forward(db: Session, loop: Loop, days: int, rules: Rules) -> None:
    """All running clocks end so many days later, but for those whose date was promised. Nothing is climbed again."""
    calendar = rules.calendar
    for clock in running(db, loop):
        if RULES[clock.name].setting:
            clock.due_at = calendar.end_of(calendar.later(calendar.last_day(clock.due_at), days, working=False))
            wind(clock, calendar, clock.started_at)
    if loop.overdue_at is not None:
        loop.overdue_at += days * DAY
    show(db, loop)


def climb(clock: Clock, calendar: Calendar, now: datetime) -> None:
    """The present rung is done: the next one is waited for."""
    clock.rung += 1
    wind(clock, calendar, now)


def show(db: Session, loop: Loop) -> None:
    """Write on the loop what follows from its running clocks: which public one ends next, whether people are asked or
    appeal, and whether it is still overdue. What has lapsed stays on the list of what is overdue."""
    clocks = running(db, loop)
    names = {clock.name for clock in clocks}
    loop.appealing = "appeal_answer" in names
    if not names & ASKING:
        loop.asked_at = None
    overdue = loop.overdue_at is not None and any(clock.due_at <= loop.overdue_at for clock in clocks)
    if not overdue and loop.state is not State.LAPSED:
        loop.overdue_at = None
    public = [clock for clock in clocks if RULES[clock.name].public]
    nearest = min(public, key=lambda clock: clock.due_at, default=None)
    loop.clock, loop.due_at = (nearest.name, nearest.due_at) if nearest else ("", None)
    loop.answer_due_at = next((clock.due_at for clock in public if clock.name == "answer"), loop.answer_due_at)


def ending(loop: Loop, rules: Rules) -> dict[str, str]:
    """What letters say of the nearest public clock: its last day, and until what. Empty when none runs."""
    if loop.due_at is None:
        return {}
    return {"until": rules.calendar.last_day(loop.due_at).isoformat(), "until_label": RULES[loop.clock].label}


def wind(clock: Clock, calendar: Calendar, now: datetime) -> None:
    """Find the next rung. A reminder that comes too late is passed over: when its hour lies before the clock was
    started, or when a pause of the worker lasted until the rung after it."""
    due, ladder = calendar.last_day(clock.due_at), RULES[clock.name].ladder
    moments = [calendar.reminder_on(calendar.later(due, rung.days, working=False), rung.days < 0) for rung in ladder]
    while clock.rung < len(ladder) - 1 and ladder[clock.rung].verb in REMINDERS:
        if moments[clock.rung] >= clock.started_at and moments[clock.rung + 1] > now:
            break
        clock.rung += 1
    clock.next_at = moments[clock.rung] if clock.rung < len(ladder) else None
