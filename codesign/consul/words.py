"""Tags and districts: what things are about. The most used tags become topics, a single district is the area."""

from codesign.consul.bench import Bench, counted
from codesign.consul.cells import count, identity, optional_identity
from codesign.consul.files import each
from codesign.consul.reading import Row, Table
from codesign.core.topics import slug_of
from codesign.kit import clean

LONGEST = 160
"""Letters of a tag."""
LEAST_USE = 20
"""Things of the sort that must have a tag before it becomes a topic."""
MOST_TOPICS = 40
JOIN = """
INSERT OR IGNORE INTO label SELECT item, slug FROM own_tagging JOIN named ON named.id = own_tagging.tag;
INSERT OR IGNORE INTO label SELECT item.id, slug FROM item JOIN geozone ON geozone.id = item.geozone;
DELETE FROM word WHERE slug IN (SELECT slug FROM district);
INSERT INTO word SELECT slug, name, 0 FROM district;
INSERT OR IGNORE INTO word SELECT slug, name, 0 FROM named ORDER BY uses DESC, id;
UPDATE word SET uses = total FROM (SELECT slug, sum(uses) AS total FROM named GROUP BY slug) AS sums
    WHERE sums.slug = word.slug;
"""


def read_districts(bench: Bench, table: Table) -> None:
    def take(row: Row) -> list[str]:
        name = word_of(row.cells["name"])
        add_district(bench, name)
        if id := optional_identity(row.cells.get("id", ""), "id"):
            bench.rows.execute("INSERT OR IGNORE INTO geozone VALUES (?, ?)", (id, slug_of(name)))
        return []

    each(bench, table, take)


def add_district(bench: Bench, name: str) -> None:
    bench.rows.execute("INSERT OR IGNORE INTO district VALUES (?, ?)", (slug_of(name), name))


def read_tags(bench: Bench, table: Table) -> None:
    def take(row: Row) -> list[str]:
        id, name = identity(row.cells["id"]), word_of(row.cells["name"])
        uses = count(row.cells.get("taggingscount", ""), "uses")
        new = bench.rows.execute("INSERT OR IGNORE INTO named VALUES (?, ?, ?, ?)", (id, slug_of(name), name, uses))
        if not new.rowcount:
            raise ValueError(f"the id {id} was there before")
        return []

    each(bench, table, take)


def read_taggings(bench: Bench, table: Table) -> None:
    def take(row: Row) -> list[str]:
        tag, item = identity(row.cells["tagid"], "tag"), identity(row.cells["taggableid"], "tagged thing")
        if row.cells["taggabletype"].strip().casefold() == bench.wanted.noun:
            bench.rows.execute("INSERT INTO tagging VALUES (?, ?, ?, ?)", (table.name, row.line, tag, item))
        return []

    each(bench, table, take)


def word_of(cell: str) -> str:
    """A tag, topic or district. Raises ValueError when it cannot be one."""
    name = " ".join(clean(cell).split())
    if not name:
        raise ValueError("the name is empty")
    if len(name) > LONGEST:
        raise ValueError(f"the name has {len(name):,} letters; a tag has at most {LONGEST}")
    return name


def attach(bench: Bench, item: int, name: str) -> None:
    slug = slug_of(name)
    bench.rows.execute("INSERT OR IGNORE INTO label VALUES (?, ?)", (item, slug))
    bench.rows.execute("INSERT OR IGNORE INTO word VALUES (?, ?, 0)", (slug, name))


def join_words(bench: Bench) -> None:
    """Match taggings with tags and with what is imported; tell what they do not match."""
    _tell_of_foreign(bench)
    for file, line, tag in bench.rows.execute(
        "SELECT file, line, tag FROM own_tagging WHERE tag NOT IN (SELECT id FROM named) ORDER BY place"
    ):
        bench.skipped.add(f"{file} line {line}: there is no tag {tag} in the list of tags; the row was left out.")
    bench.rows.executescript(JOIN)


def _tell_of_foreign(bench: Bench) -> None:
    noun = bench.wanted.noun
    for file, number in bench.rows.execute("SELECT file, count(*) FROM foreign_tagging GROUP BY file ORDER BY file"):
        bench.notes.add(f"{file}: {counted(number, 'row')} about a {noun} that these files do not hold.")
    if absent := bench.rows.execute("SELECT count(DISTINCT item) FROM foreign_label").fetchone()[0]:
        bench.notes.add(f"The recommendations name {counted(absent, noun)} that these files do not hold.")


def common_words(bench: Bench) -> dict[str, tuple[int, str]]:
    """The tags that become topics, by slug, with how often they are used and their name. Districts are none."""
    query = """
        SELECT word.slug, word.uses, word.name FROM label
        JOIN item ON item.id = label.item JOIN word ON word.slug = label.slug
        WHERE word.slug NOT IN (SELECT slug FROM district)
        GROUP BY word.slug HAVING count(*) >= ? ORDER BY count(*) DESC, word.slug LIMIT ?
    """
    found = bench.rows.execute(query, (LEAST_USE, MOST_TOPICS))
    return {slug: (uses, name) for slug, uses, name in found}


def district_of(bench: Bench, item: int) -> str | None:
    """The name of the district that it belongs to, or of the only one that it names."""
    own = "SELECT name FROM item JOIN geozone ON geozone.id = item.geozone JOIN district USING (slug) WHERE item.id = ?"
    named = """
        SELECT name FROM label JOIN district USING (slug)
        WHERE item = ? AND item NOT IN (SELECT item FROM town_wide) LIMIT 2
    """
    found = bench.rows.execute(own, (item,)).fetchall() or bench.rows.execute(named, (item,)).fetchall()
    return str(found[0][0]) if len(found) == 1 else None


def capitalised(name: str) -> str:
    """Tags are often written small, titles of topics and areas are not."""
    return name[:1].upper() + name[1:]
