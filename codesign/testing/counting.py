"""How much work a request makes, in numbers that are the same on every machine.

with work(alder) as done:
    client.get("/topics/")
assert done.effort < 2_000
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment
from jinja2.runtime import Context
from sqlalchemy import Connection, Engine, event

from codesign.testing.towns import Town

ROWS_READ = "SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0) FROM pg_stat_xact_user_tables"


@dataclass
class Work:
    statements: list[str] = field(default_factory=list)
    """What the store was asked; `Town.counted` says what is left out."""
    effort: int = 0
    """What the store did for it: instructions of SQLite's virtual machine, or rows that PostgreSQL read."""
    templates: int = 0
    """Templates rendered, each part that another includes counted as one."""


@contextmanager
def work(town: Town) -> Iterator[Work]:
    """Counts what is done within, by this town's store and by the templates of its application.

    Pages are kept once they were made: ask for each URL once, or count how little the second time costs.
    On PostgreSQL, ANALYZE what was written in bulk before, or its planner knows nothing of it.
    """
    done = Work()
    count = _instructions if town.store.reader.dialect.name == "sqlite" else _rows
    engines = {town.store.reader, town.store.writer}
    with town.counted() as done.statements, count(engines, done), _templates(town.world.site.templates, done):
        yield done


@contextmanager
def _instructions(engines: set[Engine], done: Work) -> Iterator[None]:
    def tick() -> None:
        done.effort += 1

    def start(connection: Any, *_rest: Any) -> None:
        connection.set_progress_handler(tick, 1)

    def stop(connection: Any, *_rest: Any) -> None:
        if connection is not None:
            connection.set_progress_handler(None, 1)

    with _listening(engines, {"checkout": start, "checkin": stop}):
        yield


@contextmanager
def _rows(engines: set[Engine], done: Work) -> Iterator[None]:
    """Asked at both ends of each transaction, on its own connection: what others do meanwhile is not counted."""
    before: dict[Any, int] = {}

    def read(connection: Connection) -> int:
        row = connection.connection.dbapi_connection.execute(ROWS_READ).fetchone()  # type: ignore[union-attr]
        return int(row[0])

    def start(connection: Connection) -> None:
        before[connection.connection.dbapi_connection] = read(connection)

    def stop(connection: Connection) -> None:
        own = connection.connection.dbapi_connection
        if own in before and own.info.transaction_status.name == "INTRANS":  # type: ignore[union-attr]
            done.effort += read(connection) - before.pop(own)

    with _listening(engines, {"begin": start, "commit": stop, "rollback": stop}):
        yield


@contextmanager
def _listening(engines: set[Engine], answers: dict[str, Any]) -> Iterator[None]:
    pairs = [(engine, name, answer) for engine in engines for name, answer in answers.items()]
    for pair in pairs:
        event.listen(*pair)
    try:
        yield
    finally:
        for pair in pairs:
            event.remove(*pair)


@contextmanager
def _templates(environment: Environment, done: Work) -> Iterator[None]:
    class Counted(Context):
        """Jinja makes one for each template it renders."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            done.templates += 1

    before, environment.context_class = environment.context_class, Counted
    try:
        yield
    finally:
        environment.context_class = before
