"""Bars: numbers of options or of people, each with its share and the length of its bar."""

from collections.abc import Sequence
from dataclasses import dataclass

from codesign.kit import gettext, show_number

LEAST_WIDTH = 0.5


@dataclass(frozen=True)
class Row:
    """An option, or a group of people, with its number."""

    title: str
    number: str
    share: str
    """Of something that the heading names; "" where there is none."""
    width: float
    """Of its bar, in percent of the longest."""
    badge: str = ""
    """`won`, `tied` or `left`; "" for all others."""


def bars(numbers: Sequence[tuple[str, int]], whole: int) -> list[Row]:
    """Groups of people, each with its share of all of them."""
    most = max((number for _title, number in numbers), default=0)
    return [Row(title, show_number(number), percent(number, whole), width(number, most)) for title, number in numbers]


def percent(part: float, whole: float) -> str:
    """ "41.2 %", "" of nothing."""
    return gettext("%(number)s %%") % {"number": show_number(round(100 * part / whole, 1))} if whole else ""


def width(number: float, most: float) -> float:
    """In percent of the longest bar; what is there at all is seen."""
    return max(LEAST_WIDTH, round(100 * number / most, 1)) if number and most else 0
