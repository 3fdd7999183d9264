"""Loops in bulk, in every state, with figures that a test can count again."""

import random
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select

from codesign.core.authorities import Authority, create_authority
from codesign.core.contributions import Contribution
from codesign.core.threads import Thread
from codesign.core.topics import ensure_topic
from codesign.testing import Town
from codesign_feedback.calendar import DAY
from codesign_feedback.loop import ANSWERABLE, Outcome, State
from codesign_feedback.loops import Loop
from tests.growing import HTML, settle
from tests.making import a_situation

STATES = (
    State.ACKNOWLEDGED, State.UNDER_REVIEW, State.LAPSED, State.ANSWERED, State.COMMITTED, State.DELIVERED,
    State.VERIFIED, State.CLOSED, State.CLOSED, State.CLOSED, State.DISPUTED, State.REOPENED, State.DECLINED,
)  # fmt: skip


def grow_loops(town: Town, count: int, authorities: int = 12, text: str = "It is so.") -> list[Authority]:
    """So many threads with loops, opened in the last two years, shared out among authorities and as many topics."""
    chance = random.Random(count)
    now = town.world.clock.now()
    with town.write() as db:
        found = list(db.scalars(select(Authority).order_by(Authority.id)))
        made = found or [create_authority(db, f"Office {number:02d}") for number in range(authorities)]
        topics = [ensure_topic(db, f"Subject {number:02d}") for number in range(authorities)]
        situation, author = a_situation(db).id, town.person(db, "anna").id
        first = (db.scalar(select(func.max(Contribution.id))) or 0) + 1
        things, threads, loops = [], [], []
        for id in range(first, first + count):
            opened = now - chance.randrange(1, 730) * DAY - timedelta(hours=chance.randrange(24))
            place = chance.randrange(authorities)
            things.append(
                {"id": id, "number": f"2024-{id:06d}", "kind": "thread", "ordinal": id, "author_id": author,
                 "title": f"Three visits {id}", "text": text, "html": HTML, "excerpt": "It is so.", "language": "en",
                 "version": 1, "created_at": opened, "agree_count": 0, "disagree_count": 0, "comment_count": 0,
                 "comments_elsewhere": 0, "follower_count": 0, "topic_id": topics[place] if id % 10 else None,
                 "situation_id": situation}
            )  # fmt: skip
            threads.append({"id": id})
            loops.append({"contribution_id": id, "opened_at": opened, "authority_id": made[place].id,
                          **_fate(chance, opened, now)})  # fmt: skip
        for table, rows in ((Contribution, things), (Thread, threads), (Loop, loops)):
            for start in range(0, count, 5000):
                db.execute(insert(table.__table__), rows[start : start + 5000])  # type: ignore[arg-type]
        settle(db, "contribution")
        return made


def _fate(chance: random.Random, opened: Any, now: Any) -> dict[str, Any]:
    state = chance.choice(STATES)
    due, days = opened + 31 * DAY, chance.randrange(1, 60)
    answered = None if state in ANSWERABLE - {State.DISPUTED, State.REOPENED} else opened + days * DAY
    state_at = min(now, (answered or opened) + chance.randrange(1, 60) * DAY)
    owed = state in (State.ACKNOWLEDGED, State.UNDER_REVIEW, State.REOPENED)
    lapsed = state is State.LAPSED
    ending = chance.choice([Outcome.VERIFIED, Outcome.UNVERIFIED, Outcome.DECLINED])
    outcome = {State.VERIFIED: Outcome.VERIFIED, State.CLOSED: ending}.get(state)
    return {
        "state": state, "outcome": outcome, "state_at": state_at, "clock": "answer" if owed else "",
        "due_at": due if owed else None, "answer_due_at": due, "extended": False,
        "overdue_at": due + 14 * DAY if (lapsed or owed) and due + 14 * DAY < now else None,
        "answered_at": answered, "answer_days": days if answered else None, "in_time": days <= 30 if answered else None,
        "delivered_at": None, "verified_at": state_at if outcome is Outcome.VERIFIED else None,
        "closed_at": state_at if state is State.CLOSED else None, "round": 1 if outcome else 0, "asked_count": 5,
        "solved_count": 3, "unsolved_count": 1, "reopened_count": int(state is State.REOPENED), "appealing": False,
    }  # fmt: skip
