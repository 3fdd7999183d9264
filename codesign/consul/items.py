"""What people put forward: what its rows say."""

import json
from functools import partial

from codesign.consul.bench import Bench, take_in
from codesign.consul.cells import count, identity, moment, optional_identity
from codesign.consul.files import each
from codesign.consul.markdown import markdown_of, with_breaks
from codesign.consul.reading import Row, Table
from codesign.core.contributions import TITLE_LENGTHS
from codesign.kit import clean, excerpt, render

COLUMNS = "id, file, line, title, text, html, user, created, agree, disagree, elsewhere, announced, geozone, more"


def read_items(bench: Bench, table: Table) -> None:
    """Put what can be stored on the bench."""
    each(bench, table, partial(_take, bench, table.name))


def _take(bench: Bench, file: str, row: Row) -> list[str]:
    cells, notes = row.cells, list[str]()
    id = identity(cells["id"])
    created, note = moment(cells["date"], cells.get("time", ""), bench.zone, bench.job.now)
    title, text, html, more = _words(cells)
    user = tolerant(notes, cells, "user", "the author stays unknown")
    geozone = tolerant(notes, cells, "geozone", "it belongs to no district")
    agree, disagree, announced = (counter(notes, cells, name) for name in ("agree", "disagree", "announced"))
    values = (
        id, file, row.line, title, text, html, user, created.isoformat(), agree, disagree,
        announced if bench.wanted.comments_announced else 0,
        announced if cells.get("announced", "").strip() else None,
        geozone, json.dumps(_more(bench, cells, notes)),
    )  # fmt: skip
    take_in(bench, "item", COLUMNS, values)
    return [told for told in (note, more, *notes) if told]


def _more(bench: Bench, cells: dict[str, str], notes: list[str]) -> dict[str, str]:
    """What only the plugin understands."""
    told = {name: clean(cells.get(name, "")).strip() for name in bench.wanted.columns}
    for name in bench.wanted.moments:
        told[name] = ""
        if cell := cells.get(name, "").strip():
            try:
                at, note = moment(cell, "", bench.zone, bench.job.now)
            except ValueError as error:
                notes.append(f"{error}, so it was taken as empty")
            else:
                told[name] = at.isoformat()
                notes.append(note)
    return told


def counter(notes: list[str], cells: dict[str, str], column: str) -> int:
    """The number in a cell; a note and 0 for what cannot be one."""
    words = {"agree": "votes for it", "disagree": "votes against it", "announced": "comments"}
    try:
        return count(cells.get(column, ""), words[column])
    except ValueError as error:
        notes.append(f"{error}, so 0 was taken")
        return 0


def tolerant(notes: list[str], cells: dict[str, str], column: str, instead: str) -> int | None:
    """The id in a cell; a note and None for what cannot be one."""
    try:
        return optional_identity(cells.get(column, ""), column)
    except ValueError as error:
        notes.append(f"{error}, so {instead}")
        return None


def _words(cells: dict[str, str]) -> tuple[str, str, str, str]:
    """Title, text, HTML and a note. Raises ValueError when there is neither title nor text."""
    title = " ".join(clean(cells["title"]).split())
    parts = [_from_plain(cells.get("summary", "")), _from_plain(cells.get("text", ""))]
    parts.append(_from_html(cells.get("description", "")))
    note = ""
    if len(title) > TITLE_LENGTHS[1]:
        parts.insert(0, _from_plain(title))
        title, note = (
            excerpt(render(title), TITLE_LENGTHS[1]),
            "the title was too long; the whole of it begins the text",
        )
    text = "\n\n".join(text for text, _html in parts if text)
    html = "\n".join(html for _text, html in parts if html)
    if not title:
        title, note = excerpt(html, TITLE_LENGTHS[1]), "there was no title, so the first words became it"
    if not title:
        raise ValueError("there is neither a title nor a text")
    return title, text, html, note


def _from_plain(source: str) -> tuple[str, str]:
    text = "\n".join(line.strip() for line in clean(source).split("\n")).strip()
    return text, render(text) if text else ""


def _from_html(source: str) -> tuple[str, str]:
    if "<" not in source and "&" not in source:
        return _from_plain(source)
    html = with_breaks(clean(source))
    return markdown_of(html), html
