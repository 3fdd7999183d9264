"""Where a run works: a data folder and a database of its own, with the towns that it makes."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import create_engine, insert, inspect, text
from sqlalchemy.orm import Session

from benchmarks.plan import Plan
from benchmarks.town import Filled, Progress, fill
from codesign.app import make_site
from codesign.core.sessions import SESSION_LIFE, SignIn, digest
from codesign.municipalities import create
from codesign.settings import Settings
from codesign.stores import Store
from codesign.types import Refused
from codesign.web.site import Site

SECRET = b"a secret for measuring only"
HOST = "localhost"


@dataclass(frozen=True)
class Place:
    """`url` is a PostgreSQL URL for SQLAlchemy; empty means SQLite files below `folder`."""

    folder: Path
    url: str = ""

    @property
    def settings(self) -> Settings:
        return Settings(data=self.folder, database=self.url, secret=SECRET)

    @property
    def database(self) -> str:
        return "postgresql" if self.url else "sqlite"

    @contextmanager
    def site(self) -> Iterator[Site]:
        site = make_site(self.settings)
        try:
            yield site
        finally:
            site.registry.close()

    @contextmanager
    def store(self, slug: str) -> Iterator[Store]:
        with self.site() as site:
            yield site.registry.store(slug)

    @contextmanager
    def read(self, slug: str) -> Iterator[Session]:
        with self.store(slug) as store, store.read() as db:
            yield db

    def town(self, slug: str, plan: Plan, progress: Progress) -> Filled:
        """A new municipality, filled; or the one of an earlier run with `reuse`, which leaves a note of its plan."""
        note = self.folder / f"{slug}.json"
        wanted = {**asdict(plan), "now": "", "generator": _generator()}
        if note.exists() and (kept := json.loads(note.read_text()))["plan"] == wanted:
            return Filled(**kept["filled"])
        with self.site() as site:
            store = create(site, slug, slug.title(), "en", ["debates"])
            filled = fill(store, plan, progress)
        note.write_text(json.dumps({"plan": wanted, "filled": asdict(filled)}))
        return filled

    def add(self, slug: str, plan: Plan) -> Filled:
        """A plan's people and debates beside what a municipality holds."""
        with self.store(slug) as store:
            return fill(store, plan)

    def tokens(self, slug: str, first_user: int, number: int) -> list[str]:
        """Signs that many people in; each token is the value of a session cookie."""
        tokens = [token_urlsafe(24) for _ in range(number)]
        with self.site() as site:
            now = site.now()
            life = {"device": "bench", "created_at": now, "expires_at": now + SESSION_LIFE}
            rows: list[dict[str, Any]] = [
                {"token_hash": digest(token), "user_id": first_user + place, **life}
                for place, token in enumerate(tokens)
            ]
            with site.registry.store(slug).write() as db:
                db.execute(insert(SignIn.__table__), rows)  # type: ignore[arg-type]
        return tokens


def _generator() -> str:
    """Changes with the code that generates towns."""
    here = Path(__file__).parent
    return sha256(
        b"".join((here / f"{name}.py").read_bytes() for name in ("words", "plan", "town", "rows"))
    ).hexdigest()[:12]


def emptied(place: Place, reuse: bool) -> Place:
    """The place without what an earlier run left. Raises Refused when a given database is not empty."""
    if place.url:
        engine = create_engine(place.url)
        with engine.connect() as connection:
            taken = [name for name in inspect(connection).get_schema_names() if name == "codesign" or name[:2] == "m_"]
        engine.dispose()
        if taken:
            raise Refused(f"The database has towns already ({', '.join(taken)}). Give an empty one.")
        reuse = False
    if not reuse:
        shutil.rmtree(place.folder, ignore_errors=True)
    place.folder.mkdir(parents=True, exist_ok=True)
    return place


def abandoned(place: Place) -> None:
    """Drop what this run made in a given PostgreSQL."""
    engine = create_engine(place.url)
    with engine.begin() as connection:
        for name in inspect(connection).get_schema_names():
            if name == "codesign" or name[:2] == "m_":
                connection.execute(text(f'DROP SCHEMA "{name}" CASCADE'))
        connection.execute(text("DROP TABLE IF EXISTS bare"))
    engine.dispose()
