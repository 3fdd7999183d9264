"""The town's calendar: which days are working days, and when a deadline, a reminder or an hour of a day is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from codesign.kit import SHOWN_NOWHERE, Base

DAY = timedelta(days=1)
SATURDAY = 5
LONGEST_WAY = 60
"""No row of free days is longer; so nobody looks for a working day for ever."""


class SpecialDay(Base):
    """A day that is not what its weekday says: a holiday, or a Saturday on which the town works."""

    __tablename__ = "feedback_day"
    __table_args__ = {"info": SHOWN_NOWHERE}
    day: Mapped[date] = mapped_column(primary_key=True)
    works: Mapped[bool]
    title: Mapped[str]


@dataclass(frozen=True)
class Calendar:
    zone: ZoneInfo
    hour: int
    """Of reminders, in the town's time."""
    special: Mapping[date, bool]
    """Days that are not what their weekday says: whether the town works."""

    def works(self, day: date) -> bool:
        return self.special.get(day, day.weekday() < SATURDAY)

    def today(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()

    def later(self, day: date, days: int, working: bool) -> date:
        """The last day of a term of so many days that begins after `day`."""
        if not working:
            return day + days * DAY
        for _step in range(days * LONGEST_WAY):
            if days == 0:
                break
            day += DAY
            days -= self.works(day)
        return day

    def end_of(self, day: date) -> datetime:
        """The first moment after it, wherever the clocks were changed."""
        return datetime.combine(day + DAY, time(), self.zone)

    def reminder_on(self, day: date, back: bool) -> datetime:
        """The hour of reminders on the next working day, or the one before when `back`; on `day` if the town works."""
        step = -DAY if back else DAY
        working = next((d for d in (day + step * n for n in range(LONGEST_WAY)) if self.works(d)), day)
        return datetime.combine(working, time(self.hour), self.zone)

    def days_left(self, due_at: datetime, now: datetime) -> int:
        """Full days until the last day is over, negative when it is: 0 on the last day, -1 on the day after."""
        return (self.last_day(due_at) - self.today(now)).days

    def last_day(self, due_at: datetime) -> date:
        """The day that ends at this moment."""
        return due_at.astimezone(self.zone).date() - DAY


def special_days(db: Session) -> Mapping[date, bool]:
    """A town names some dozens of them a year."""
    return {row.day: row.works for row in db.execute(select(SpecialDay.day, SpecialDay.works).limit(5000))}
