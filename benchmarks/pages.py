"""Reading: the pages that people open most, anonymous and signed in, beside bare Starlette with the same bytes."""

import gzip
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.case import Row, Run, row
from benchmarks.counting import counted
from benchmarks.plan import HUNDRED
from benchmarks.processes import fetch
from benchmarks.wrk import Load, enough, run

CONTENT_HEADERS = ("content-type", "content-encoding")
COMMENT = re.compile(r'<article class="comment[" ]')


@dataclass(frozen=True)
class Page:
    """`least` comments and `entries` of a list must be in it."""

    case: str
    path: str
    signed_in: bool
    comments: int = 0
    entries: int = 0

    @property
    def file(self) -> str:
        return self.case.replace(" ", "-").replace(",", "")


def pages(marks: dict[str, int]) -> Iterator[Page]:
    """Every case of reading, by the ids of the marked debates."""
    shown = [
        ("home", "/", 0, 3),
        ("list", "/debates/", 0, 20),
        ("debate with 100 comments", f"/debates/{marks['hundred']}", HUNDRED, 0),
        ("debate with 10,000 comments", f"/debates/{marks['deep']}", 60, 0),
    ]
    for name, path, comments, entries in shown:
        for signed_in in (False, True):
            yield Page(f"{name}, {'signed in' if signed_in else 'anonymous'}", path, signed_in, comments, entries)


def capture(page: Page, port: int, headers: dict[str, str], folder: Path) -> None:
    """Keep the page as it comes over the wire, for the yardstick. Raises RuntimeError when it is not what it must be."""
    for _warming in range(3):
        status, given, body = fetch(port, page.path, headers)
    text = (gzip.decompress(body) if given.get("content-encoding") == "gzip" else body).decode()
    found, entries = len(COMMENT.findall(text)), text.count('<li class="entry')
    if (
        status != 200
        or found < page.comments
        or entries < page.entries
        or ("/accounts/sign-in" in text) != (not page.signed_in)
    ):
        signed = "signed in" if "/accounts/sign-in" not in text else "anonymous"
        raise RuntimeError(f"{page.case}: {status}, {found} comments, {entries} entries, as somebody {signed}.")
    (folder / f"{page.file}.body").write_bytes(body)
    kept = {name: given[name] for name in CONTENT_HEADERS if name in given}
    (folder / f"{page.file}.json").write_text(json.dumps(kept))


def measure(run_: Run, page: Page) -> Row:
    """Rounds of the application and of the yardstick by turns: machines drift."""
    options = run_.options
    headers = run_.headers(run_.tokens[0] if page.signed_in else "")
    app: list[Load] = []
    bare: list[Load] = []
    begun = time.monotonic()
    fetch(run_.app.port, page.path, headers)
    seconds = enough(options.seconds, time.monotonic() - begun, options.connections)
    run(run_.app.port, page.path, headers, 1, options.connections, run_.own)
    for _round in range(options.rounds):
        app.append(run(run_.app.port, page.path, headers, seconds, options.connections, run_.own))
        target = (run_.bare.port, f"/{page.file}", headers)
        bare.append(run(*target, options.seconds, options.connections, run_.own))
    made = row(page.case, app, bare, run_.app.memory())
    made.queries, made.fragment = counted(run_.place, page.path, headers)
    return made
