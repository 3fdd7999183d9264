"""What a cell means: a number, a moment, a short text. A ValueError tells why not, in words for the report."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

MOST = 10**9
"""A counter above this is a mistake."""
_ID = re.compile(r"\s*(\d{1,18})(?:\.0)?\s*", re.ASCII)
_COUNT = re.compile(r"\s*(\d{1,10})(?:\.0)?\s*", re.ASCII)
_YMD = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\s*(.*))?", re.ASCII)
_DMY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[T ]\s*(.*))?", re.ASCII)
_TIME = re.compile(r"(?:0 days?,? +)?(\d{1,2})(?::(\d\d))?(?::(\d\d))?(?:\.\d+)?\s*(Z|UTC|[+-]\d\d:?\d\d)?", re.ASCII)


def shown(cell: str) -> str:
    """A cell as a sentence quotes it."""
    return repr(cell if len(cell) <= 40 else cell[:39] + "…")


def identity(cell: str, column: str = "id") -> int:
    match = _ID.fullmatch(cell)
    if match is None:
        raise ValueError(f"the {column} {shown(cell)} is no number")
    return int(match[1])


def optional_identity(cell: str, column: str) -> int | None:
    """None for an empty cell and for -1, with which exports say that there is none."""
    return None if cell.strip() in ("", "-1", "-1.0", "0") else identity(cell, column)


def count(cell: str, what: str) -> int:
    """An empty cell counts nothing."""
    match = _COUNT.fullmatch(cell)
    if match is None or int(match[1]) > MOST:
        if not cell.strip():
            return 0
        raise ValueError(f"{shown(cell)} cannot be the number of {what}")
    return int(match[1])


def moment(date: str, time: str, zone: ZoneInfo, now: datetime) -> tuple[datetime, str]:
    """The moment in UTC, and a note when only the day could be read. `date` may hold the time as well."""
    match = _YMD.fullmatch(date.strip())
    parts = match.groups() if match else _reversed(date)
    if parts is None:
        raise ValueError(f"the date {shown(date)} is no date")
    clock, offset, note = _clock((parts[3] or time).strip())
    try:
        day = datetime(int(parts[0] or 0), int(parts[1] or 0), int(parts[2] or 0), *clock, tzinfo=offset or zone)
    except ValueError:
        raise ValueError(f"the date {shown(f'{date} {time}'.strip())} is no date") from None
    if not 1970 < day.year < 9999 or day.astimezone(UTC) > now + timedelta(days=1):
        raise ValueError(f"the date {shown(date)} lies in the future or too far in the past")
    return day.astimezone(UTC), note


def _reversed(date: str) -> tuple[str | None, ...] | None:
    match = _DMY.fullmatch(date.strip())
    return (match[3], match[2], match[1], match[4]) if match else None


def _clock(time: str) -> tuple[tuple[int, int, int], tzinfo | None, str]:
    """Hour, minute and second, the offset when it is named, and a note when the time cannot be read."""
    match = _TIME.fullmatch(time)
    if match is None:
        return (0, 0, 0), None, f"the time {shown(time)} is no time, so only the day was kept" if time else ""
    hour, minute, second = (int(part or 0) for part in match.groups()[:3])
    named = (match[4] or "").replace("UTC", "Z")
    return (hour, minute, second), datetime.strptime(named, "%z").tzinfo if named else None, ""
