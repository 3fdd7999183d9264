"""Fills a town with what a plan holds: people, topics, debates, comments, votes and follows, in batches."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from benchmarks import words
from benchmarks.plan import YEARS, Plan, branches, drafts
from benchmarks.rows import BATCH, Writing
from codesign.core.contributions import Contribution
from codesign.core.life import create_situation
from codesign.core.topics import ensure_topic
from codesign.core.users import Role, User
from codesign.stores import Store

Progress = Callable[[str, int, int], None]


@dataclass
class Filled:
    """Where the debates that cases are about stand, and whose ids the people have."""

    first_user: int
    users: int
    marks: dict[str, int] = field(default_factory=dict)
    """Ids by mark: `hundred`, `deep`, `quiet`."""
    rows: int = 0


def fill(store: Store, plan: Plan, progress: Progress = lambda noun, done, total: None) -> Filled:
    """Add a generated town to what the store holds. The debates plugin must be on."""
    with store.write() as db:
        writing = Writing(db, plan.users)
        topics = [ensure_topic(db, title) for title in words.TOPICS]
        if not db.scalar(select(func.count()).select_from(Contribution)):
            for title, summary, icon in words.SITUATIONS:
                create_situation(db, title, summary, icon=icon)
    town = Filled(writing.first_user, plan.users)
    for number in range(plan.users):
        writing.add(User, _person(plan, writing.take(User), number))
        writing.flush(store)
        if number % BATCH == 0:
            progress("people", number, plan.users)
    _debates(store, plan, writing, town, topics, progress)
    town.rows = writing.rows
    return town


def _debates(store: Store, plan: Plan, writing: Writing, town: Filled, topics: list[int], progress: Progress) -> None:
    used: Counter[int] = Counter()
    for place, draft in enumerate(drafts(plan)):
        topic = topics[draft.topic]
        used[topic] += 1
        id = writing.debate(draft, topic)
        if draft.mark:
            town.marks[draft.mark] = id
        for branch in branches(plan, draft, place):
            writing.branch(branch, id)
            writing.flush(store)
        if place % 100 == 0:
            progress("debates", place, plan.debates)
    writing.close(store, used)


def _person(plan: Plan, id: int, number: int) -> dict[str, Any]:
    moment = plan.now - timedelta(days=365 * YEARS + 1)
    address = f"resident{id}@bench.example"
    return {"id": id, "email": address, "name": words.name(number), "role": Role.RESIDENT, "created_at": moment,
            "confirmed_at": moment}  # fmt: skip
