"""The registry: which municipalities there are, at which hosts, and where their stores live."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ForeignKey, MetaData, exists, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from codesign.db import NAMING, Base, Id
from codesign.settings import Settings, postgresql_url
from codesign.stores import Store, postgresql_engine, sqlite_store
from codesign.types import Refused

SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")
REMEMBER_SECONDS = 2.0


class RegistryBase(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = Base.type_annotation_map


class Municipality(RegistryBase):
    """One town's entry. Everything else about it is in its own store."""

    __tablename__ = "municipality"
    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    database: Mapped[str] = mapped_column(default="")
    """A PostgreSQL URL of its own; empty means the default place."""
    created_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]


class Host(RegistryBase):
    """A host name of a municipality's own, beside <slug>.<root host>."""

    __tablename__ = "host"
    name: Mapped[str] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(ForeignKey("municipality.slug"))


@dataclass(frozen=True)
class Entry:
    """What the web knows of a municipality without opening its store."""

    slug: str
    title: str
    hosts: tuple[str, ...]


class Registry:
    """Finds municipalities and opens their stores. One for each application; thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._stores: dict[str, Store] = {}
        self._engines: dict[str, Store] = {}
        self._entries: tuple[float, dict[str, Entry]] = (0.0, {})
        self.own = self._place("codesign", "codesign", "")

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self.own.read() as db:
            yield db

    @property
    def fresh(self) -> bool:
        """Whether `entries` and `find` answer from memory."""
        return time.monotonic() - self._entries[0] < REMEMBER_SECONDS

    def entries(self) -> dict[str, Entry]:
        """All municipalities that are not suspended, by slug; remembered for two seconds."""
        if self.fresh:
            return self._entries[1]
        with self.read() as db:
            hosts: dict[str, list[str]] = {}
            for name, slug in db.execute(select(Host.name, Host.slug).order_by(Host.name)):
                hosts.setdefault(slug, []).append(name)
            query = select(Municipality.slug, Municipality.title).where(Municipality.suspended_at.is_(None))
            rows = db.execute(query.order_by(Municipality.slug)).all()
        known = {slug: Entry(slug, title, tuple(hosts.get(slug, ()))) for slug, title in rows}
        self._entries = (time.monotonic(), known)
        return known

    def find(self, host: str) -> Entry | None:
        """The municipality that answers at `host` (without port), or None."""
        entries = self.entries()
        slug = host.removesuffix(f".{self.settings.host}")
        if slug != host:
            return entries.get(slug)
        return next((entry for entry in entries.values() if host in entry.hosts), None)

    def store(self, slug: str) -> Store:
        """The store of a municipality. Raises Refused when there is none of that name."""
        with self._lock:
            if slug not in self._stores:
                self._stores[slug] = self._place(slug, f"m_{slug}", self._database(slug))
            return self._stores[slug]

    def create(self, slug: str, title: str, now: datetime, hosts: tuple[str, ...] = (), database: str = "") -> Store:
        """Enter a municipality. Its store is empty until it is migrated. Raises Refused when the name is taken."""
        if not SLUG.fullmatch(slug):
            raise Refused(f"{slug!r} cannot be a short name: use small letters, digits and hyphens, a letter first.")
        hosts = tuple(dict.fromkeys(name.lower() for name in hosts))
        with self.own.write() as db:
            if db.scalar(select(exists().where(Municipality.slug == slug))):
                raise Refused(f"There is already a municipality called {slug!r}.")
            taken = db.scalars(select(Host.name).where(Host.name.in_(hosts))).all()
            if taken:
                raise Refused(f"Another municipality answers at {', '.join(taken)}.")
            db.add(Municipality(slug=slug, title=title, database=database, created_at=now))
            db.flush()
            db.add_all(Host(name=name, slug=slug) for name in hosts)
        self._entries = (0.0, {})
        return self.store(slug)

    def slugs(self) -> list[str]:
        """Every municipality, suspended ones too, in order of name."""
        with self.read() as db:
            return list(db.scalars(select(Municipality.slug).order_by(Municipality.slug)))

    def files(self, slug: str) -> Path:
        """The folder of a municipality's files."""
        return self.settings.data / "m" / slug

    def close(self) -> None:
        for store in [self.own, *self._stores.values()]:
            store.reader.dispose()
            store.writer.dispose()

    def _database(self, slug: str) -> str:
        with self.read() as db:
            database = db.scalar(select(Municipality.database).where(Municipality.slug == slug))
        if database is None:
            raise Refused(f"There is no municipality called {slug!r}. `codesign municipality list` shows them.")
        return database

    def _place(self, slug: str, schema: str, database: str) -> Store:
        url = postgresql_url(database) or self.settings.database
        if url:
            first = self._engines.get(url)
            engine = first.writer if first else postgresql_engine(url)
            store = Store(slug, engine, engine, schema, pages=slug != schema)
            self._engines.setdefault(url, store)
            return store
        own = schema == "codesign"
        path = self.settings.data / "codesign.db" if own else self.files(slug) / "store.db"
        return sqlite_store(slug, path, pages=not own)
