"""The yardstick: bare Starlette that answers captured bytes, and makes one durable insert for a POST.

`python -m benchmarks.bare FOLDER PORT DATABASE OPTIONS`: FOLDER holds `<case>.body` and `<case>.json` (content headers);
DATABASE is a PostgreSQL URL for psycopg or the path of a SQLite file; OPTIONS are codesign's own for uvicorn, as JSON.
It imports nothing of codesign, so that its memory and its garbage collector are bare as well.
"""

import json
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

TABLE = "CREATE TABLE IF NOT EXISTS bare (id {}, value INTEGER NOT NULL)"
INSERT = "INSERT INTO bare (value) VALUES (1)"


def bare(folder: Path, database: str) -> Starlette:
    routes: list[BaseRoute] = [_page(body) for body in sorted(folder.glob("*.body"))]
    insert = _postgresql(database) if database.startswith("postgresql") else _sqlite(database)

    def write(request: Request) -> Response:
        insert()
        return Response(status_code=303, headers={"Location": "/"})

    return Starlette(routes=[*routes, Route("/", _nothing), Route("/insert", write, methods=["POST"])])


async def _nothing(request: Request) -> Response:
    return Response()


def _page(path: Path) -> Route:
    body, headers = path.read_bytes(), json.loads(path.with_suffix(".json").read_text())

    async def page(request: Request) -> Response:
        return Response(body, headers=headers)

    return Route(f"/{path.stem}", page)


def _sqlite(path: str) -> Callable[[], None]:
    """As durable as codesign's stores; one connection, one writer at a time."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(TABLE.format("INTEGER PRIMARY KEY"))
    turn = threading.Lock()

    def insert() -> None:
        with turn:
            connection.execute(INSERT)

    return insert


def _postgresql(url: str) -> Callable[[], None]:
    """A connection for each thread of the pool, a transaction for each statement."""
    own = threading.local()

    def connection() -> psycopg.Connection[tuple[object, ...]]:
        if not hasattr(own, "connection"):
            own.connection = psycopg.connect(url, autocommit=True)
        found: psycopg.Connection[tuple[object, ...]] = own.connection
        return found

    connection().execute(TABLE.format("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"))

    def insert() -> None:
        connection().execute(INSERT)

    return insert


if __name__ == "__main__":
    folder, port, database, options = sys.argv[1:]
    uvicorn.run(bare(Path(folder), database), **{**json.loads(options), "port": int(port)})
