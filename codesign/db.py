"""The base of every table of a store, its column types, and the door to a row."""

import enum
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from markupsafe import Markup
from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Enum,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

from codesign.types import NotFound

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
BIGGEST_ID = 2**63 - 1
Row = TypeVar("Row", bound=DeclarativeBase)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment. SQLite forgets the zone, so UTC is stored and put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("A moment without a zone cannot be stored.")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class SafeHtml(TypeDecorator[Markup]):
    """HTML that `codesign.markup` has sanitised: templates show it as it is, and escape every other text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is not None and not isinstance(value, Markup):
            raise TypeError("Only what codesign.markup returns may be stored as HTML.")
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Markup | None:
        return None if value is None else Markup(value)  # noqa: S704


def _values(members: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in members]


class Base(DeclarativeBase):
    """Every table of a municipality's store, of the core and of all plugins."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        str: Text,
        Markup: SafeHtml,
        int: BigInteger().with_variant(Integer, "sqlite"),
        datetime: UTCDateTime,
        enum.Enum: Enum(enum.Enum, native_enum=False, values_callable=_values, length=32),
    }


Id = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)]
PATH = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Text that sorts by its bytes on both databases."""


def insert(db: Session, table: type[DeclarativeBase] | Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update` on both databases."""
    postgres = db.get_bind().dialect.name == "postgresql"
    return postgresql.insert(table) if postgres else sqlite.insert(table)


def fetch(db: Session, model: type[Row], id: int, lock: bool = False) -> Row:
    """The row with this primary key. Raises NotFound, also for numbers no database can hold."""
    # Only the row itself: PostgreSQL cannot lock what is joined to it from outside, and need not keep votes waiting.
    wanted = {"of": model, "key_share": True} if lock else None
    row = db.get(model, id, with_for_update=wanted) if 0 < id <= BIGGEST_ID else None
    if row is None:
        raise NotFound(f"no {model.__name__.lower()} {id}")
    return row
