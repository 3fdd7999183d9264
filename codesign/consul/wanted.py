"""What a plugin takes out of an export, and what it makes of it: all that differs between the importers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from codesign.kit import Kind


class Arrival(NamedTuple):
    """A row of the export that has become a contribution."""

    id: int
    ordinal: int
    topic_id: int | None
    area_id: int | None
    created_at: datetime
    agree: int
    """Votes for it at the source."""
    more: Mapping[str, str]
    """The cells of `Wanted.columns`, and those of `Wanted.moments` as `datetime.isoformat` in UTC, or ""."""


class Own(NamedTuple):
    """What stands in the table of the kind for one contribution."""

    columns: Mapping[str, Any]
    """Its `id` too; the same columns for all."""
    remarks: Sequence[str] = ()
    """What is worth telling of it: the report says of how many each is true, as the end of "3 ideas: ..."."""


@dataclass(frozen=True)
class Wanted:
    """What one importer takes. Everything else in the files it leaves to others."""

    noun: str
    """What CONSUL calls the thing. Its file is called after the plural, and `origin` remembers its rows by it."""
    kind: Kind
    """What it becomes here."""
    own: Callable[[Session, Sequence[Arrival], datetime], list[Own]]
    """Given what has become contributions and the moment of the import: the rows of `kind`'s own table, in this order.
    Called in the transaction of a batch, which may be tried again."""
    expected: tuple[str, ...] = ()
    """Columns without which something stays empty: a note tells of each that is missing."""
    columns: tuple[str, ...] = ()
    """Columns that only `own` reads, in small letters and digits."""
    moments: tuple[str, ...] = ()
    """Such columns that hold a moment."""
    comments_announced: bool = True
    """Whether the number of comments in its file tells how many there are elsewhere; it may count deleted ones."""
