"""The outcome of a closed poll: counted once, by the worker, and stored as one document."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution, touch
from codesign.kit import Occurrence, Tick
from codesign_polls.box import close_open_box, grouped
from codesign_polls.counting import count
from codesign_polls.counting.tally import Tally
from codesign_polls.definition import definition_of
from codesign_polls.eligibility import eligible_count
from codesign_polls.groups import Groups, by_age, by_area
from codesign_polls.polls import CodeSheet, Poll, Roll
from codesign_polls.published import publish

PERMILLE = 1000


class Outcome(BaseModel):
    """What `Poll.outcome` holds, and results.json repeats."""

    tallies: list[dict[str, Any] | None]
    """`codesign_polls.counting.Tally` for each question, None for texts."""
    voters: int
    eligible: int | None = None
    """Accounts that could vote when it was counted; None where the town cannot know: codes only, or an import."""
    codes: int = 0
    """One-time codes that were made."""
    codes_used: int = 0
    quorum: int | None = None
    """Voters that it took."""
    areas: Groups = Groups()
    ages: Groups = Groups()

    @property
    def quorum_reached(self) -> bool:
        return self.quorum is None or self.voters >= self.quorum

    def tally(self, question: int) -> Tally | None:
        document = self.tallies[question]
        return Tally.from_json(document) if document is not None else None


@dataclass(frozen=True)
class Counted:
    """An outcome with the number of voters whose ballots it holds."""

    outcome: Outcome
    voter_count: int
    version: int
    """Of the poll: a ballot of an open vote that is changed moves it, but not the number of voters."""


def outcome_of(poll: Poll) -> Outcome | None:
    """None while the poll is not counted."""
    return Outcome.model_validate(poll.outcome) if poll.outcome is not None else None


def count_closed(tick: Tick) -> None:
    """Count every poll whose vote is over: read without a lock, then stored if nothing was cast in between."""
    with tick.read() as db:
        due = select(Poll.id).where(Poll.closes_at <= tick.now, Poll.counted_at.is_(None)).order_by(Poll.id)
        ids = list(db.scalars(due.limit(20)))
    for id in ids:
        with tick.read() as db:
            counted = counted_again(db, db.get_one(Poll, id))
        with tick.write() as db:
            if store(db, id, counted, tick.now):
                poll = db.get_one(Poll, id)
                tick.record(db, Occurrence("polls.counted", poll, {"voters": poll.voter_count}))


def counted_again(db: Session, poll: Poll) -> Counted:
    """Count a poll as its box, or its open ballots, are at this moment."""
    outcome = Outcome(tallies=tallies_of(db, poll), voters=poll.voter_count)
    if not poll.imported_from:
        outcome.codes, outcome.codes_used = _codes(db, poll)
        outcome.eligible = eligible_count(db, poll) if poll.by_account else None
        outcome.quorum = _quorum(poll, (outcome.eligible or 0) + outcome.codes)
        outcome.areas, outcome.ages = by_area(db, poll), by_age(db, poll)
    return Counted(outcome, poll.voter_count, poll.version)


def tallies_of(db: Session, poll: Poll) -> list[dict[str, Any] | None]:
    questions = enumerate(definition_of(poll.definition).questions)
    return [
        count(question.rule, question.size, grouped(db, poll, place)).to_json() if question.rule else None
        for place, question in questions
    ]


def store(db: Session, id: int, counted: Counted, now: datetime) -> bool:
    """Close the box for good, with the outcome and the file of all ballots. False when somebody else was quicker, or
    a ballot that was begun before the close came in after it was read: then it is counted again at the next tick."""
    table = Poll.__table__
    # The row's lock first, then the version in a statement of its own: as whoever had the lock before left it.
    locked = select(table.c.secret).where(table.c.id == id).with_for_update()
    version = select(Contribution.version).where(Contribution.id == id)
    if not db.scalars(locked).one() and db.scalars(version).one() != counted.version:
        return False
    taken = update(table).where(  # type: ignore[arg-type]
        table.c.id == id, table.c.counted_at.is_(None), table.c.voter_count == counted.voter_count
    )
    document = counted.outcome.model_dump(mode="json")
    if db.scalar(taken.values(counted_at=now, outcome=document).returning(table.c.id)) is None:
        return False
    poll = db.get_one(Poll, id, populate_existing=True)
    if not poll.secret:
        close_open_box(db, poll)
    publish(db, poll)
    touch(poll)
    db.flush()
    return True


def _codes(db: Session, poll: Poll) -> tuple[int, int]:
    made = select(func.coalesce(func.sum(CodeSheet.count), 0)).where(CodeSheet.poll_id == poll.id)
    used = select(func.count()).select_from(Roll).where(Roll.poll_id == poll.id, Roll.user_id.is_(None))
    return int(db.scalars(made).one()), int(db.scalars(used).one())


def _quorum(poll: Poll, could_vote: int) -> int | None:
    """The voters that are needed: a number, or a share of the accounts and codes that could vote, rounded up."""
    if poll.quorum is not None or poll.quorum_share is None:
        return poll.quorum
    return -(-could_vote * poll.quorum_share // PERMILLE)
