"""Stores what people put forward as contributions, with numbers, topics, areas, tags and what search needs."""

import json
from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from codesign.consul.bench import SOURCE, Bench, plural
from codesign.consul.storing import SIZE, Outcome, Work, authors, insert_rows, reserve, store
from codesign.consul.wanted import Arrival
from codesign.consul.words import capitalised, common_words, district_of
from codesign.core.areas import ensure_area
from codesign.core.contributions import Contribution, next_in_series
from codesign.core.origins import known, remember
from codesign.core.search import index_text
from codesign.core.tags import ContributionTag, Tag, ensure_tag
from codesign.core.topics import Topic, ensure_topic
from codesign.kit import Kind, excerpt, sanitise

Common = dict[str, tuple[int, str]]
"""Tags that become topics: by slug, how often they are used and their name."""
COLUMNS = "id, title, text, html, user, created, agree, disagree, elsewhere, more"


class Item(NamedTuple):
    """A row of the bench."""

    id: int
    title: str
    text: str
    html: str
    user: int | None
    created: str
    agree: int
    disagree: int
    elsewhere: int
    more: str


def store_items(bench: Bench) -> None:
    total = bench.rows.execute("SELECT count(*) FROM item").fetchone()[0]
    if total:
        query = f"SELECT {COLUMNS} FROM item ORDER BY position"  # noqa: S608 - own words
        store(bench, plural(bench.wanted.noun), query, total, partial(_prepared, bench, common_words(bench)))


def _prepared(bench: Bench, common: Common, rows: list[Any]) -> Work:
    return partial(_batch, bench, common, [Item(*row) for row in rows])


def _batch(bench: Bench, common: Common, items: list[Item], db: Session) -> Outcome:
    noun = bench.wanted.noun
    old = known(db, SOURCE, noun, (str(item.id) for item in items))
    new = [item for item in items if str(item.id) not in old]
    accounts, made = authors(db, ((item.user, item.created, False) for item in new))
    labels = [_labels(bench, item) for item in new]
    topics = _topics(db, [_topic(bench, common, item, words) for item, words in zip(new, labels, strict=True)])
    areas = _areas(db, [district_of(bench, item.id) for item in new])
    arrivals = _arrivals(db, bench.wanted.kind, new, topics, areas)
    remarks = _insert(bench, db, new, arrivals, accounts)
    ids = [arrival.id for arrival in arrivals]
    remember(db, SOURCE, noun, {str(item.id): id for item, id in zip(new, ids, strict=True)})
    _tag(db, dict(zip(ids, labels, strict=True)))
    for id, item in zip(ids, new, strict=True):
        index_text(db, id, item.title, item.text)
    remarks.update(_otherwise(db, bench.wanted.kind, list(old.values())))
    return Outcome(plural(noun), len(new), len(items) - len(new), made, remarks=remarks)


def _otherwise(db: Session, kind: Kind, ids: list[int]) -> Counter[str]:
    """How many of the contributions that were imported before are of another kind, and what is to be said of them."""
    other = select(Contribution.kind, func.count()).where(Contribution.id.in_(ids), Contribution.kind != kind.name)
    rows = db.execute(other.group_by(Contribution.kind)) if ids else ()
    return Counter(
        {f"already there as a {name}, by an earlier import, and left as it is": count for name, count in rows}
    )


def _labels(bench: Bench, item: Item) -> dict[str, str]:
    """Names of its tags, by slug."""
    query = "SELECT slug, name FROM label JOIN word USING (slug) WHERE item = ? ORDER BY slug"
    return dict(bench.rows.execute(query, (item.id,)).fetchall())


def _topic(bench: Bench, common: Common, item: Item, labels: dict[str, str]) -> str | None:
    """Its first category, or the most used of its tags that are common here."""
    query = "SELECT title FROM category WHERE item = ?"
    if found := bench.rows.execute(query, (item.id,)).fetchone():
        return str(found[0])
    best = max((common[slug] for slug in labels if slug in common), default=None)
    return best[1] if best else None


def _topics(db: Session, titles: list[str | None]) -> list[int | None]:
    """Ids for titles; each topic counts those that are about to come under it."""
    counts = Counter(title for title in titles if title)
    ids = {title: ensure_topic(db, capitalised(title)) for title in sorted(counts)}
    for title, id in sorted(ids.items(), key=lambda entry: entry[1]):
        more = Topic.contribution_count + counts[title]
        db.execute(update(Topic).where(Topic.id == id).values(contribution_count=more))
    return [ids[title] if title else None for title in titles]


def _areas(db: Session, names: list[str | None]) -> list[int | None]:
    ids = {name: ensure_area(db, capitalised(name)) for name in dict.fromkeys(names) if name}
    return [ids[name] if name else None for name in names]


def _arrivals(
    db: Session, kind: Kind, new: list[Item], topics: list[int | None], areas: list[int | None]
) -> list[Arrival]:
    """Places for new contributions among those of their kind."""
    before = next_in_series(db, f"kind {kind.name}", len(new)) - len(new) if new else 0
    ids = reserve(db, Contribution, len(new))
    return [
        Arrival(
            id, before + place, topic, area, datetime.fromisoformat(item.created), item.agree, json.loads(item.more)
        )
        for place, (id, item, topic, area) in enumerate(zip(ids, new, topics, areas, strict=True), 1)
    ]


def _insert(
    bench: Bench, db: Session, new: list[Item], arrivals: list[Arrival], accounts: dict[int, int]
) -> Counter[str]:
    """Returns what is to be told of how many."""
    numbers = _numbers(db, [arrival.created_at for arrival in arrivals])
    kind = bench.wanted.kind
    rows = [
        _columns(item, kind)
        | {
            "id": arrival.id,
            "number": number,
            "ordinal": arrival.ordinal,
            "topic_id": arrival.topic_id,
            "area_id": arrival.area_id,
            "author_id": accounts.get(item.user or 0),
            "language": bench.language,
            "created_at": arrival.created_at,
        }
        for item, arrival, number in zip(new, arrivals, numbers, strict=True)
    ]
    insert_rows(db, Contribution, rows)
    own = bench.wanted.own(db, arrivals, bench.job.now)
    insert_rows(db, kind.model, [dict(row.columns) for row in own])
    return Counter(remark for row in own for remark in row.remarks)


def _columns(item: Item, kind: Kind) -> dict[str, Any]:
    """The columns that depend on nothing else."""
    return {
        "kind": kind.name,
        "title": item.title,
        "text": item.text,
        "html": sanitise(item.html),
        "excerpt": excerpt(item.html),
        "agree_count": item.agree,
        "disagree_count": item.disagree if kind.opposable else 0,
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
