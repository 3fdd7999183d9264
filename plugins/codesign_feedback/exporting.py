"""The figures as CSV (RFC 4180): a line for each figure of each place, the same in every language."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from codesign_feedback.figures import By
from codesign_feedback.listening import DAYS, SHARE, Cell, Listening, Measure

MEDIA_TYPE = "text/csv; charset=utf-8"
HEAD = ("group", "name", "figure", "unit", "value", "n", "shown")
UNITS = {DAYS: "days (median)", SHARE: "percent"}
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What spreadsheets take for more than text, as wide characters too."""
MARK = "\ufeff"
"""Spreadsheets know by it that a file is UTF-8."""
WHOLE = "town"
Cells = Sequence[Any]


def lines(found: Listening, by: By) -> Iterator[Cells]:
    """`group` is "town", or what `name` is: an authority, a topic, a life situation; the name of what belongs to none
    is empty. `shown` is "no" for small groups, which have neither value nor n."""
    yield HEAD
    for figures in found.figures:
        yield _line(figures.measure, WHOLE, figures.whole)
        for cell in figures.cells:
            yield _line(figures.measure, by.value, cell)


def _line(measure: Measure, group: str, cell: Cell) -> Cells:
    unit = UNITS.get(measure.sort, "contributions")
    if cell.n is None:
        return group, cell.place.title, measure.name, unit, "", "", "no"
    value = f"{100 * cell.share:.1f}" if measure.sort is SHARE else f"{cell.part:g}"
    return group, cell.place.title, measure.name, unit, value if cell.n else "", cell.n, "yes"


def csv_text(rows: Iterable[Cells]) -> str:
    file = io.StringIO()
    file.write(MARK)
    csv.writer(file).writerows([guarded(cell) for cell in row] for row in rows)
    return file.getvalue()


def guarded(cell: Any) -> Any:
    """A text that a spreadsheet would run as a formula is marked as text, by an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" \u00a0").startswith(STARTS_A_FORMULA) else cell
