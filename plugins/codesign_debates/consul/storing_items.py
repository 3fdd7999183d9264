"""Stores proposals and debates as debates, with numbers, topics, tags and what search needs."""

from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution, next_in_series
from codesign.core.origins import known, remember
from codesign.core.search import index_text
from codesign.core.tags import ContributionTag, Tag, ensure_tag
from codesign.core.topics import Topic, ensure_topic
from codesign.kit import excerpt, sanitise
from codesign_debates.consul.bench import SOURCE, Bench
from codesign_debates.consul.storing import SIZE, Outcome, Work, authors, insert_rows, reserve, store
from codesign_debates.consul.words import common_words
from codesign_debates.debates import KIND, Debate

Common = dict[str, tuple[int, str]]
"""Tags that become topics: by slug, how often they are used and their name."""
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
        store(bench, "debates", query, total, partial(_prepared, bench, common_words(bench)))


def _prepared(bench: Bench, common: Common, rows: list[Any]) -> Work:
    return partial(_batch, bench, common, [Item(*row) for row in rows])


def _batch(bench: Bench, common: Common, items: list[Item], db: Session) -> Outcome:
    old = {noun: _known(db, noun, items) for noun in ("proposal", "debate")}
    new = [item for item in items if str(item.id) not in old[item.noun]]
    accounts, made = authors(db, ((item.user, item.created, False) for item in new))
    labels = [_labels(bench, item) for item in new]
    topics = _topics(db, [_topic(bench, common, item, words) for item, words in zip(new, labels, strict=True)])
    ids = list(reserve(db, Contribution, len(new)))
    _insert(bench, db, new, ids, topics, accounts)
    for noun in old:
        named = zip(new, ids, strict=True)
        remember(db, SOURCE, noun, {str(item.id): id for item, id in named if item.noun == noun})
    _tag(db, dict(zip(ids, labels, strict=True)))
    for id, item in zip(ids, new, strict=True):
        index_text(db, id, item.title, item.text)
    return Outcome("debates", len(new), len(items) - len(new), made)


def _known(db: Session, noun: str, items: list[Item]) -> dict[str, int]:
    return known(db, SOURCE, noun, (str(item.id) for item in items if item.noun == noun))


def _labels(bench: Bench, item: Item) -> dict[str, str]:
    """Names of its tags, by slug."""
    query = "SELECT slug, name FROM label JOIN word USING (slug) WHERE noun = ? AND item = ? ORDER BY slug"
    return dict(bench.rows.execute(query, (item.noun, item.id)).fetchall())


def _topic(bench: Bench, common: Common, item: Item, labels: dict[str, str]) -> str | None:
    """Its first category, or the most used of its tags that are common here."""
    query = "SELECT title FROM category WHERE noun = ? AND item = ?"
    if found := bench.rows.execute(query, (item.noun, item.id)).fetchone():
        return str(found[0])
    best = max((common[slug] for slug in labels if slug in common), default=None)
    return best[1] if best else None


def _topics(db: Session, titles: list[str | None]) -> list[int | None]:
    """Ids for titles; each topic counts those that are about to come under it."""
    counts = Counter(title for title in titles if title)
    ids = {title: ensure_topic(db, title[:1].upper() + title[1:]) for title in sorted(counts)}
    for title, id in sorted(ids.items(), key=lambda entry: entry[1]):
        more = Topic.contribution_count + counts[title]
        db.execute(update(Topic).where(Topic.id == id).values(contribution_count=more))
    return [ids[title] if title else None for title in titles]


def _insert(
    bench: Bench, db: Session, new: list[Item], ids: list[int], topics: list[int | None], accounts: dict[int, int]
) -> None:
    moments = [datetime.fromisoformat(item.created) for item in new]
    numbers = _numbers(db, moments)
    before = next_in_series(db, f"kind {KIND.name}", len(new)) - len(new) if new else 0
    rows = [
        _columns(item)
        | {
            "id": ids[place],
            "number": numbers[place],
            "ordinal": before + place + 1,
            "topic_id": topics[place],
            "author_id": accounts.get(item.user or 0),
            "language": bench.language,
            "created_at": moments[place],
        }
        for place, item in enumerate(new)
    ]
    insert_rows(db, Contribution, rows)
    ends = [item.closes and datetime.fromisoformat(item.closes) for item in new]
    insert_rows(db, Debate, [{"id": id, "closes_at": end} for id, end in zip(ids, ends, strict=True)])


def _columns(item: Item) -> dict[str, Any]:
    """The columns that depend on nothing else."""
    return {
        "kind": KIND.name,
        "title": item.title,
        "text": item.text,
        "html": sanitise(item.html),
        "excerpt": excerpt(item.html),
        "agree_count": item.agree,
        "disagree_count": item.disagree,
        "comments_elsewhere": item.elsewhere,
    }


def _numbers(db: Session, moments: list[datetime]) -> list[str]:
    """Public numbers in the years in which the things were made."""
    counts = Counter(moment.year for moment in moments)
    before = {year: next_in_series(db, f"number {year}", step) - step for year, step in sorted(counts.items())}
    numbers = []
    for moment in moments:
        before[moment.year] += 1
        numbers.append(f"{moment.year}-{before[moment.year]:05d}")
    return numbers


def _tag(db: Session, labels: dict[int, dict[str, str]]) -> None:
    names = {slug: name for words in labels.values() for slug, name in words.items()}
    slugs = sorted(names)
    ids: dict[str, int] = {}
    for start in range(0, len(slugs), SIZE):
        known_tags = select(Tag.slug, Tag.id).where(Tag.slug.in_(slugs[start : start + SIZE]))
        ids.update((slug, id) for slug, id in db.execute(known_tags))
    ids.update((slug, ensure_tag(db, names[slug])) for slug in slugs if slug not in ids)
    rows = [{"contribution_id": id, "tag_id": ids[slug]} for id, words in labels.items() for slug in words]
    insert_rows(db, ContributionTag, rows)
