"""Stores: one database for each municipality, and the sessions on it."""

import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from codesign.direct import NOTES, Direct, rows
from codesign.editions import SHARDS, Scope, changed_scopes, step, watch

try:
    import fcntl
except ImportError:  # Windows: writers of several processes poll
    fcntl = None  # type: ignore[assignment]

SQLITE_READERS = 8
NOTICES_CHANNEL = "codesign_notices"
"""What PostgreSQL calls out when the notices of a town have changed; the word that comes with it is the schema."""
_CALL = f"SELECT pg_notify('{NOTICES_CHANNEL}', current_schema()::text)"


class Store:
    """One municipality's database: a SQLite file, or a schema of a PostgreSQL database."""

    def __init__(self, slug: str, reader: Engine, writer: Engine, schema: str | None, pages: bool = True) -> None:
        """`pages`: whether pages are made of it, so that it counts editions; the registry does not."""
        self.slug = slug
        self.schema = schema
        self.reader = reader
        self.writer = writer
        self.notes: list[Callable[[str], None]] = []
        """Told of each direct statement, which the engines' own events do not see."""
        self._readers = sessionmaker(reader, expire_on_commit=False, info={NOTES: self.notes})
        self._writers = sessionmaker(writer, expire_on_commit=False, info={NOTES: self.notes})
        if pages:
            watch(self._writers)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that cannot write, for GET and HEAD."""
        with self._readers() as db:
            self._start(db.connection(), "READ ONLY")
            yield db

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction: committed at the end of `with`, with the editions it moved; rolled back on an exception."""
        with self._writers() as db, db.begin():
            self._start(db.connection(), "READ WRITE")
            yield db
            self._advance(db)

    @contextmanager
    def direct(self) -> Iterator[Direct]:
        """Reading on the driver's own cursor, without a session around it."""
        driver: Any = self.reader.dialect.loaded_dbapi
        try:
            with closing(self.reader.raw_connection()) as connection:
                cursor = connection.cursor()
                if self.schema is not None:
                    cursor.execute(f'SET TRANSACTION READ ONLY; SET LOCAL search_path TO "{self.schema}"')
                yield Direct(cursor, self.reader.dialect, self.notes)
        except driver.Error as error:
            raise OperationalError("a direct read", None, error) from error

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A bare connection in a transaction, for migrations."""
        with self.writer.begin() as connection:
            self._start(connection, "READ WRITE")
            yield connection

    def _advance(self, db: Session) -> None:
        """Move the editions of what this session changed: the last thing before it commits."""
        db.flush()
        shard = 0 if self.schema is None else random.randrange(SHARDS)  # noqa: S311 - spreads locks, hides nothing
        # In one order, and locked after everything else: two writers never wait for each other in a circle.
        changed = changed_scopes(db)
        for scope in changed:
            rows(db, step(self.writer.dialect.name), scope=scope.value, shard=shard)
        if Scope.NOTICES in changed and self.schema is not None:
            db.connection().exec_driver_sql(_CALL)

    def _start(self, connection: Connection, mode: str) -> None:
        # The search path is set inside each transaction: raw SQL and Alembic follow it, and poolers
        # that hand a connection to somebody else after each transaction stay safe.
        if self.schema is not None:
            connection.exec_driver_sql(f'SET TRANSACTION {mode}; SET LOCAL search_path TO "{self.schema}"')


def sqlite_store(slug: str, path: Path, pages: bool = True) -> Store:
    """The store in the SQLite file `path`; one writer at a time, readers beside it (WAL)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return Store(slug, _sqlite_engine(path, write=False), _sqlite_engine(path, write=True), None, pages)


def _sqlite_engine(path: Path, write: bool) -> Engine:
    # One connection for writing: writers of this process queue in order instead of polling the file lock.
    sizes = {"pool_size": 1, "max_overflow": 0} if write else {"pool_size": SQLITE_READERS, "max_overflow": 16}
    engine = create_engine(
        f"sqlite:///{path}",
        pool_timeout=20,
        connect_args={"check_same_thread": False, "timeout": 10},
        hide_parameters=True,  # what people wrote and how they voted stands in no error of a log
        **sizes,
    )
    pragmas = ["journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"] if write else ["query_only=ON"]

    @event.listens_for(engine, "connect")
    def _configure(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        for pragma in ["busy_timeout=10000", "foreign_keys=ON", *pragmas]:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    if write and fcntl is not None:
        _queue(engine, path.with_suffix(".turn"))
    return engine


def _queue(engine: Engine, path: Path) -> None:
    """Let the writers of several processes queue at a file: the system wakes the next one at once and in order, where
    SQLite itself would sleep and try again, and might starve. A process that is killed leaves the queue."""

    @event.listens_for(engine, "connect")
    def _open(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        entry.info["turn"] = path.open("a")

    @event.listens_for(engine, "checkout")
    def _wait(connection: DBAPIConnection, entry: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
        fcntl.flock(entry.info["turn"], fcntl.LOCK_EX)

    @event.listens_for(engine, "checkin")
    def _give_way(connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        if "turn" in entry.info:
            fcntl.flock(entry.info["turn"], fcntl.LOCK_UN)

    @event.listens_for(engine, "close")
    def _close(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        if "turn" in entry.info:
            entry.info.pop("turn").close()


def postgresql_engine(url: str) -> Engine:
    """One pool for every town in that database. Connections are checked before use, so a restart heals itself."""
    return create_engine(
        url,
        pool_size=8,
        max_overflow=16,
        pool_timeout=20,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5},
        hide_parameters=True,
    )
