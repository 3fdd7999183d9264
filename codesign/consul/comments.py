"""Comments: what their rows say."""

from functools import partial

from codesign.consul.bench import Bench, counted, plural, refuse_again, take_in
from codesign.consul.cells import identity, moment
from codesign.consul.files import PROPOSAL, each
from codesign.consul.items import counter, tolerant
from codesign.consul.reading import Row, Table
from codesign.kit import clean

COLUMNS = "id, file, line, item, parent, user, official, created, text, agree, disagree"
LISTED = 20
"""Nouns that the report names at most."""


def read_comments(bench: Bench, table: Table) -> None:
    """Put the comments on what is wanted on the bench, and of the others that there are such."""
    each(bench, table, partial(_take, bench, table.name))


def _take(bench: Bench, file: str, row: Row) -> list[str]:
    cells, notes = row.cells, list[str]()
    noun = _noun(cells)
    if noun != bench.wanted.noun:
        return _leave(bench, file, row, noun)
    id = identity(cells["id"])
    item = identity(cells.get("proposal", cells.get("commentableid", "")), noun)
    created, note = moment(cells["date"], cells.get("time", ""), bench.zone, bench.job.now)
    ancestors = cells.get("parent") or cells.get("ancestry", "").rpartition("/")[2]
    parent = tolerant(notes, {"parent": ancestors}, "parent", "it opens a branch of its own")
    user = tolerant(notes, cells, "user", "the author stays unknown")
    official = cells.get("usertype", "").strip().casefold().startswith("empleado")
    text = clean(cells["text"]).strip()
    agree, disagree = counter(notes, cells, "agree"), counter(notes, cells, "disagree")
    values = (id, file, row.line, item, parent, user, official, created.isoformat(), text, agree, disagree)
    refuse_again(bench, "foreign_comment", id)
    take_in(bench, "comment", COLUMNS, values)
    return [told for told in (note, *notes) if told]


def _noun(cells: dict[str, str]) -> str:
    """What it is a comment on. Raises ValueError when that is not said."""
    if "proposal" in cells:
        return PROPOSAL
    noun = cells.get("commentabletype", PROPOSAL).strip().casefold()
    if not noun:
        raise ValueError("it does not say what it is a comment on")
    return noun[:40]


def _leave(bench: Bench, file: str, row: Row, noun: str) -> list[str]:
    """Whoever takes it tells what is wrong with it. Here only its id counts, which no other comment can have."""
    id = tolerant([], row.cells, "id", "")
    bench.rows.execute("INSERT INTO foreign_comment VALUES (?, ?, ?, ?)", (id, file, row.line, noun))
    return []


def pass_over_comments(bench: Bench) -> None:
    """Say what else was commented on."""
    query = """
        SELECT file, noun, count(*) AS number FROM foreign_comment
        GROUP BY file, noun ORDER BY number DESC, file, noun LIMIT ?
    """
    for file, noun, number in bench.rows.execute(query, (LISTED,)):
        bench.passed_over.append(f"{file} holds {counted(number, 'comment')} on {plural(noun)}")
