"""Full-text search over contributions: FTS5 on SQLite, tsvector on PostgreSQL."""

import re
import unicodedata

from sqlalchemy import ColumnElement, column, literal_column, select, table, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from codesign.editions import SHOWN_NOWHERE

TABLE = "contribution_words"
WORDS = 8
_WORD = re.compile(r"[^\W_]+")


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
    """The condition that a contribution holds every word of `query`; the last word may be a beginning."""
    words = words_of(query)[:WORDS]
    if not words:
        return literal_column("1 = 0") if query.strip() else literal_column("1 = 1")
    found = table(TABLE, column("rowid"), column("id"))
    if db.get_bind().dialect.name == "sqlite":
        asked = " ".join(f'"{word}"' for word in words) + "*"
        return id_column.in_(select(found.c.rowid).where(text(f"{TABLE} MATCH :words").bindparams(words=asked)))
    asked = " & ".join(f"'{word}'" for word in words) + ":*"
    match = text("words @@ to_tsquery('simple', :words)").bindparams(words=asked)
    return id_column.in_(select(found.c.id).where(match))


def words_of(text: str) -> list[str]:
    """Words without the accents of Latin letters, as both databases then find them."""
    bare = re.sub("(?<=[A-Za-z])[\u0300-\u036f]+", "", unicodedata.normalize("NFKD", text))
    return _WORD.findall(unicodedata.normalize("NFC", bare))
