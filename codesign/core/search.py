"""Full-text search over contributions: FTS5 on SQLite, tsvector on PostgreSQL."""

import re
import unicodedata

from sqlalchemy import ColumnElement, column, literal_column, select, table, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from codesign.editions import SHOWN_NOWHERE
from codesign.paging import AnySelect

TABLE = "contribution_words"
WORDS = 8
FEW = 1000
"""So many things found are read and sorted, whatever their order."""
_WORD = re.compile(r"[^\W_]+")
_ACCENTS = re.compile("(?<=[A-Za-z])[\u0300-\u036f]+")


def index_text(db: Session, id: int, title: str, body: str) -> None:
    """Make a contribution findable by its words, in place of those it had before."""
    # Word by word: left to itself, PostgreSQL takes "parks/schools" for a file and finds neither.
    values = {"id": id, "title": " ".join(words_of(title)), "body": " ".join(words_of(body))}
    if db.get_bind().dialect.name == "sqlite":
        db.execute(text(f"DELETE FROM {TABLE} WHERE rowid = :id"), {"id": id}, execution_options=SHOWN_NOWHERE)
        fresh = f"INSERT INTO {TABLE} (rowid, title, body) VALUES (:id, :title, :body)"
        db.execute(text(fresh), values, execution_options=SHOWN_NOWHERE)
    else:
        words = "setweight(to_tsvector('simple', :title), 'A') || to_tsvector('simple', left(:body, 200000))"
        upsert = f"INSERT INTO {TABLE} (id, words) VALUES (:id, {words}) ON CONFLICT (id) DO UPDATE SET words = excluded.words"
        db.execute(text(upsert), values, execution_options=SHOWN_NOWHERE)


def matching(db: Session, id_column: InstrumentedAttribute[int], query: str) -> ColumnElement[bool]:
    """The condition that a contribution holds every word of `query`; the last word may be a beginning.

    Asks first whether these are few. SQLite would look up any number of them one by one, and sort.
    """
    if not words_of(query):
        return literal_column("1 = 0") if query.strip() else literal_column("1 = 1")
    ids = db.scalars(found_by(db, query).limit(FEW + 1)).all()
    # Of many, a list in order meets some soon: an expression, so that SQLite follows the order.
    return id_column.in_(ids) if len(ids) <= FEW else (id_column + 0).in_(found_by(db, query))


def found_by(db: Session, query: str) -> AnySelect:
    """The ids of contributions that hold every word of `query`, which has at least one."""
    words = words_of(query)[:WORDS]
    found = table(TABLE, column("rowid"), column("id"))
    if db.get_bind().dialect.name == "sqlite":
        asked = " ".join(f'"{word}"' for word in words) + "*"
        return select(found.c.rowid.label("id")).where(text(f"{TABLE} MATCH :words").bindparams(words=asked))
    asked = " & ".join(f"'{word}'" for word in words) + ":*"
    match = text("words @@ to_tsquery('simple', :words)").bindparams(words=asked)
    return select(found.c.id).where(match)


def words_of(text: str) -> list[str]:
    """Words without the accents of Latin letters, as both databases then find them."""
    return _WORD.findall(bare(text))


def bare(text: str) -> str:
    """The text without the accents of Latin letters."""
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))
