"""What tests grow in bulk: long lists of debates in a few topics, almost all of them closed."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution, Series
from codesign.core.topics import ensure_topic
from codesign.markup import render
from codesign.testing import Town
from codesign_debates.debates import Debate

TOPICS = 10
OPEN = 3
"""The oldest ones, where a list that starts with the newest finds them last."""


def grow_debates(town: Town, db: Session, count: int) -> None:
    """So many debates, a minute apart, the last one now; many have equally many votes and comments."""
    now, first = town.world.clock.now(), (db.scalar(select(func.max(Contribution.id))) or 0) + 1
    author, html = town.person(db, "anna").id, render("The market is on Thursday.")
    topics = [ensure_topic(db, f"Topic {number}") for number in range(TOPICS)]
    shared: list[dict[str, Any]] = []
    own: list[dict[str, Any]] = []
    for place in range(count):
        id, made = first + place, now - timedelta(minutes=count - place)
        shared.append(
            {"id": id, "number": f"2025-{id:06d}", "kind": "debate", "ordinal": place + 1, "topic_id": topics[place % TOPICS],
             "author_id": author, "title": f"Market {place}?", "text": "", "html": html, "excerpt": "Thursday.",
             "language": "en", "version": 1, "created_at": made, "agree_count": 12 // (place % 97 + 1),
             "disagree_count": 0, "comment_count": 9 // (place % 89 + 1), "comments_elsewhere": 0, "follower_count": 0}
        )  # fmt: skip
        ends = None if place < OPEN else made + timedelta(seconds=30)
        own.append({"id": id, "opens_at": None, "closes_at": ends, "conclusion": "", "conclusion_html": html[:0]})
    db.execute(insert(Contribution.__table__), shared)  # type: ignore[arg-type]
    db.execute(insert(Debate.__table__), own)  # type: ignore[arg-type]
    db.execute(insert(Series).values(name="kind debate", last=count))
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("ANALYZE"))
