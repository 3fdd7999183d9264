"""Rows on their way into a store: their ids and numbers, their places in the tree, the counters above them."""

from collections import Counter
from collections.abc import Iterator
from math import gcd
from typing import Any

from sqlalchemy import Table, func, insert, select, text, update
from sqlalchemy.orm import DeclarativeBase, Session

from benchmarks.plan import Draft, Reply
from benchmarks.words import sought
from codesign.core.comments import Comment, segment
from codesign.core.contributions import Contribution, Series, next_in_series
from codesign.core.follows import Follow
from codesign.core.search import TABLE
from codesign.core.topics import Topic
from codesign.core.users import User
from codesign.core.votes import CommentVote, ContributionVote
from codesign.markup import excerpt
from codesign.stores import Store
from codesign_debates.debates import Debate

BATCH = 4000
"""Rows of one transaction, about."""
ORDER: tuple[type[DeclarativeBase], ...] = (
    User, Contribution, Debate, Follow, ContributionVote, Comment, CommentVote
)  # fmt: skip


class Writing:
    """Rows on their way into a store, with the ids and numbers given out."""

    def __init__(self, db: Session, users: int) -> None:
        self.users = users
        self.postgresql = db.get_bind().dialect.name == "postgresql"
        self.ids = {model: (db.scalar(select(func.max(model.id))) or 0) + 1 for model in (User, Contribution, Comment)}
        self.series = Counter(dict(db.execute(select(Series.name, Series.last)).all()))
        self.before = self.series.copy()
        self.first_user = self.ids[User]
        self.waiting: dict[type[DeclarativeBase], list[dict[str, Any]]] = {model: [] for model in ORDER}
        self.found: list[dict[str, Any]] = []
        self.rows = 0
        self.held = 0

    def take(self, model: Any) -> int:
        self.ids[model] += 1
        return self.ids[model] - 1

    def number(self, name: str) -> int:
        self.series[name] += 1
        return self.series[name]

    def add(self, model: type[DeclarativeBase], row: dict[str, Any]) -> None:
        self.waiting[model].append(row)
        self.held += 1

    def debate(self, draft: Draft, topic: int) -> int:
        """Its id. Its comments come after it, branch by branch."""
        id = self.take(Contribution)
        year = draft.created_at.year
        given = {
            "id": id,
            "number": f"{year}-{self.number(f'number {year}'):05d}",
            "ordinal": self.number("kind debate"),
            "topic_id": topic,
            "author_id": self.first_user + draft.author,
        }
        self.add(Contribution, {**given, **_contribution(draft)})
        self.add(Debate, {"id": id, "closes_at": draft.closes_at})
        self.found.append({"id": id, "title": sought(draft.title), "body": draft.said.sought})
        for user in self.people(draft.author, draft.followers):
            self.add(Follow, {"user_id": user, "subject": "contribution", "subject_id": id})
        self.votes(ContributionVote, {"contribution_id": id}, draft)
        return id

    def people(self, first: int, count: int) -> Iterator[int]:
        """That many different people, scattered, always the same for the same `first`."""
        users = self.users
        step = next(step for step in range(1 + users // 3, 2 * users + 2) if gcd(step, users) == 1)
        return (self.first_user + (first + place * step) % users for place in range(count))

    def votes(self, model: type[DeclarativeBase], on: dict[str, int], thing: Draft | Reply) -> None:
        voters = self.people(thing.first_voter, thing.agree + thing.disagree)
        for place, user in enumerate(voters):
            self.add(model, {"user_id": user, "value": 1 if place < thing.agree else -1, **on})

    def branch(self, replies: list[Reply], contribution_id: int) -> None:
        """A root and everything below it, each at its place in the tree."""
        rows: list[dict[str, Any]] = []
        for reply in replies:
            id = self.take(Comment)
            above = rows[reply.parent] if reply.parent is not None else None
            row = _comment(reply, id, contribution_id, self.first_user + reply.author, above, rows)
            if above is not None:
                above["reply_count"] += 1
                if above is not rows[0]:
                    rows[0]["reply_count"] += 1
            rows.append(row)
            self.votes(CommentVote, {"comment_id": id}, reply)
        self.waiting[Comment] += rows
        self.held += len(rows)

    def flush(self, store: Store, at_least: int = BATCH) -> None:
        """Store what waits, in one transaction, when there is enough of it."""
        if self.held < at_least:
            return
        with store.write() as db:
            for model in ORDER:
                if rows := self.waiting[model]:
                    _insert(db, model.__table__, rows)  # type: ignore[arg-type]
                    self.waiting[model] = []
            _index(db, self.found)
        self.rows += self.held
        self.found, self.held = [], 0

    def close(self, store: Store, used: Counter[int]) -> None:
        """Store the rest, and what was given out and counted on the way."""
        self.flush(store, 1)
        with store.write() as db:
            for name, last in self.series.items():
                next_in_series(db, name, last - self.before[name])
            for topic, more in used.items():
                count = Topic.contribution_count + more
                db.execute(update(Topic).where(Topic.id == topic).values(contribution_count=count))
            for model, following in self.ids.items():
                if self.postgresql:
                    table = f'"{model.__tablename__}"'
                    db.execute(
                        text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :last)"),
                        {"table": table, "last": following - 1},
                    )
        with store.connect() as connection:
            connection.execute(text("ANALYZE"))


def _contribution(draft: Draft) -> dict[str, Any]:
    """The columns that depend on the draft alone."""
    return {
        "kind": "debate",
        "title": draft.title,
        "text": draft.said.text,
        "html": draft.said.html,
        "excerpt": excerpt(draft.said.html),
        "language": draft.language,
        "created_at": draft.created_at,
        "agree_count": draft.agree,
        "disagree_count": draft.disagree,
        "comment_count": draft.comments,
        "follower_count": draft.followers,
    }


def _comment(
    reply: Reply, id: int, contribution_id: int, author: int, above: dict[str, Any] | None, branch: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "id": id,
        "contribution_id": contribution_id,
        "parent_id": above["id"] if above else None,
        "root_id": branch[0]["id"] if above else None,
        "depth": reply.depth,
        "path": (above["path"] if above else "") + segment(id),
        "author_id": author,
        "text": reply.said.text,
        "html": reply.said.html,
        "language": reply.language,
        "created_at": reply.created_at,
        "agree_count": reply.agree,
        "disagree_count": reply.disagree,
        "reply_count": 0,
    }


def _insert(db: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    db.execute(insert(table), rows)


def _index(db: Session, rows: list[dict[str, Any]]) -> None:
    """What codesign.core.search.index_text stores, for many at once."""
    if not rows:
        return
    if db.get_bind().dialect.name == "sqlite":
        db.execute(text(f"INSERT INTO {TABLE} (rowid, title, body) VALUES (:id, :title, :body)"), rows)
    else:
        found = "setweight(to_tsvector('simple', :title), 'A') || to_tsvector('simple', :body)"
        db.execute(text(f"INSERT INTO {TABLE} (id, words) VALUES (:id, {found})"), rows)
