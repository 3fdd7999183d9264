"""Topics, tags and districts: from CSV files for debates, from recommendations.xml for proposals."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from xml.parsers import expat

from codesign.core.topics import slug_of
from codesign.kit import clean
from codesign_debates.consul.bench import Bench
from codesign_debates.consul.cells import count, identity
from codesign_debates.consul.files import each
from codesign_debates.consul.reading import Row, Table

LONGEST = 160
"""Letters of a tag."""
LEAST_USE = 20
"""Debates that must have a tag before it becomes a topic."""
MOST_TOPICS = 40
WHOLE_CITY = "ciudad"
CHUNK = 65_536
LONGEST_ELEMENT = 1_048_576


def read_districts(bench: Bench, table: Table) -> None:
    def take(row: Row) -> list[str]:
        name = _name(row.cells["name"])
        bench.rows.execute("INSERT OR IGNORE INTO district VALUES (?, ?)", (slug_of(name), name))
        return []

    each(bench, table, take)


def read_tags(bench: Bench, table: Table) -> None:
    def take(row: Row) -> list[str]:
        id, name = identity(row.cells["id"]), _name(row.cells["name"])
        uses = count(row.cells.get("taggingscount", ""), "uses")
        new = bench.rows.execute("INSERT OR IGNORE INTO named VALUES (?, ?, ?, ?)", (id, slug_of(name), name, uses))
        if not new.rowcount:
            raise ValueError(f"the id {id} was there before")
        return []

    each(bench, table, take)


def read_taggings(bench: Bench, table: Table) -> None:
    def take(row: Row) -> list[str]:
        tag, item = identity(row.cells["tagid"], "tag"), identity(row.cells["taggableid"], "tagged thing")
        noun = row.cells["taggabletype"].strip().casefold()[:20]
        bench.rows.execute("INSERT INTO tagging VALUES (?, ?, ?, ?, ?)", (table.name, row.line, tag, noun, item))
        return []

    each(bench, table, take)


def _name(cell: str) -> str:
    name = " ".join(clean(cell).split())
    if not name:
        raise ValueError("the name is empty")
    if len(name) > LONGEST:
        raise ValueError(f"the name has {len(name):,} letters; a tag has at most {LONGEST}")
    return name


def read_recommendations(bench: Bench, path: Path) -> bool:
    """Categories, topics and districts of proposals. False when the file holds none."""
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
        bench.skipped.add(f"{path.name} line {parser.CurrentLineNumber}: {error}; what comes after it was not read.")
    if seen["argument"]:
        bench.notes.add(f"{path.name}: {seen['argument']:,} arguments found by a program in the comments were not read.")
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
            name = _name(word) if word.strip() else ""
        except ValueError as error:
            bench.skipped.add(f"{where()}: {error}; the word was left out.")
            continue
        if name and not (column == "districts" and name.casefold() == WHOLE_CITY):
            _attach(bench, "proposal", item, name)
        if name and column == "categories":
            bench.rows.execute("INSERT OR IGNORE INTO category VALUES ('proposal', ?, ?)", (item, name))


def _attach(bench: Bench, noun: str, item: int, name: str) -> None:
    slug = slug_of(name)
    bench.rows.execute("INSERT OR IGNORE INTO label VALUES (?, ?, ?)", (noun, item, slug))
    bench.rows.execute("INSERT OR IGNORE INTO word VALUES (?, ?, 0)", (slug, name))


def _no_entities(*_declaration: object) -> None:
    raise ValueError("it declares entities, which an export has no need of")


def join_words(bench: Bench) -> None:
    """Match taggings with tags and with what is imported; tell what they do not match."""
    rows = bench.rows
    ours = "EXISTS (SELECT 1 FROM item WHERE item.noun = tagging.noun AND item.id = tagging.item)"
    foreign = f"SELECT file, noun, count(*) FROM tagging WHERE NOT {ours} GROUP BY file, noun ORDER BY file, noun"  # noqa: S608
    for file, noun, number in rows.execute(foreign):
        bench.notes.add(f"{file}: {number:,} rows belong to a {noun or 'nothing'} that these files do not hold.")
    unheld = "SELECT count(DISTINCT item) FROM label WHERE NOT EXISTS (SELECT 1 FROM item WHERE noun = label.noun AND id = item)"
    if absent := rows.execute(unheld).fetchone()[0]:
        bench.notes.add(f"The recommendations name {absent:,} proposals that these files do not hold.")
    nameless = (
        f"SELECT file, line, tag FROM tagging WHERE {ours}"  # noqa: S608
        " AND NOT EXISTS (SELECT 1 FROM named WHERE named.id = tagging.tag) ORDER BY rowid"
    )
    for file, line, tag in rows.execute(nameless):
        bench.skipped.add(f"{file} line {line}: there is no tag {tag} in the list of tags; the row was left out.")
    rows.execute(
        "INSERT OR IGNORE INTO label SELECT noun, item, slug FROM tagging JOIN named ON named.id = tagging.tag"
        f" WHERE {ours}"  # noqa: S608
    )
    rows.execute("DELETE FROM word WHERE slug IN (SELECT slug FROM district)")
    rows.execute("INSERT INTO word SELECT slug, name, 0 FROM district")
    rows.execute("INSERT OR IGNORE INTO word SELECT slug, name, 0 FROM named ORDER BY uses DESC, id")
    rows.execute(
        "UPDATE word SET uses = uses + t.total FROM (SELECT slug, sum(uses) AS total FROM named GROUP BY slug) AS t"
        " WHERE t.slug = word.slug"
    )


def common_words(bench: Bench) -> dict[str, tuple[int, str]]:
    """The tags that become topics, by slug, with how often they are used and their name. Districts are none."""
    query = """
        SELECT word.slug, word.uses, word.name FROM label
        JOIN item ON item.noun = label.noun AND item.id = label.item JOIN word ON word.slug = label.slug
        WHERE word.slug NOT IN (SELECT slug FROM district) AND label.noun = 'debate'
        GROUP BY word.slug HAVING count(*) >= ? ORDER BY count(*) DESC, word.slug LIMIT ?
    """
    found = bench.rows.execute(query, (LEAST_USE, MOST_TOPICS))
    return {slug: (uses, name) for slug, uses, name in found}
