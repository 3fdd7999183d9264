"""Numbers and moments are remembered once formatted: what is shown is what Babel would say each time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel import Locale, dates, numbers

from codesign.i18n import (
    LANGUAGES,
    MORE_THAN_ONE,
    UNITS,
    Speech,
    show_ago,
    show_date,
    show_datetime,
    show_number,
    speaking,
)

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
EDGES = sorted(
    {
        round(length * times) + step
        for _unit, length in UNITS
        for times in (1, MORE_THAN_ONE, 1.5, 2.5, 4)
        for step in (-1, 0, 1)
    }
)
PASSED = [timedelta(seconds=sign * edge, microseconds=rest) for edge in EDGES for sign in (1, -1) for rest in (0, 1)]


@pytest.mark.parametrize("code", LANGUAGES)
def test_how_long_ago_is_said_as_babel_says_it(code: str) -> None:
    locale = Locale.parse("en_GB" if code == "en" else code)
    with speaking(Speech(code)):
        for passed in PASSED:
            said = dates.format_timedelta(passed, add_direction=True, locale=locale, threshold=MORE_THAN_ONE)
            assert show_ago(NOW + passed, NOW) == said, passed


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Madrid", "Asia/Almaty"])
def test_one_moment_is_shown_in_the_zone_of_each_town(code: str, zone: str) -> None:
    locale, clock = Locale.parse("en_GB" if code == "en" else code), ZoneInfo(zone)
    turns = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # the night in which Madrid has one hour twice
    with speaking(Speech(code, zone)):
        for moment in (NOW, turns, turns + timedelta(hours=1), turns + timedelta(days=40, microseconds=9)):
            assert show_datetime(moment) == dates.format_datetime(moment, "medium", clock, locale)
            assert show_date(moment) == dates.format_date(moment.astimezone(clock), "long", locale)
        for number in (0, 1, 999, 1000, 1234567, -5):
            assert show_number(number) == numbers.format_decimal(number, locale=locale)
