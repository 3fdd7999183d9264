"""What tests grow in bulk: long lists of proposals in a few topics and areas, almost all of them archived."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from codesign.core.areas import ensure_area
from codesign.core.contributions import Contribution, Series
from codesign.core.search import index_text
from codesign.core.tags import ContributionTag, ensure_tag
from codesign.core.topics import ensure_topic
from codesign.markup import render
from codesign.testing import Town
from codesign_proposals.proposals import Proposal, progress

PLACES = 10
THRESHOLD = 100
GATHERING = 3
"""The oldest ones, where a list that starts with the newest finds them last."""
WORDS = ("bench", "tree", "river", "market", "school", "bus", "light")


def grow_proposals(town: Town, db: Session, count: int, gathering: int = GATHERING, worded: bool = False) -> None:
    """So many proposals, a minute apart, the last one now. Every 50th is reached, every 40th withdrawn, the last three
    have a tag of their own; `worded` ones can be found by their words."""
    now, first = town.world.clock.now(), (db.scalar(select(func.max(Contribution.id))) or 0) + 1
    author, html = town.person(db, "anna").id, render("A bench by the river would help.")
    topics = [ensure_topic(db, f"Topic {number}") for number in range(PLACES)]
    areas = [ensure_area(db, f"Area {number}") for number in range(PLACES)]
    shared: list[dict[str, Any]] = []
    own: list[dict[str, Any]] = []
    for place in range(count):
        id, made, supports = first + place, now - timedelta(minutes=count - place), (place * 37) % (THRESHOLD - 1)
        title = f"A {WORDS[place % 7]} and a {WORDS[place % 5]} for place {place}"
        shared.append(
            {"id": id, "number": f"2025-{id:06d}", "kind": "proposal", "ordinal": place + 1, "topic_id": topics[place % PLACES],
             "area_id": areas[place // PLACES % PLACES], "author_id": author, "title": title, "text": "", "html": html,
             "excerpt": "A bench.", "language": "en", "version": 1, "created_at": made, "agree_count": supports,
             "disagree_count": 0, "comment_count": 0, "comments_elsewhere": 0, "follower_count": 0}
        )  # fmt: skip
        over = place >= gathering
        own.append(
            {"id": id, "threshold": THRESHOLD, "archives_at": now + timedelta(seconds=0 if over else 86_400),
             "archived_told_at": now if over else None, "reached_at": made if place % 50 == 49 else None,
             "withdrawn_at": made if place % 40 == 39 else None, "withdrawn_text": "", "revision": 1, "paper_count": 0,
             "elsewhere_count": 0, "progress": progress(supports, THRESHOLD), "place": place + 1}
        )  # fmt: skip
    db.execute(insert(Contribution.__table__), shared)  # type: ignore[arg-type]
    db.execute(insert(Proposal.__table__), own)  # type: ignore[arg-type]
    rare = ensure_tag(db, "Rare")
    tagged = [{"contribution_id": first + count - 1 - place, "tag_id": rare} for place in range(min(3, count))]
    db.execute(insert(ContributionTag.__table__), tagged)  # type: ignore[arg-type]
    for row in shared if worded else ():
        index_text(db, row["id"], row["title"], "A bench by the river would help.")
    db.execute(insert(Series).values(name="kind proposal", last=count))
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("ANALYZE"))
