"""The town's calendar: working days, the last moment of a term, and hours of reminders, in every zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign_feedback.calendar import DAY, Calendar

ZONES = ("UTC", "Europe/Madrid", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Auckland", "Asia/Beirut", "Pacific/Apia",
         "America/Havana")  # fmt: skip
days = st.dates(date(2015, 1, 1), date(2040, 1, 1))
zones = st.sampled_from(ZONES).map(ZoneInfo)
specials = st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 3, 1)), st.booleans(), max_size=20)


def calendar(zone: str = "UTC", **special: bool) -> Calendar:
    return Calendar(ZoneInfo(zone), 9, {date.fromisoformat(day): works for day, works in special.items()})


@pytest.mark.parametrize(("start", "count", "end"), [
    ("2026-05-04", 0, "2026-05-04"), ("2026-05-04", 3, "2026-05-07"), ("2026-05-08", 1, "2026-05-11"),
    ("2026-05-09", 1, "2026-05-11"), ("2026-05-04", 15, "2026-05-25"), ("2026-12-24", 2, "2026-12-28"),
])  # fmt: skip
def test_working_days_leave_out_weekends_and_holidays_but_not_a_saturday_on_which_the_town_works(
    start: str, count: int, end: str
) -> None:
    with_specials = calendar(**{"2026-12-25": False, "2026-12-26": True})
    assert str(with_specials.later(date.fromisoformat(start), count, working=True)) == end


@given(days, zones)
def test_a_day_ends_when_the_next_one_begins_whatever_the_clocks_do(day: date, zone: ZoneInfo) -> None:
    its = Calendar(zone, 9, {})
    end = its.end_of(day).astimezone(UTC)
    assert its.last_day(end) == day
    assert its.today(end) == day + DAY
    if zone.key != "Pacific/Apia":  # which left out December 30, 2011 and goes far into either day
        assert its.today(end - timedelta(seconds=1)) <= day


@given(days, zones, st.integers(0, 23))
def test_reminders_come_on_a_working_day_at_their_hour_near_to_theirs(day: date, zone: ZoneInfo, hour: int) -> None:
    its = Calendar(zone, hour, {})
    for back in (True, False):
        local = its.reminder_on(day, back).astimezone(UTC).astimezone(zone)
        assert its.works(local.date())
        assert abs((local.date() - day).days) <= 2
        assert (local.hour - hour) % 24 in (0, 1)  # one later on the night when that hour is left out


@given(days, st.integers(0, 40), specials)
def test_a_term_of_working_days_holds_exactly_so_many(day: date, count: int, special: dict[date, bool]) -> None:
    its = Calendar(ZoneInfo("UTC"), 9, special)
    end = its.later(day, count, working=True)
    assert sum(its.works(day + n * DAY) for n in range(1, (end - day).days + 1)) == count
    assert end == day or its.works(end)


@given(days, st.integers(-50, 50), zones)
def test_days_left_are_counted_by_the_days_of_the_town(day: date, left: int, zone: ZoneInfo) -> None:
    its = Calendar(zone, 9, {})
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
    assert its.days_left(its.end_of(day + left * DAY), noon) == left


def test_a_town_that_never_works_still_gets_a_date() -> None:
    holidays = {date(2026, 1, 1) + n * DAY: False for n in range(1000)}
    its = Calendar(ZoneInfo("UTC"), 9, holidays)
    assert its.later(date(2026, 1, 1), 5, working=True) == date(2026, 1, 1) + 300 * DAY
    assert its.reminder_on(date(2026, 1, 5), back=False).date() == date(2026, 1, 5)
