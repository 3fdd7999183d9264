"""What tests grow in bulk: discussions of any size and depth, towns full of stories. Counters are right, texts dull."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from codesign.core.comments import Comment, Standing, segment
from codesign.core.contributions import Contribution
from codesign.core.threads import Thread
from codesign.markup import render
from codesign.testing import Town

HTML = render("It is **so**.")


def grow_comments(town: Town, db: Session, thing_id: int, parents: Sequence[int | None]) -> list[int]:
    """A comment for each of `parents`: None opens a branch, a number replies to the comment made at that place."""
    now = town.world.clock.now()
    author, first = town.person(db, "boris").id, (db.scalar(select(func.max(Comment.id))) or 0) + 1
    rows: list[dict[str, Any]] = []
    for place, parent in enumerate(parents):
        row = {"id": first + place, "contribution_id": thing_id, "author_id": author, "text": "It is so.", "html": HTML,
               "language": "en", "created_at": now + timedelta(seconds=place // 5), "standing": Standing.VISIBLE,
               "parent_lost": False, "agree_count": place % 3, "disagree_count": 0, "reply_count": 0, "parent_id": None,
               "root_id": None, "depth": 0, "path": segment(first + place)}  # fmt: skip
        if parent is not None:
            above = rows[parent]
            row |= {"parent_id": above["id"], "root_id": above["root_id"] or above["id"], "depth": above["depth"] + 1}
            row["path"] = above["path"] + row["path"]
            for counted in {above["id"], row["root_id"]}:
                rows[counted - first]["reply_count"] += 1
        rows.append(row)
    db.execute(insert(Comment.__table__), rows)  # type: ignore[arg-type]
    db.execute(update(Contribution).where(Contribution.id == thing_id).values(comment_count=len(rows)))
    settle(db, "comment")
    return [row["id"] for row in rows]


def a_tree(roots: int, replies: int, deepest: int = 1) -> Iterator[int | None]:
    """Parents for `grow_comments`: so many roots, then replies to one after the other, the first ones a chain."""
    yield from [None] * roots
    for reply in range(replies):
        yield roots + reply - 1 if 0 < reply < deepest else reply % roots


def grow_stories(town: Town, db: Session, count: int, **values: Any) -> None:
    """So many stories, a minute apart, the last one now."""
    now, first = town.world.clock.now(), (db.scalar(select(func.max(Contribution.id))) or 0) + 1
    author = town.person(db, "anna").id
    rows = [
        {"id": first + place, "number": f"2025-{first + place:05d}", "kind": "thread", "ordinal": first + place,
         "author_id": author, "title": f"Three visits {place}", "text": "", "html": HTML, "excerpt": "It is so.",
         "language": "en", "version": 1, "created_at": now - timedelta(minutes=count - place), "agree_count": place % 7,
         "disagree_count": 0, "comment_count": place % 5, "comments_elsewhere": 0, "follower_count": 0, **values}
        for place in range(count)
    ]  # fmt: skip
    db.execute(insert(Contribution.__table__), rows)  # type: ignore[arg-type]
    db.execute(insert(Thread.__table__), [{"id": row["id"]} for row in rows])  # type: ignore[arg-type]
    settle(db, "contribution")


def settle(db: Session, table: str) -> None:
    """Let PostgreSQL know what was written: its next id, and how much there is of what."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"))
        db.execute(text("ANALYZE"))
