"""A running clock in words: "12 days left until the official answer", "3 days over: the official answer is late"."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from codesign.kit import gettext, mark, ngettext
from codesign_feedback.calendar import Calendar
from codesign_feedback.clocks import RULES

SOON = 3
"""From so many days on it is said with more weight."""
ASKING = frozenset({"replies", "replies_again"})
LATE: Mapping[str, str] = {
    "transfer": mark("It is not clear yet who is responsible."),
    "answer": mark("The official answer is late."),
    "commitment": mark("The town has not said yet who will do what by when."),
    "progress": mark("There is no news of the work."),
    "delivery": mark("It was promised and is not delivered."),
    "dispute": mark("Those who say it is not done have no answer yet."),
    "appeal_answer": mark("The appeal is not decided yet."),
}
"""What is wrong when a clock of the town is over; the others end by themselves."""


@dataclass(frozen=True)
class Left:
    """How much time a clock leaves."""

    clock: str
    days: int
    """0 on the last day, negative when it is over."""
    last_day: date
    words: str
    """`12 days left`, `Last day today`, `3 days over`."""
    what: str
    """Until what; or, when the town is late, what is missing."""

    @property
    def late(self) -> bool:
        """The town owes something and the time is over."""
        return self.days < 0 and self.clock in LATE

    @property
    def soon(self) -> bool:
        return 0 <= self.days <= SOON


def left(clock: str, due_at: datetime, calendar: Calendar, now: datetime) -> Left:
    """`due_at` is the end of the clock, `clock` its name in `RULES`."""
    days, last_day = calendar.days_left(due_at, now), calendar.last_day(due_at)
    what = LATE[clock] if days < 0 and clock in LATE else RULES[clock].label
    words = in_days(days)
    return Left(clock, days, last_day, words[:1].upper() + words[1:], gettext(what))


def in_days(days: int) -> str:
    if days == 0:
        return gettext("Last day today")
    if days < 0:
        return ngettext("%(num)s day over", "%(num)s days over", -days) % {"num": -days}
    return ngettext("%(num)s day left", "%(num)s days left", days) % {"num": days}
