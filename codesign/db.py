"""Stores: one database for each municipality, and the sessions on it."""

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

from markupsafe import Markup
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry

from codesign.types import NotFound

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
BIGGEST_ID = 2**63 - 1
SQLITE_READERS = 8
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


class Store:
    """One municipality's database: a SQLite file, or a schema of a PostgreSQL database."""

    def __init__(self, slug: str, reader: Engine, writer: Engine, schema: str | None) -> None:
        self.slug = slug
        self.schema = schema
        self.reader = reader
        self.writer = writer

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that cannot write, for GET and HEAD."""
        with Session(self.reader, expire_on_commit=False) as db:
            self._start(db.connection(), "READ ONLY")
            yield db

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction: committed at the end of `with`, rolled back on an exception."""
        with Session(self.writer, expire_on_commit=False) as db, db.begin():
            self._start(db.connection(), "READ WRITE")
            yield db

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A bare connection in a transaction, for migrations."""
        with self.writer.begin() as connection:
            self._start(connection, "READ WRITE")
            yield connection

    def _start(self, connection: Connection, mode: str) -> None:
        # The search path is set inside each transaction: raw SQL and Alembic follow it, and poolers
        # that hand a connection to somebody else after each transaction stay safe.
        if self.schema is not None:
            connection.exec_driver_sql(f'SET TRANSACTION {mode}; SET LOCAL search_path TO "{self.schema}"')


def sqlite_store(slug: str, path: Path) -> Store:
    """The store in the SQLite file `path`; one writer at a time, readers beside it (WAL)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return Store(slug, _sqlite_engine(path, write=False), _sqlite_engine(path, write=True), None)


def _sqlite_engine(path: Path, write: bool) -> Engine:
    # One connection for writing: writers of this process queue in order instead of polling the file lock.
    sizes = {"pool_size": 1, "max_overflow": 0} if write else {"pool_size": SQLITE_READERS, "max_overflow": 16}
    engine = create_engine(
        f"sqlite:///{path}", pool_timeout=20, connect_args={"check_same_thread": False, "timeout": 10}, **sizes
    )
    pragmas = ["journal_mode=WAL", "synchronous=FULL"] if write else ["query_only=ON"]

    @event.listens_for(engine, "connect")
    def _configure(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        for pragma in ["busy_timeout=10000", "foreign_keys=ON", *pragmas]:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def postgresql_engine(url: str) -> Engine:
    """One pool for every town in that database. Connections are checked before use, so a restart heals itself."""
    return create_engine(
        url, pool_size=8, max_overflow=16, pool_timeout=20, pool_pre_ping=True, connect_args={"connect_timeout": 5}
    )


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
