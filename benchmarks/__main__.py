"""`python -m benchmarks`: make towns, start the servers, measure, print the tables, keep the figures."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console

from benchmarks.case import Options
from benchmarks.place import Place, abandoned, emptied
from benchmarks.processes import ROOT
from benchmarks.results import FOLDER, drawn, keep, tables
from benchmarks.running import CASES, measured
from codesign.settings import postgresql_url
from codesign.types import Refused
from tests.servers.postgres import postgres_server
from tools.get_wrk import ADVICE, find_wrk

QUICK = {"debates": 300, "comments": 12_000, "users": 2000, "seconds": 1, "rounds": 1, "storm_seconds": 6,
         "sizes": (100, 10_000), "followers": 20_000, "letters": 1_000, "streams": 200, "import_comments": 2_000, "import_ballots": 5_000}  # fmt: skip


def main(
    debates: Annotated[int | None, typer.Option(min=3, help="Debates of the generated town.")] = None,
    comments: Annotated[int | None, typer.Option(min=0, help="Comments, spread Zipf-like.")] = None,
    users: Annotated[int | None, typer.Option(min=100, help="People, each of whom votes.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed, another town.")] = None,
    followers: Annotated[int | None, typer.Option(min=10, help="Of the debate that is closed for the fan-out.")] = None,
    seconds: Annotated[int | None, typer.Option(min=1, help="Of one round.")] = None,
    rounds: Annotated[int | None, typer.Option(min=1, help="Of application and yardstick by turns.")] = None,
    connections: Annotated[int | None, typer.Option(min=1, help="That wrk keeps open.")] = None,
    only: Annotated[str, typer.Option(help=f"Cases, with commas between: {', '.join(CASES)}.")] = "",
    quick: Annotated[bool, typer.Option("--quick", help="Smaller and shorter: under two minutes.")] = False,
    postgresql: Annotated[bool, typer.Option("--postgresql", help="On a PostgreSQL of the run's own.")] = False,
    database: Annotated[str, typer.Option(help="On this empty PostgreSQL database: postgresql://...")] = "",
    madrid: Annotated[
        list[Path] | None, typer.Option(help="Folder of a CONSUL export for the town; again for more.")
    ] = None,
    reuse: Annotated[bool, typer.Option("--reuse", help="Keep the towns of the last run (SQLite).")] = False,
    results: Annotated[Path, typer.Option(help="Folder of the results.")] = FOLDER,
    show: Annotated[Path | None, typer.Option(help="Show a kept result, and measure nothing.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the tables as Markdown.")] = False,
) -> None:
    """Measure codesign on this machine. docs/performance.md says what the figures mean."""
    console = Console(width=None if sys.stdout.isatty() else 220)
    if show is not None:
        return _shown(console, show, markdown)
    given = {"debates": debates, "comments": comments, "users": users, "seed": seed, "seconds": seconds,
             "rounds": rounds, "connections": connections, "followers": followers}  # fmt: skip
    chosen = {**(QUICK if quick else {}), **{name: value for name, value in given.items() if value is not None}}
    options = replace(Options(), **chosen, madrid=tuple(str(folder.resolve()) for folder in madrid or ()))  # type: ignore[arg-type]
    wanted = _wanted(only)
    with _place(postgresql, database, reuse) as place:
        result = measured(place, options, wanted, lambda sentence: console.print(f"[dim]{sentence}[/dim]"))
    _print(console, result, markdown)
    for path in keep(result, results, quick):
        console.print(f"kept in {path.name}")
    return None


def _wanted(only: str) -> list[str]:
    wanted = [name.strip() for name in only.split(",") if name.strip()]
    if unknown := sorted(set(wanted) - set(CASES)):
        raise Refused(f"There is no case {unknown[0]!r}. Cases are {', '.join(CASES)}.")
    if find_wrk() is None:
        raise Refused(ADVICE)
    return wanted or list(CASES)


@contextmanager
def _place(postgresql: bool, database: str, reuse: bool) -> Iterator[Place]:
    base = ROOT / ".cache" / "bench"
    if database:
        place = emptied(Place(base / "postgresql", postgresql_url(database)), False)
        try:
            yield place
        finally:
            abandoned(place)
    elif postgresql:
        with postgres_server(fsync=True) as url:
            yield emptied(Place(base / "postgresql", url), False)
    else:
        yield emptied(Place(base / "sqlite"), reuse)


def _shown(console: Console, path: Path, markdown: bool) -> None:
    result = json.loads(path.read_text())
    _print(console, result, markdown)
    if result.get("growth"):
        path.with_suffix(".svg").write_text(drawn(result))


def _print(console: Console, result: dict[str, Any], markdown: bool) -> None:
    for table in tables(result):
        if markdown:
            table.box, table.title = box.MARKDOWN, f"**{table.title}**"
        console.print(table)


if __name__ == "__main__":
    try:
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        app.command()(main)
        app()
    except Refused as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
