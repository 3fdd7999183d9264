"""Towns to test in: real stores, the real application, and people who can sign in."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self

from argon2 import PasswordHasher
from sqlalchemy import event
from sqlalchemy.orm import Session

from codesign.app import make_app, make_site
from codesign.core.areas import ensure_area
from codesign.core.notices import DIGEST_HOUR
from codesign.core.residents import document_digest, verify
from codesign.core.sessions import open_session
from codesign.core.users import Role, User, user_by_email
from codesign.municipalities import add_person, create, switch_plugin
from codesign.settings import Settings
from codesign.stores import Store
from codesign.testing.client import Client
from codesign.testing.clock import Clock
from codesign.worker import tick, work

PASSWORD = "three unrelated words"  # noqa: S105
QUICK_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
CAST = {
    "alder": {
        "anna": Role.RESIDENT,
        "boris": Role.MODERATOR,
        "chen": Role.OFFICIAL,
        "maya": Role.ADMINISTRATOR,
    },
    "birch": {"dora": Role.RESIDENT, "edda": Role.ADMINISTRATOR},
}


def settings(folder: Path, url: str) -> Settings:
    return Settings(data=folder, database=url, secret=b"a secret for tests only", development=True, recheck_seconds=0)


def build(folder: Path, url: str) -> None:
    """Make the world: two towns with their cast."""
    site = make_site(settings(folder, url), now=Clock().now)
    for slug, people in CAST.items():
        with create(site, slug, slug.title(), "en", []).write() as db:
            for name, role in people.items():
                add_person(db, f"{name}@{slug}.example", name.title(), role, QUICK_HASH, site.now())
    site.registry.close()


class World:
    """Every town of one application."""

    def __init__(self, folder: Path, url: str, clock: Clock, **changed: Any) -> None:
        self.folder, self.clock = folder, clock
        self.settings = replace(settings(folder, url), **changed)
        self.app = make_app(self.settings, now=clock.now)
        self.site = self.app.state.site
        self.towns = {slug: Town(self, slug) for slug in CAST}

    def again(self, **changed: Any) -> "World":
        """The same towns in another application with other settings: `with world.again(fragments_mb=0) as plain`
        renders each page anew, `recheck_seconds=1` lets anonymous pages lag as in a real town."""
        return World(self.folder, self.settings.database, self.clock, **changed)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for town in self.towns.values():
            for client in town.clients:
                client.close()
        self.site.registry.close()


class Town:
    def __init__(self, world: World, slug: str) -> None:
        self.world, self.slug = world, slug
        self.clients: list[Client] = []

    @property
    def store(self) -> Store:
        store: Store = self.world.site.registry.store(self.slug)
        return store

    def read(self) -> AbstractContextManager[Session]:
        return self.store.read()

    def write(self) -> AbstractContextManager[Session]:
        return self.store.write()

    def enable(self, *plugins: str) -> Self:
        for name in plugins:
            switch_plugin(self.world.site, self.slug, name, True)
        return self

    def disable(self, *plugins: str) -> Self:
        for name in plugins:
            switch_plugin(self.world.site, self.slug, name, False)
        return self

    def person(self, db: Session, name: str) -> User:
        user = user_by_email(db, f"{name}@{self.slug}.example")
        assert user is not None, f"{name} does not live in {self.slug}"
        return user

    def client(self, name: str | None = None) -> Client:
        """A browser on this town's host, signed in as somebody of the cast or anonymous."""
        client = Client(self.world.app, f"http://{self.slug}.localhost")
        if name is not None:
            with self.write() as db:
                client.cookies.set("codesign", open_session(db, self.person(db, name), "test", self.world.clock.now()))
        self.clients.append(client)
        return client

    def area(self, title: str) -> int:
        """The id of a district of this town, made when there is none of that name."""
        with self.write() as db:
            return ensure_area(db, title)

    def verify(
        self, name: str, area: int | None = None, born_on: date | None = None, document: str | None = None
    ) -> None:
        """An official has seen somebody's document. `area` is an id, `document` the number on it."""
        with self.write() as db:
            secret = self.world.settings.secret
            digest = document_digest(secret, self.slug, document) if document is not None else None
            verify(db, self.person(db, name), None, self.world.clock.now(), area, born_on, digest)

    def tick(self) -> None:
        """Let the plugins do what time alone demands, as the worker would."""
        tick(self.world.site, self.slug)

    def send_mail(self) -> list[Path]:
        """Let the worker send what is due. Returns the letters in the town's mail folder, oldest first."""
        while work(self.world.site, self.slug):
            pass
        return sorted((self.world.settings.mail_folder / self.slug).glob("*.eml"))

    def send_daily_mail(self) -> list[Path]:
        """Let the hour of the daily letters come, and the worker send what is due then. Returns all letters so far."""
        self.send_mail()
        now = self.world.clock.now()
        hour = now.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
        self.world.clock.moment = hour if hour > now else hour + timedelta(days=1)
        return self.send_mail()

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """The statements that this town's store is asked within, transaction control left out."""
        asked: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            # On PostgreSQL the registry shares the engine; what it is asked every two seconds is not the page's.
            of_registry = "FROM municipality" in statement or "FROM host" in statement
            if not statement.startswith(("BEGIN", "SET ", "PRAGMA")) and not of_registry:
                asked.append(statement)

        engines = {self.store.reader, self.store.writer}
        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
        self.store.notes.append(asked.append)
        try:
            yield asked
        finally:
            self.store.notes.pop()
            for engine in engines:
                event.remove(engine, "before_cursor_execute", note)
