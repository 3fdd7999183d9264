"""Which files of a folder are exports of CONSUL, and what each holds: by its columns first, by its name in doubt."""

from collections.abc import Callable
from pathlib import Path

from codesign.consul.bench import Bench, counted, plural
from codesign.consul.reading import Row, Table, open_table, rows
from codesign.kit import Refused

PROPOSAL, DEBATE = "proposal", "debate"
"""What people put forward in CONSUL, each in a file called after its plural."""
NEEDED = {
    "items": ("id", "title", "date"),
    "comments": ("id", "text", "date"),
    "taggings": ("tagid", "taggableid", "taggabletype"),
    "tags": ("id", "name"),
    "geozones": ("name",),
}
EXPECTED_OF_COMMENTS = ("parent", "user", "agree", "disagree")
FILES = {plural(PROPOSAL): "items", plural(DEBATE): "items"} | {sort: sort for sort in NEEDED}
"""What a file holds whose name begins so."""
EXPECTED = f"{', '.join(f'{name}.csv' for name in FILES if name != 'items')}, recommendations.xml"
STEP = 1000


def candidates(bench: Bench) -> list[Path]:
    """The file that was named, or every CSV and XML file of the folder; of two versions the redacted one."""
    path = bench.job.path
    if not path.is_dir():
        return [path]
    found = sorted(entry for entry in path.iterdir() if entry.suffix.lower() in (".csv", ".xml") and entry.is_file())
    names = {entry.name.casefold() for entry in found}
    kept = []
    for entry in found:
        redacted = f"{entry.stem}.redacted{entry.suffix}"
        if redacted.casefold() in names:
            bench.notes.add(f"{entry.name} was left aside: {redacted} holds the same without personal data.")
        else:
            kept.append(entry)
    return kept


def tables(bench: Bench, paths: list[Path]) -> dict[str, list[Table]]:
    """The CSV files to read, by what they hold."""
    found: dict[str, list[Table]] = {sort: [] for sort in NEEDED}
    for path in paths:
        try:
            table = open_table(path)
        except (OSError, ValueError) as error:
            bench.skipped.add(f"{path.name}: {getattr(error, 'strerror', None) or error}")
            continue
        if table is None:
            bench.skipped.add(f"{path.name}: the file is empty.")
        elif sort := _sort(table):
            _accept(bench, table, sort, found[sort])
        else:
            bench.skipped.add(f"{path.name}: these are no columns that the import knows; nothing was read.")
    return found


def refuse_nothing(bench: Bench, found: bool) -> None:
    """Raises Refused when there was no file to read at all."""
    if not found:
        told = " ".join(bench.skipped)
        where = f"{bench.job.path} holds nothing that CONSUL exports."
        raise Refused(f"{where} {told} Expected are files such as {EXPECTED}.".replace("  ", " "))


def each(bench: Bench, table: Table, take: Callable[[Row], list[str]]) -> None:
    """Hand every row to `take`, which returns notes; tell of those that have a fault or where it raises ValueError."""
    done = 0
    for row in rows(table):
        done += 1
        try:
            for note in take(row) if not row.fault else []:
                bench.notes.add(f"{table.name} line {row.line}: {note}.")
        except ValueError as error:
            bench.skipped.add(f"{table.name} line {row.line}: {error}; the row was left out.")
        if row.fault:
            bench.skipped.add(f"{table.name} line {row.line}: the row {row.fault}; it was left out.")
        if done % STEP == 0:
            bench.job.progress(f"reading {table.name}", done, 0)
    bench.job.progress(f"reading {table.name}", done, done)
    _tell_of_bytes(bench, table)
    if not done:
        bench.notes.add(f"{table.name}: there is a first line with names and nothing below it.")


def _sort(table: Table) -> str:
    """A key of NEEDED, or "" for something else."""
    columns, by_name = set(table.columns), FILES.get(_beginning(table), "")
    if {"tagid", "taggableid"} <= columns:
        return "taggings"
    if "title" in columns and not columns & {"proposal", "price", "heading", "headingid", "budgetid"}:
        return "items"
    if "text" in columns and columns & {"proposal", "commentableid"} and "title" not in columns:
        return "comments"
    if "name" in columns and by_name not in ("tags", "geozones"):
        return "tags" if "taggingscount" in columns else ""
    return by_name if columns & set(NEEDED.get(by_name, ())) else ""


def _beginning(table: Table) -> str:
    return next((name for name in FILES if table.name.casefold().startswith(name)), "")


def _noun(table: Table, sort: str) -> str:
    """What all its rows are, or are about; "" when each says so itself."""
    if sort == "items":
        own = {plural(noun): noun for noun in (PROPOSAL, DEBATE)}
        return own.get(_beginning(table)) or (PROPOSAL if "summary" in table.columns else DEBATE)
    return PROPOSAL if sort == "comments" and "proposal" in table.columns else ""


def _accept(bench: Bench, table: Table, sort: str, found: list[Table]) -> None:
    if (noun := _noun(table, sort)) and noun != bench.wanted.noun:
        what = plural(noun) if sort == "items" else f"{sort} on {plural(noun)}"
        bench.passed_over.append(f"{table.name} holds {what}")
        return
    if missing := [name for name in NEEDED[sort] if name not in table.columns]:
        bench.skipped.add(f"{table.name}: the column {' and '.join(missing)} is missing; nothing of it was read.")
        return
    found.append(table)
    expected = {"items": bench.wanted.expected, "comments": EXPECTED_OF_COMMENTS}.get(sort, ())
    if absent := [name for name in expected if name not in table.columns]:
        bench.notes.add(f"{table.name}: there is no column {', '.join(absent)}; what it would tell stays empty.")


def _tell_of_bytes(bench: Bench, table: Table) -> None:
    if number := table.lines.foreign:
        bench.notes.add(f"{table.name}: {counted(number, 'line')} with bytes that are not UTF-8, read as Windows-1252.")
    if number := table.lines.zeros:
        bench.notes.add(f"{table.name}: {counted(number, 'line')} with NUL bytes, which were taken out.")
