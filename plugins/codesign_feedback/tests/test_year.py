"""A year of reminders and escalations, in towns whose clocks and calendars differ: each at its hour, on its day, once."""

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from codesign.core.settings import CORE, save_settings
from codesign.events import Event
from codesign.testing import Town
from codesign_feedback.alarms import Round
from codesign_feedback.calendar import SpecialDay
from codesign_feedback.loop import Code, State
from codesign_feedback.loops import Clock
from codesign_feedback.tests.making import decide_settings, loop_in, now, opened, standing
from codesign_feedback.tests.walking import answer, commit

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
Moment = tuple[str, str]
"""What happened, and when in the town's own time: ("reminded", "Fri 2026-05-29 09:00")."""


def settle(town: Town, zone: str, start: str, special: dict[str, bool] | None = None) -> None:
    """The town lives in this zone, and it is `start` there."""
    town.enable("feedback")
    with town.write() as db:
        save_settings(db, CORE, {"title": "Alder", "zone": zone}, now(town))
        for day, works in (special or {}).items():
            db.add(SpecialDay(day=date.fromisoformat(day), works=works, title="Special"))
    town.world.clock.moment = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone))
    town.tick()


def happened(town: Town, id: int, zone: str) -> list[Moment]:
    with town.read() as db:
        query = select(Event.name, Event.at).where(Event.contribution_id == id, Event.name.startswith("feedback."))
        rows = db.execute(query.order_by(Event.id)).all()
    local = [(row.name.removeprefix("feedback."), row.at.astimezone(ZoneInfo(zone))) for row in rows]
    return [(name, f"{at:%a %Y-%m-%d %H:%M}") for name, at in local if name not in ("received", "acknowledged")]


def next_moment(town: Town) -> datetime | None:
    """Of all clocks, whatever they belong to; reports are looked for each working day."""
    with town.read() as db:
        moments = [
            *db.scalars(select(Clock.next_at).where(Clock.next_at.is_not(None))),
            *db.scalars(select(Round.next_at)),
        ]
    return min((moment for moment in moments if moment is not None), default=None)


def run_until(town: Town, end: datetime) -> int:
    """Live on until then: a second before each moment at which anything is due nothing happens, and in it all does.
    Returns how many moments there were."""
    count = 0
    while (moment := next_moment(town)) is not None and moment <= end:
        town.world.clock.moment = max(now(town), moment - SECOND)
        with town.counted() as asked:
            town.tick()
        assert not [statement for statement in asked if statement.startswith(("INSERT", "UPDATE"))]
        town.world.clock.moment = moment
        town.tick()
        town.tick()
        count += 1
    town.world.clock.moment = end
    return count


MADRID = [
    ("reminded", "Thu 2026-03-26 09:00"),  # the last day is April 2; three days of clocks go forward on March 29
    ("reminded", "Wed 2026-04-01 09:00"),
    ("escalated", "Tue 2026-04-07 09:00"),  # April 3 and 6 are holidays
    ("overdue", "Thu 2026-04-16 09:00"),
    ("lapsed", "Mon 2026-05-04 09:00"),
]
KOLKATA = [
    ("reminded", "Thu 2026-03-26 09:00"), ("reminded", "Wed 2026-04-01 09:00"), ("escalated", "Fri 2026-04-03 09:00"),
    ("overdue", "Thu 2026-04-16 09:00"), ("lapsed", "Sat 2026-05-02 09:00"),
]  # fmt: skip
NO_HOLIDAYS = [*KOLKATA[:4], ("lapsed", "Mon 2026-05-04 09:00")]
EASTER = {"2026-04-03": False, "2026-04-06": False}


