"""recommendations.xml: categories, topics and districts of proposals."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from xml.parsers import expat

from codesign_debates.consul.bench import Bench, counted
from codesign_debates.consul.cells import identity
from codesign_debates.consul.words import attach, word_of

WHOLE_CITY = "ciudad"
CHUNK = 65_536
LONGEST_ELEMENT = 1_048_576


def read_recommendations(bench: Bench, path: Path) -> bool:
    """False when the file holds no proposals."""
    seen = {"proposal": 0, "argument": 0}
    parser = expat.ParserCreate()
    parser.StartElementHandler = partial(_element, bench, seen, lambda: f"{path.name} line {parser.CurrentLineNumber}")
    parser.EntityDeclHandler = _no_entities
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                parser.Parse(chunk)
                if file.tell() - parser.CurrentByteIndex > LONGEST_ELEMENT:
                    raise ValueError("an element is too long")
            parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, OSError) as error:
        reason = expat.ErrorString(error.code) if isinstance(error, expat.ExpatError) else error
        bench.skipped.add(f"{path.name} line {parser.CurrentLineNumber}: {reason}; what comes after it was not read.")
    if seen["argument"]:
        found = f"{counted(seen['argument'], 'argument')} that a program found in the comments"
        bench.notes.add(f"{path.name}: {found}, not read.")
    return bool(seen["proposal"])


def _element(
    bench: Bench, seen: dict[str, int], where: Callable[[], str], tag: str, attributes: dict[str, str]
) -> None:
    if tag in seen:
        seen[tag] += 1
    if tag != "proposal":
        return
    try:
        item = identity(attributes.get("id", ""))
    except ValueError as error:
        bench.skipped.add(f"{where()}: {error}; the proposal was left out.")
        return
    for column in ("categories", "topics", "districts"):
        _attribute(bench, item, column, attributes.get(column, ""), where)


def _attribute(bench: Bench, item: int, column: str, value: str, where: Callable[[], str]) -> None:
    for word in value.split(","):
        try:
            name = word_of(word) if word.strip() else ""
        except ValueError as error:
            bench.skipped.add(f"{where()}: {error}; the word was left out.")
            continue
        if name and not (column == "districts" and name.casefold() == WHOLE_CITY):
            attach(bench, "proposal", item, name)
        if name and column == "categories":
            bench.rows.execute("INSERT OR IGNORE INTO category VALUES ('proposal', ?, ?)", (item, name))


def _no_entities(*_declaration: object) -> None:
    raise ValueError("it declares entities, which an export has no need of")
