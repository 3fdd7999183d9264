"""Stores proposals and debates as debates, with numbers, topics, tags and what search needs."""

from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import update
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution, next_in_series
from codesign.core.origins import known, remember
from codesign.core.search import index_text
from codesign.core.tags import ensure_tag, tag
from codesign.core.topics import Topic, ensure_topic
from codesign.kit import excerpt
from codesign_debates.consul.bench import SOURCE, Bench
from codesign_debates.consul.storing import Outcome, authors, insert_rows, reserve, store
from codesign_debates.consul.words import common_words
from codesign_debates.debates import KIND, Debate

COLUMNS = "noun, id, title, text, html, user, created, closes, agree, disagree, elsewhere"


class Item(NamedTuple):
    noun: str
    id: int
    title: str
    text: str
    html: str
    user: int | None
    created: str
    closes: str | None
    agree: int
    disagree: int
    elsewhere: int


def store_items(bench: Bench) -> None:
    total = bench.rows.execute("SELECT count(*) FROM item").fetchone()[0]
    if total:
        query = f"SELECT {COLUMNS} FROM item ORDER BY position"  # noqa: S608 - own words
        store(bench, "debates", query, total, partial(_batch, bench, common_words(bench)))


def _batch(bench: Bench, common: dict[str, tuple[int, str]], db: Session, rows: list[Any]) -> Outcome:
    items = [Item(*row) for row in rows]
    old = {
        noun: known(db, SOURCE, noun, (str(item.id) for item in items if item.noun == noun))
        for noun in ("proposal", "debate")
    }
    new = [item for item in items if str(item.id) not in old[item.noun]]
    accounts, made = authors(db, ((item.user, item.created, False) for item in new))
    labels = {item: _labels(bench, item) for item in new}
    topics = _topics(bench, db, common, labels)
    _insert(bench, db, new, accounts, topics)
    ids = {item: id for item, id in zip(new, _ids(db, new), strict=True)}
    _attach(db, ids, labels)
    return Outcome("debates", len(new), len(items) - len(new), made)
