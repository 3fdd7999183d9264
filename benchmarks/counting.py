"""How many SQL statements one request needs: the same application on the same data, in this process."""

from dataclasses import replace
from typing import Any

from sqlalchemy import event
from starlette.testclient import TestClient

from benchmarks.case import SLUG
from benchmarks.place import HOST, Place
from codesign.app import make_app

NOT_COUNTED = ("BEGIN", "SET ", "PRAGMA", "COMMIT", "ROLLBACK")
FRAGMENT = "x-codesign-fragment"


def counted(
    place: Place, path: str, headers: dict[str, str], form: dict[str, str] | None = None
) -> tuple[list[int], list[str]]:
    """Statements on the town's store of a first request and of the same again; and what was said of fragments."""
    app = make_app(replace(place.settings, development=True))
    store = app.state.site.registry.store(SLUG)
    numbers, fragments, asked = list[int](), list[str](), list[str]()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        of_registry = "FROM municipality" in statement or "FROM host" in statement
        if not statement.lstrip().upper().startswith(NOT_COUNTED) and not of_registry:
            asked.append(statement)

    for engine in {store.reader, store.writer}:
        event.listen(engine, "before_cursor_execute", note)
    store.notes.append(asked.append)
    with TestClient(app, f"http://{SLUG}.{HOST}", follow_redirects=False) as client:
        for _time in range(4):  # the first asks, the second makes the page for all, the others have it
            asked.clear()
            answer = client.request("POST" if form else "GET", path, headers=headers, data=form)
            numbers.append(len(asked))
            fragments.append(answer.headers.get(FRAGMENT, "-"))
    return [numbers[0], numbers[-1]], [fragments[0], fragments[-1]]
