"""What tests grow in bulk: long lists of polls in a few topics, almost all of them closed."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution, Series
from codesign.core.topics import ensure_topic
from codesign.markup import render
from codesign.testing import Town
from codesign_polls.polls import Poll
from codesign_polls.tests.making import asking

TOPICS = 10
OPEN = 3
"""The oldest ones, where a list that starts with the newest finds them last."""


def grow_polls(town: Town, db: Session, count: int) -> None:
    """So many polls, a minute apart, the last one now."""
    now, first = town.world.clock.now(), (db.scalar(select(func.max(Contribution.id))) or 0) + 1
    author, html = town.person(db, "chen").id, render("The old lime tree has to go.")
    topics = [ensure_topic(db, f"Topic {number}") for number in range(TOPICS)]
    definition = asking().model_dump(mode="json")
    shared: list[dict[str, Any]] = []
    own: list[dict[str, Any]] = []
    for place in range(count):
        id, made = first + place, now - timedelta(minutes=count - place)
        shared.append(
            {"id": id, "number": f"2025-{id:06d}", "kind": "poll", "ordinal": place + 1, "topic_id": topics[place % TOPICS],
             "author_id": author, "title": f"Tree {place}?", "text": "", "html": html, "excerpt": "The old lime tree.",
             "language": "en", "version": 1, "created_at": made, "agree_count": 0, "disagree_count": 0, "comment_count": 0,
             "comments_elsewhere": 0, "follower_count": 0}
        )  # fmt: skip
        closes = now + timedelta(days=1 + place) if place < OPEN else made + timedelta(seconds=30)
        own.append(
            {"id": id, "opens_at": made, "closes_at": closes, "definition": definition, "secret": True, "live": False,
             "by_account": True, "by_code": False, "min_level": 1, "area_ids": [], "code_salt": "00", "voter_count": place % 7,
             "imported_from": ""}
        )  # fmt: skip
    db.execute(insert(Contribution.__table__), shared)  # type: ignore[arg-type]
    db.execute(insert(Poll.__table__), own)  # type: ignore[arg-type]
    db.execute(insert(Series).values(name="kind poll", last=count))
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("ANALYZE"))
