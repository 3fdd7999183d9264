"""Comments: what their rows say."""

from functools import partial

from codesign.kit import clean
from codesign_debates.consul.bench import Bench, take_in
from codesign_debates.consul.cells import identity, moment, shown
from codesign_debates.consul.files import each
from codesign_debates.consul.items import counter, tolerant
from codesign_debates.consul.reading import Row, Table

COLUMNS = "id, file, line, noun, item, parent, user, official, created, text, agree, disagree"


def read_comments(bench: Bench, table: Table) -> None:
    each(bench, table, partial(_take, bench, table.name))


def _take(bench: Bench, file: str, row: Row) -> list[str]:
    cells, notes = row.cells, list[str]()
    id = identity(cells["id"])
    noun, item = _item(cells)
    created, note = moment(cells["date"], cells.get("time", ""), bench.zone, bench.job.now)
    ancestors = cells.get("parent") or cells.get("ancestry", "").rpartition("/")[2]
    parent = tolerant(notes, {"parent": ancestors}, "parent", "it opens a branch of its own")
    user = tolerant(notes, cells, "user", "the author stays unknown")
    official = cells.get("usertype", "").strip().casefold().startswith("empleado")
    text = clean(cells["text"]).strip()
    agree, disagree = counter(notes, cells, "agree"), counter(notes, cells, "disagree")
    values = (id, file, row.line, noun, item, parent, user, official, created.isoformat(), text, agree, disagree)
    take_in(bench, "comment", COLUMNS, values)
    return [told for told in (note, *notes) if told]


def _item(cells: dict[str, str]) -> tuple[str, int]:
    """What it is about. Raises ValueError."""
    if "proposal" in cells:
        return "proposal", identity(cells["proposal"], "proposal")
    noun = cells.get("commentabletype", "Proposal").strip().casefold()
    if noun not in ("proposal", "debate"):
        raise ValueError(f"it is a comment on {shown(cells['commentabletype'])}, neither proposal nor debate")
    return noun, identity(cells.get("commentableid", ""), noun)
