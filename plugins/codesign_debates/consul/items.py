"""Proposals and debates: both become debates here."""

from datetime import datetime
from functools import partial

from codesign.core.contributions import TITLE_LENGTHS
from codesign.kit import clean, excerpt, render
from codesign_debates.consul.bench import Bench, take_in
from codesign_debates.consul.cells import count, identity, moment, optional_identity
from codesign_debates.consul.files import each
from codesign_debates.consul.markdown import markdown_of, with_breaks
from codesign_debates.consul.reading import Row, Table

COLUMNS = "noun, id, file, line, title, text, html, user, created, closes, agree, disagree, elsewhere, announced"


def read_items(bench: Bench, table: Table, noun: str) -> None:
    """Put what can become a debate on the bench. `noun` is `proposal` or `debate`."""
    each(bench, table, partial(_take, bench, table.name, noun))


def _take(bench: Bench, file: str, noun: str, row: Row) -> list[str]:
    cells, notes = row.cells, list[str]()
    id = identity(cells["id"])
    created, note = moment(cells["date"], cells.get("time", ""), bench.zone, bench.job.now)
    title, text, html, more = _words(cells)
    user = tolerant(notes, cells, "user", "the author stays unknown")
    agree, disagree, announced = (counter(notes, cells, name) for name in ("agree", "disagree", "announced"))
    closes = _end(created, bench.job.now) if cells.get("status", "").strip().casefold() == "archived" else None
    values = (
        noun, id, file, row.line, title, text, html, user, created.isoformat(), closes and closes.isoformat(),
        agree, disagree, announced if noun == "debate" else 0, announced if cells.get("announced", "").strip() else None,
    )  # fmt: skip
    take_in(bench, "item", COLUMNS, values)
    return [told for told in (note, more, *notes) if told]


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


def _end(created: datetime, now: datetime) -> datetime:
    """An archived proposal was open for twelve months, CONSUL's term, or until now when it was archived sooner."""
    last = 28 if (created.month, created.day) == (2, 29) else created.day
    return min(created.replace(year=created.year + 1, day=last), now)
