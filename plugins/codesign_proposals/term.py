"""The days that are left of a proposal's term, and when their number changes."""

from datetime import datetime, timedelta

DAY = timedelta(days=1)


def days_left(archives_at: datetime | None, now: datetime) -> int | None:
    """Days until the end of its term, the last one counted as one; None when it has no end or is over."""
    if archives_at is None or archives_at <= now:
        return None
    return -((now - archives_at) // DAY)


def next_day(archives_at: datetime | None, now: datetime) -> datetime | None:
    """When there is a day less of it, for pages that are kept."""
    left = days_left(archives_at, now)
    return archives_at - (left - 1) * DAY if archives_at is not None and left is not None else None
