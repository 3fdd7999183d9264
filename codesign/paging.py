"""Lists paged by key: a page costs the same wherever it is in the list."""

import base64
import binascii
import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Generic, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Integer, Row, Select, bindparam, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from codesign.db import BIGGEST_ID

Item = TypeVar("Item")
AnySelect: TypeAlias = "Select[*tuple[Any, ...]]"
"""A query for columns, whichever."""
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Key:
    """A column that orders a list. The last key of an order must be unique, and all go the same direction."""

    column: InstrumentedAttribute[Any]
    descending: bool = False


@dataclass(frozen=True)
class Slice(Generic[Item]):
    """Some rows of a list, and the cursor of the next ones (None at the end)."""

    rows: Sequence[Item]
    after: str | None


def cut(
    db: Session,
    query: AnySelect,
    keys: Sequence[Key],
    after: str | None,
    size: int,
    given: Mapping[str, Any] = NOTHING,
) -> Slice[Row[Any]]:
    """The next `size` rows of `query` behind the cursor `after`. A cursor that makes no sense means the start.

    The query must select every key column under its own name. `given` are the values of its parameters, when it was
    built once for all requests; what is cut from it is then built once too.
    """
    values = decode(after, keys)
    asked = {**given, "cut_size": size + 1}
    asked |= {f"cut_{place}": value for place, value in enumerate(values or ())}
    part = derived(query, (tuple(keys), values is None), lambda: _part(query, tuple(keys), values is not None))
    rows = db.execute(part, asked).all()
    more = len(rows) > size
    rows = rows[:size]
    return Slice(rows, encode([getattr(rows[-1], key.column.key) for key in keys]) if more else None)


_derived: WeakKeyDictionary[AnySelect, dict[Hashable, AnySelect]] = WeakKeyDictionary()


def derived(query: AnySelect, name: Hashable, build: Callable[[], AnySelect]) -> AnySelect:
    """What `build` makes of `query`, made once for as long as there is that query: building costs more than running."""
    known = _derived.setdefault(query, {})
    if name not in known:
        known[name] = build()
    return known[name]


def _part(query: AnySelect, keys: tuple[Key, ...], further: bool) -> AnySelect:
    assert len({key.descending for key in keys}) == 1, "rows are compared as a whole"
    order = [key.column.desc() if key.descending else key.column.asc() for key in keys]
    if further:
        query = query.where(_behind(keys))
    return query.order_by(None).order_by(*order).limit(bindparam("cut_size", type_=Integer))


def _behind(keys: Sequence[Key]) -> ColumnElement[bool]:
    """One comparison of whole rows, which both databases find in an index: alternatives with OR they would not."""
    columns = tuple_(*(key.column for key in keys))
    values = tuple_(*(bindparam(f"cut_{place}", type_=key.column.type) for place, key in enumerate(keys)))
    return columns < values if keys[0].descending else columns > values


def beside_order(db: Session, column: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """A column to filter by in a list whose order has an index of its own."""
    # SQLite would rather find several values in an index of that column, read all and sort: an expression has none.
    return column if db.get_bind().dialect.name == "postgresql" else column + ""  # type: ignore[return-value]


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
