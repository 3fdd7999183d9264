"""The time. Verbs and predicates are given `now`; only the edges ask for it here."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
