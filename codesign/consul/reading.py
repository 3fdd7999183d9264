"""CSV files row by row, each with the line where it begins. What cannot be read is told, and reading goes on."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from codesign.consul.lines import Lines, TooLong

DELIMITERS = ",;\t|"
SAMPLE = 20
ALIASES = {
    "parentid": "parent",
    "proposalid": "proposal",
    "userid": "user",
    "authorid": "user",
    "createdat": "date",
    "geozoneid": "geozone",
    "body": "text",
    "numpositivevotes": "agree",
    "numnegativevotes": "disagree",
    "cachedvotesup": "agree",
    "cachedvotesdown": "disagree",
    "numsupports": "agree",
    "numcomments": "announced",
    "commentscount": "announced",
}
"""What CONSUL and its exports call a column, and what it is called here."""


class Row(NamedTuple):
    line: int
    cells: dict[str, str]
    """By column name; empty when there is a fault."""
    fault: str = ""
    """Why the row cannot be read, as the end of a sentence."""


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[str, ...]
    """Names of the columns as used here, "" for one without a name or one that comes again."""
    delimiter: str
    lines: Lines


def open_table(path: Path) -> Table | None:
    """The file, with its first row read; None when it is empty. Raises ValueError with a reason, and OSError."""
    lines = Lines(path)
    try:
        first = next((line for line in lines if line.strip()), None)
    except TooLong:
        raise ValueError(f"its line {lines.number} is too long to hold the names of columns.") from None
    if first is None:
        return None
    delimiter = _delimiter(first)
    if re.fullmatch(r"sep=.\s*", first):
        first = next(lines, "")
    lines.settle()
    names = _names(next(csv.reader([first], delimiter=delimiter), []))
    return Table(path.name, _with_index(names, lines, delimiter), delimiter, lines)


def rows(table: Table) -> Iterator[Row]:
    """Every row that is not blank. After a fault reading goes on with the next line."""
    lines, width = table.lines, len(table.columns)
    reader = csv.reader(lines, delimiter=table.delimiter, strict=True)
    places = [(place, name) for place, name in enumerate(table.columns) if name]
    while True:
        line = lines.number + 1
        try:
            cells, fault = next(reader), ""
        except StopIteration:
            return
        except (csv.Error, TooLong) as error:
            cells, fault = _lenient(lines.taken, table.delimiter), _fault(error, lines.taken)
        _trim(cells, width)
        if len(cells) == width:
            lines.settle()
            yield Row(line, {name: cells[place] for place, name in places})
        elif any(cells) or fault:
            lines.give_back()
            yield Row(line, {}, fault or f"has {len(cells)} cells where the first line has {width}")
        else:
            lines.settle()


def _delimiter(line: str) -> str:
    if line.startswith("sep=") and len(line) > 4:
        return line[4]
    bare = re.sub(r'"[^"]*"', "", line)
    return max(DELIMITERS, key=bare.count)


def _names(cells: Sequence[str]) -> tuple[str, ...]:
    names: list[str] = []
    for cell in cells:
        plain = re.sub(r"[\W_]", "", cell).casefold()
        name = ALIASES.get(plain, plain)
        names.append("" if name in names else name)
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _with_index(names: tuple[str, ...], lines: Lines, delimiter: str) -> tuple[str, ...]:
    """Some programs number the rows in a first column that they forget to name."""
    sample: list[str] = []
    try:
        sample.extend(islice(lines, SAMPLE))
        first_rows = [row for row in csv.reader(sample, delimiter=delimiter) if row]
    except (csv.Error, TooLong):
        first_rows = []
    lines.give_back(keep=0)
    widths = Counter(len(row) for row in first_rows).most_common(1)
    trailing = all(not row[-1] for row in first_rows if len(row) > len(names))
    return ("", *names) if widths and widths[0][0] == len(names) + 1 and not trailing else names


def _lenient(taken: list[str | None], delimiter: str) -> list[str]:
    """The cells of a single line whose quotation marks are not as they should be; none when that fails too."""
    if len(taken) != 1 or taken[0] is None:
        return []
    try:
        return next(csv.reader([taken[0].replace("\r", " ").rstrip()], delimiter=delimiter), [])
    except csv.Error:
        return []


def _fault(error: Exception, taken: list[str | None]) -> str:
    limit = f"{csv.field_size_limit():,} characters"
    if isinstance(error, TooLong):
        return "is too long" if len(taken) == 1 else "opens a quotation mark that is not closed"
    if "field larger" in str(error):
        return f"has a cell of more than {limit}, or a quotation mark that is not closed"
    if "unexpected end" in str(error):
        return "opens a quotation mark that is never closed"
    return "has quotation marks that do not match"


def _trim(cells: list[str], width: int) -> None:
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
