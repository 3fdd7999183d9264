"""When the hours of a town come, whatever its clocks do."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from codesign.digests import due_hours

BERLIN, LORD_HOWE, SAMOA, KOLKATA = "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata"


@pytest.mark.parametrize(
    ("zone", "since", "until", "hours"),
    [
        ("UTC", "2026-05-04T16:59", "2026-05-04T17:00", [17]),
        ("UTC", "2026-05-04T17:00", "2026-05-04T17:59", []),
        ("UTC", "2026-05-04T17:00", "2026-05-06T17:00", list(range(24))),
        ("UTC", "2020-05-04T17:00", "2026-05-06T17:00", list(range(24))),
        ("UTC", "2026-05-04T22:30", "2026-05-05T01:30", [0, 1, 23]),
        (KOLKATA, "2026-05-04T11:29", "2026-05-04T11:30", [17]),
        (KOLKATA, "2026-05-04T11:30", "2026-05-04T12:29", []),
        (BERLIN, "2026-03-29T00:59", "2026-03-29T01:00", [2, 3]),  # 2:00 does not exist: 3:00 does
        (BERLIN, "2026-10-25T00:00", "2026-10-25T00:59", []),
        (BERLIN, "2026-10-24T23:59", "2026-10-25T00:00", [2]),  # 2:00 for the first time
        (BERLIN, "2026-10-25T00:59", "2026-10-25T01:00", []),  # and for the second
        (LORD_HOWE, "2026-10-03T15:29", "2026-10-03T15:30", [2]),  # half an hour is left out
        (SAMOA, "2011-12-30T09:59", "2011-12-30T10:00", [0]),  # a whole day is left out
    ],
)
def test_hours_come_as_the_clocks_of_the_town_strike_them(zone: str, since: str, until: str, hours: list[int]) -> None:
    moments = [datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in (since, until)]
    assert due_hours(*moments, zone) == hours


@pytest.mark.parametrize("zone", [BERLIN, LORD_HOWE, KOLKATA, "America/Santiago", "Africa/Casablanca", "Asia/Beirut"])
def test_each_hour_comes_once_on_each_day_of_a_year_however_often_one_looks(zone: str) -> None:
    chance = Random(zone)
    begin = at = datetime(2025, 12, 31, 23, 17, tzinfo=UTC)
    counted: Counter[int] = Counter()
    while at < begin + timedelta(days=365):
        later = at + timedelta(minutes=chance.randrange(1, 300))
        counted.update(due_hours(at, later, zone))
        at = later
    place = ZoneInfo(zone)
    whole = (at.astimezone(place).date() - begin.astimezone(place).date()).days
    assert {hour: abs(counted[hour] - whole) <= 1 for hour in range(24)} == dict.fromkeys(range(24), True)
    assert sum(counted.values()) - 24 * whole in range(-24, 25)
