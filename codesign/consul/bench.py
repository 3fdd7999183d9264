"""Where an import works: rows wait in a temporary database on disk, so that no file is ever held in memory."""

import sqlite3
import tempfile
import weakref
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from codesign.consul.wanted import Wanted
from codesign.core.settings import chosen
from codesign.kit import ImportJob, ImportReport

SOURCE = "consul"
"""The name under which `origin` remembers what was imported."""
IN_MEMORY = 1_000_000
"""Bytes of the report that stay in memory; more goes to a temporary file."""
TABLES = """
PRAGMA cache_size = -16000;
PRAGMA journal_mode = OFF;
CREATE TABLE item (position INTEGER PRIMARY KEY, id INTEGER UNIQUE, file TEXT, line INTEGER, title TEXT, text TEXT,
    html TEXT, user INTEGER, created TEXT, agree INTEGER, disagree INTEGER, elsewhere INTEGER, announced INTEGER,
    geozone INTEGER, more TEXT);
CREATE TABLE comment (position INTEGER PRIMARY KEY, id INTEGER UNIQUE, file TEXT, line INTEGER, item INTEGER,
    parent INTEGER, user INTEGER, official INTEGER, created TEXT, text TEXT, agree INTEGER, disagree INTEGER,
    level INTEGER, walk INTEGER, lost INTEGER DEFAULT 0);
CREATE INDEX comment_parent ON comment (parent);
CREATE INDEX comment_level ON comment (level);
CREATE INDEX comment_item ON comment (item);
CREATE TABLE foreign_comment (id INTEGER, file TEXT, line INTEGER, noun TEXT);
CREATE INDEX foreign_comment_id ON foreign_comment (id);
CREATE TABLE district (slug TEXT PRIMARY KEY, name TEXT);
CREATE TABLE geozone (id INTEGER PRIMARY KEY, slug TEXT);
CREATE TABLE town_wide (item INTEGER PRIMARY KEY);
CREATE TABLE named (id INTEGER PRIMARY KEY, slug TEXT, name TEXT, uses INTEGER);
CREATE TABLE tagging (file TEXT, line INTEGER, tag INTEGER, item INTEGER);
CREATE TABLE category (item INTEGER PRIMARY KEY, title TEXT);
CREATE TABLE label (item INTEGER, slug TEXT, PRIMARY KEY (item, slug)) WITHOUT ROWID;
CREATE TABLE word (slug TEXT PRIMARY KEY, name TEXT, uses INTEGER) WITHOUT ROWID;
CREATE VIEW own_tagging AS SELECT tagging.rowid AS place, tagging.* FROM tagging JOIN item ON item.id = tagging.item;
CREATE VIEW foreign_tagging AS SELECT * FROM tagging WHERE item NOT IN (SELECT id FROM item);
CREATE VIEW foreign_label AS SELECT * FROM label WHERE item NOT IN (SELECT id FROM item);
CREATE VIEW orphan AS SELECT comment.* FROM comment
    LEFT JOIN comment AS p ON p.id = comment.parent WHERE comment.parent IS NOT NULL AND p.id IS NULL;
CREATE VIEW stray AS SELECT comment.* FROM comment JOIN comment AS p ON p.id = comment.parent
    WHERE p.item != comment.item
    UNION SELECT comment.* FROM comment WHERE parent IN (SELECT id FROM foreign_comment);
"""


class Sentences:
    """The lines of a report, however many: read again and again, kept on disk when they are many."""

    def __init__(self) -> None:
        self._count = 0
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY, "w+", encoding="utf-8")  # noqa: SIM115 - closed below
        weakref.finalize(self, self._file.close)

    def add(self, sentence: str) -> None:
        self._file.seek(0, 2)
        self._file.write(sentence.replace("\n", " ").encode("utf-8", "replace").decode() + "\n")
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        self._file.seek(0)
        while line := self._file.readline():
            yield line.rstrip("\n")


@dataclass(frozen=True)
class Bench:
    """One import at work."""

    job: ImportJob
    wanted: Wanted
    rows: sqlite3.Connection
    """What was read and waits to be stored."""
    zone: ZoneInfo
    language: str
    skipped: Sentences = field(default_factory=Sentences)
    notes: Sentences = field(default_factory=Sentences)
    imported: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)
    """What is true of so many of the things that were stored."""
    passed_over: list[str] = field(default_factory=list)
    """What was left to other importers, each as the beginning of a sentence."""

    def report(self) -> ImportReport:
        return ImportReport(
            dict(+self.imported), dict(+self.unchanged), self.skipped, self.notes, tuple(self.passed_over)
        )


def plural(noun: str) -> str:
    return f"{noun}s"


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun if number == 1 else plural(noun)}"


def take_in(bench: Bench, table: str, columns: str, values: tuple[Any, ...]) -> None:
    """Put a row on the bench. Raises ValueError when its id is there already."""
    marks = ", ".join("?" * len(values))
    row = f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - own words
    if not bench.rows.execute(row, values).rowcount:
        refuse_again(bench, table, values[0])


def refuse_again(bench: Bench, table: str, id: int) -> None:
    """Raises ValueError when a row of this id is there already."""
    before = f"SELECT file, line FROM {table} WHERE id = ? ORDER BY rowid LIMIT 1"  # noqa: S608 - own words
    if found := bench.rows.execute(before, (id,)).fetchone():
        raise ValueError(f"the id {id} was there before, in {found[0]} line {found[1]}")


@contextmanager
def set_up(job: ImportJob, wanted: Wanted) -> Iterator[Bench]:
    with job.write() as db:
        town = chosen(db).town
    # An empty name is SQLite's way to ask for a database in a nameless temporary file.
    with closing(sqlite3.connect("", isolation_level=None)) as rows:
        rows.executescript(TABLES)
        yield Bench(job, wanted, rows, _zone(town.zone), town.locale)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