@pytest.mark.parametrize(("zone", "special", "expected"), [
    ("Europe/Madrid", EASTER, MADRID),
    ("America/Sao_Paulo", {}, NO_HOLIDAYS),
    ("Asia/Kolkata", {"2026-05-02": True}, KOLKATA),
    ("Pacific/Auckland", {}, NO_HOLIDAYS),
])  # fmt: skip
def test_an_answer_that_never_comes_climbs_the_whole_ladder_at_nine_in_the_town(
    alder: Town, zone: str, special: dict[str, bool], expected: list[Moment]
) -> None:
    settle(alder, zone, "2026-03-03 23:59:59", special)
    decide_settings(alder, transfer_days=30)  # of that clock another test tells
    id = opened(alder)
    run_until(alder, datetime(2027, 3, 3, tzinfo=ZoneInfo(zone)))
    found = happened(alder, id, zone)
    assert [each for each in found if each in expected] == expected
    assert Counter(name for name, _when in found) == {"reminded": 3, "escalated": 2, "overdue": 1, "lapsed": 1}


def test_a_year_of_work_is_reminded_of_at_its_hours_and_each_time_once(alder: Town) -> None:
    """In Auckland, where the clocks go back on April 5 and forward on September 27."""
    zone = "Pacific/Auckland"
    settle(alder, zone, "2026-03-30 10:00:00", {"2026-04-03": False, "2026-04-06": False, "2026-04-27": False})
    id = opened(alder)
    answer(alder, id, Code.ACCEPTED_AS_IS)
    moments = run_until(alder, datetime(2026, 5, 20, 12, tzinfo=ZoneInfo(zone)))
    assert happened(alder, id, zone)[1:] == [
        ("reminded", "Wed 2026-04-22 09:00"),  # seven days before the last day, April 29
        ("reminded", "Tue 2026-04-28 09:00"),
        ("escalated", "Thu 2026-04-30 09:00"),
        ("overdue", "Wed 2026-05-13 09:00"),
    ]
    commit(alder, id, days=130)
    assert (loop_in(alder, id).overdue_at, str(loop_in(alder, id).due_at)) == (None, "2026-06-19 12:00:00+00:00")
    moments += run_until(alder, datetime(2027, 3, 30, 12, tzinfo=ZoneInfo(zone)))
    assert happened(alder, id, zone)[6:] == [
        ("reminded", "Fri 2026-06-12 09:00"),  # news of the work, until June 19
        ("reminded", "Thu 2026-06-18 09:00"),
        ("escalated", "Mon 2026-06-22 09:00"),
        ("overdue", "Fri 2026-07-03 09:00"),
        ("reminded", "Fri 2026-09-18 09:00"),  # the promise, until Sunday September 27
        ("reminded", "Fri 2026-09-25 09:00"),
        ("escalated", "Mon 2026-09-28 09:00"),  # in summer time again
        ("overdue", "Mon 2026-10-12 09:00"),
    ]
    assert moments > 250  # each working day is one, too
    assert standing(alder, id) is State.COMMITTED


@pytest.mark.parametrize(("zone", "around"), [
    ("Europe/Madrid", "2026-03-29"), ("Europe/Madrid", "2026-10-25"), ("Asia/Kolkata", "2026-03-29"),
    ("Pacific/Auckland", "2026-04-05"), ("Pacific/Auckland", "2026-09-27"),
])  # fmt: skip
def test_hour_by_hour_around_a_change_of_the_clocks_each_rung_is_climbed_once_and_in_its_hour(
    alder: Town, zone: str, around: str
) -> None:
    change = date.fromisoformat(around)
    settle(alder, zone, f"{change - 4 * DAY} 15:30:00")
    decide_settings(alder, answer_days=3, transfer_days=1)  # the last day is the day before the change
    id = opened(alder)
    for _hour in range(24 * 8):
        alder.world.clock.advance(HOUR)
        alder.tick()
    found = happened(alder, id, zone)
    last = change - DAY
    monday = next(day for day in (change + n * DAY for n in range(7)) if day.weekday() < 5)
    expected = {("reminded", str(last - DAY)), ("escalated", str(monday))}
    assert {(name, when[4:14]) for name, when in found} >= expected
    assert {when[-5:-2] for _name, when in found} == {"09:"}
    assert len(found) == len(set(found)) == 3  # and the clock of who is responsible
