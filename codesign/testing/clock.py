"""A clock that stands still until it is told to move: the only thing tests replace."""

from datetime import UTC, datetime, timedelta


class Clock:
    def __init__(self, moment: datetime = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def advance(self, passed: timedelta) -> None:
        self.moment += passed
