"""Bar charts of figures as SVG: lengths in percent, so that they fit a phone and a sheet of paper, text in its own size."""

from collections.abc import Sequence
from dataclasses import dataclass

from codesign.kit import gettext, mark, ngettext, show_number
from codesign_feedback.figures import By
from codesign_feedback.listening import DAYS, SHARE, Cell, Figures, Measure

ROW = 52
"""Pixels from bar to bar."""
LABEL_LINE, BAR_TOP, NUMBER_LINE = 16, 24, 36
WIDEST = 56
"""Of the longest bar, in percent of the chart: its number stands behind it."""
LEAST = 0.6
"""What is there at all is seen."""
LONGEST_LABEL = 30
"""Characters that fit a phone; the table says all of it."""
ELSEWHERE = {
    By.AUTHORITY: mark("No authority yet"),
    By.TOPIC: mark("Without a topic"),
    By.SITUATION: mark("Not about a life situation"),
}


@dataclass(frozen=True)
class Row:
    """A place with its figure in words, and where it is drawn."""

    title: str
    url: str
    label: str
    value: str
    n: str
    width: float | None
    """Of the bar, in percent of the chart; None: there is nothing to draw."""
    top: int

    @property
    def label_y(self) -> int:
        return self.top + LABEL_LINE

    @property
    def bar_y(self) -> int:
        return self.top + BAR_TOP

    @property
    def number_y(self) -> int:
        return self.top + NUMBER_LINE

    @property
    def said(self) -> str:
        """`21 days (n = 34)`."""
        return f"{self.value} ({gettext('n = %(n)s') % {'n': self.n}})" if self.n else self.value


@dataclass(frozen=True)
class Chart:
    name: str
    title: str
    meaning: str
    whole: Row
    rows: Sequence[Row]
    height: int

    @property
    def drawn(self) -> bool:
        """Whether there is a bar at all."""
        return any(row.width is not None for row in self.rows)


def chart(figures: Figures, by: By) -> Chart:
    """Places in the order they are given: alphabetical, so that nobody is ranked."""
    measure = figures.measure
    most = max((_length(measure, cell) for cell in [figures.whole, *figures.cells]), default=0)
    rows = [_row(measure, cell, cell.place.title or gettext(ELSEWHERE[by]), most, place)
            for place, cell in enumerate(figures.cells)]  # fmt: skip
    whole = _row(measure, figures.whole, gettext("The whole town"), most, 0)
    return Chart(
        measure.name, gettext(measure.title), gettext(measure.meaning), whole, rows, ROW * len(rows) + LABEL_LINE
    )


def _row(measure: Measure, cell: Cell, title: str, most: float, place: int) -> Row:
    label = title if len(title) <= LONGEST_LABEL else f"{title[: LONGEST_LABEL - 1].rstrip()}…"
    length = _length(measure, cell)
    width = None if not cell.n else max(LEAST, round(WIDEST * length / most, 1)) if length else 0
    return Row(title, cell.place.url, label, value(measure, cell), show_number(cell.n) if cell.n else "", width,
               place * ROW)  # fmt: skip


def _length(measure: Measure, cell: Cell) -> float:
    """Days as they are; everything else as a share, so that large authorities have no longer bars than small ones."""
    if not cell.n:
        return 0
    return cell.part if measure.sort is DAYS else cell.share


def value(measure: Measure, cell: Cell) -> str:
    """A figure in words: `21 days`, `82 %`, `7`."""
    if cell.n is None:
        return gettext("Not shown: a small group")
    if cell.n == 0:
        return gettext("Nothing to count")
    if measure.sort is DAYS:
        plural = round(cell.part) if cell.part == round(cell.part) else 2
        return ngettext("%(num)s day", "%(num)s days", plural) % {"num": show_number(cell.part)}
    if measure.sort is SHARE:
        return gettext("%(number)s %%") % {"number": show_number(round(100 * cell.share))}
    return show_number(round(cell.part))
