"""recommendations.xml: categories, topics and districts of what was proposed."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from xml.parsers import expat

from codesign.consul.bench import Bench, counted, plural
from codesign.consul.cells import identity
from codesign.consul.files import PROPOSAL
from codesign.consul.words import add_district, attach, word_of

WHOLE_TOWN = "ciudad"
"""The district of what concerns all of them."""
CHUNK = 65_536
LONGEST_ELEMENT = 1_048_576


def read_recommendations(bench: Bench, path: Path) -> bool:
    """False when the file holds nothing of the kind."""
    seen = {PROPOSAL: 0, "argument": 0}
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
    if bench.wanted.noun != PROPOSAL:
        bench.passed_over.extend([f"{path.name} holds words on {plural(PROPOSAL)}"] if seen[PROPOSAL] else [])
    elif seen["argument"]:
        found = f"{counted(seen['argument'], 'argument')} that a program found in the comments"
        bench.notes.add(f"{path.name}: {found}, not read.")
    return bool(seen[PROPOSAL])


def _element(
    bench: Bench, seen: dict[str, int], where: Callable[[], str], tag: str, attributes: dict[str, str]
) -> None:
    if tag in seen:
        seen[tag] += 1
    if tag != PROPOSAL or bench.wanted.noun != PROPOSAL:
        return
    try:
        item = identity(attributes.get("id", ""))
    except ValueError as error:
        bench.skipped.add(f"{where()}: {error}; the proposal was left out.")
        return
    for column in ("categories", "topics", "districts"):
        for name in _words(bench, attributes.get(column, ""), where):
            _attach(bench, item, column, name)


def _words(bench: Bench, value: str, where: Callable[[], str]) -> Iterator[str]:
    for word in value.split(","):
        try:
            name = word_of(word) if word.strip() else ""
        except ValueError as error:
            bench.skipped.add(f"{where()}: {error}; the word was left out.")
            continue
        if name:
            yield name


def _attach(bench: Bench, item: int, column: str, name: str) -> None:
    if column == "districts" and name.casefold() == WHOLE_TOWN:
        bench.rows.execute("INSERT OR IGNORE INTO town_wide VALUES (?)", (item,))
        return
    attach(bench, item, name)
    if column == "districts":
        add_district(bench, name)
    if column == "categories":
        bench.rows.execute("INSERT OR IGNORE INTO category VALUES (?, ?)", (item, name))


def _no_entities(*_declaration: object) -> None:
    raise ValueError("it declares entities, which an export has no need of")
