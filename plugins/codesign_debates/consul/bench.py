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

from codesign.core.settings import chosen
from codesign.kit import ImportJob, ImportReport

SOURCE = "consul"
"""The name under which `origin` remembers what was imported."""
IN_MEMORY = 1_000_000
"""Bytes of the report that stay in memory; more goes to a temporary file."""
TABLES = """
PRAGMA cache_size = -16000;
PRAGMA journal_mode = OFF;
CREATE TABLE item (position INTEGER PRIMARY KEY, noun TEXT, id INTEGER, file TEXT, line INTEGER, title TEXT,
    text TEXT, html TEXT, user INTEGER, created TEXT, closes TEXT, agree INTEGER, disagree INTEGER,
    elsewhere INTEGER, announced INTEGER, UNIQUE (noun, id));
CREATE TABLE comment (position INTEGER PRIMARY KEY, id INTEGER UNIQUE, file TEXT, line INTEGER, noun TEXT,
    item INTEGER, parent INTEGER, user INTEGER, official INTEGER, created TEXT, text TEXT, agree INTEGER,
    disagree INTEGER, level INTEGER, walk INTEGER, lost INTEGER DEFAULT 0);
CREATE INDEX comment_parent ON comment (parent);
CREATE INDEX comment_level ON comment (level);
CREATE INDEX comment_item ON comment (noun, item);
CREATE TABLE district (slug TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID;
CREATE TABLE named (id INTEGER PRIMARY KEY, slug TEXT, name TEXT, uses INTEGER);
CREATE TABLE tagging (file TEXT, line INTEGER, tag INTEGER, noun TEXT, item INTEGER);
CREATE TABLE category (noun TEXT, item INTEGER, title TEXT, PRIMARY KEY (noun, item)) WITHOUT ROWID;
CREATE TABLE label (noun TEXT, item INTEGER, slug TEXT, PRIMARY KEY (noun, item, slug)) WITHOUT ROWID;
CREATE TABLE word (slug TEXT PRIMARY KEY, name TEXT, uses INTEGER) WITHOUT ROWID;
CREATE VIEW own_tagging AS SELECT tagging.rowid AS place, tagging.* FROM tagging
    JOIN item ON item.noun = tagging.noun AND item.id = tagging.item;
CREATE VIEW foreign_tagging AS SELECT tagging.* FROM tagging
    LEFT JOIN item ON item.noun = tagging.noun AND item.id = tagging.item WHERE item.id IS NULL;
CREATE VIEW foreign_label AS SELECT label.* FROM label
    LEFT JOIN item ON item.noun = label.noun AND item.id = label.item WHERE item.id IS NULL;
CREATE VIEW orphan AS SELECT comment.* FROM comment
    LEFT JOIN comment AS p ON p.id = comment.parent WHERE comment.parent IS NOT NULL AND p.id IS NULL;
CREATE VIEW stray AS SELECT comment.* FROM comment
    JOIN comment AS p ON p.id = comment.parent WHERE (p.noun, p.item) != (comment.noun, comment.item);
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
    rows: sqlite3.Connection
    """What was read and waits to be stored."""
    zone: ZoneInfo
    language: str
    skipped: Sentences = field(default_factory=Sentences)
    notes: Sentences = field(default_factory=Sentences)
    imported: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)

    def report(self) -> ImportReport:
        return ImportReport(dict(+self.imported), dict(+self.unchanged), self.skipped, self.notes)


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def take_in(bench: Bench, table: str, columns: str, values: tuple[Any, ...]) -> None:
    """Put a row on the bench. Raises ValueError when its id is there already."""
    marks = ", ".join("?" * len(values))
    row = f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - own words
    if bench.rows.execute(row, values).rowcount:
        return
    named = dict(zip(columns.split(", "), values, strict=True))
    before = f"SELECT file, line FROM {table} WHERE id = :id" + (" AND noun = :noun" if table == "item" else "")  # noqa: S608
    file, line = bench.rows.execute(before, named).fetchone()
    raise ValueError(f"the id {named['id']} was there before, in {file} line {line}")


@contextmanager
def set_up(job: ImportJob) -> Iterator[Bench]:
    with job.write() as db:
        town = chosen(db).town
    # An empty name is SQLite's way to ask for a database in a nameless temporary file.
    with closing(sqlite3.connect("", isolation_level=None)) as rows:
        rows.executescript(TABLES)
        yield Bench(job, rows, _zone(town.zone), town.locale)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
