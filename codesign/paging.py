"""Lists paged by key: a page costs the same wherever it is in the list."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Row, Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from codesign.db import BIGGEST_ID

Item = TypeVar("Item")
AnySelect: TypeAlias = "Select[*tuple[Any, ...]]"
"""A query for columns, whichever."""


@dataclass(frozen=True)
class Key:
    """A column that orders a list. The last key of an order must be unique."""

    column: InstrumentedAttribute[Any]
    descending: bool = False


@dataclass(frozen=True)
class Slice(Generic[Item]):
    """Some rows of a list, and the cursor of the next ones (None at the end)."""

    rows: Sequence[Item]
    after: str | None


def cut(db: Session, query: AnySelect, keys: Sequence[Key], after: str | None, size: int) -> Slice[Row[Any]]:
    """The next `size` rows of `query` behind the cursor `after`. A cursor that makes no sense means the start.

    The query must select every key column under its own name.
    """
    values = decode(after, keys)
    if values is not None:
        query = query.where(_behind(keys, values))
    order = [key.column.desc() if key.descending else key.column.asc() for key in keys]
    rows = db.execute(query.order_by(None).order_by(*order).limit(size + 1)).all()
    more = len(rows) > size
    rows = rows[:size]
    return Slice(rows, encode([getattr(rows[-1], key.column.key) for key in keys]) if more else None)


def _behind(keys: Sequence[Key], values: Sequence[Any]) -> ColumnElement[bool]:
    alternatives = []
    for place, key in enumerate(keys):
        equal = [earlier.column == value for earlier, value in zip(keys[:place], values, strict=False)]
        value = values[place]
        alternatives.append(and_(*equal, key.column < value if key.descending else key.column > value))
    return or_(*alternatives)


def encode(values: Sequence[Any]) -> str:
    """An opaque text for URLs."""
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def decode(cursor: str | None, keys: Sequence[Key]) -> list[Any] | None:
    """The values of a cursor, or None when it was not made by `encode` for these keys."""
    if not cursor:
        return None
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
        if not isinstance(plain, list) or len(plain) != len(keys):
            return None
        return [_typed(key.column, value) for key, value in zip(keys, plain, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
        return None


def _typed(column: InstrumentedAttribute[Any], value: Any) -> Any:
    python_type = column.type.python_type
    if python_type is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a moment without a zone")
        return moment.astimezone(UTC)
    if type(value) is not python_type or (python_type is int and not abs(value) <= BIGGEST_ID):
        raise TypeError("not of the column's type")
    if isinstance(value, str):
        value.encode()
        if "\0" in value:
            raise ValueError("NUL")
    return value
