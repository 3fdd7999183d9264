"""Milestones: dated steps on the way of a proposal, past and planned, entered by its author or by the town."""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from codesign.core.contributions import touch
from codesign.core.users import STAFF, User
from codesign.db import fetch
from codesign.kit import Invalid, NotFound, gettext, render
from codesign_proposals.proposals import Milestone, Proposal

MOST = 50
"""Of one proposal: they are all shown on its page."""


def get_milestone(db: Session, proposal: Proposal, id: int) -> Milestone:
    """Raises NotFound, also for one of another proposal."""
    milestone = fetch(db, Milestone, id)
    if milestone.proposal_id != proposal.id:
        raise NotFound(f"milestone {id} is of another proposal")
    return milestone


def milestones(db: Session, proposal: Proposal) -> list[Milestone]:
    """By day."""
    query = select(Milestone).where(Milestone.proposal_id == proposal.id)
    return list(db.scalars(query.order_by(Milestone.on, Milestone.id).limit(MOST)))


def may_change(actor: User | None, milestone: Milestone) -> bool:
    """Who entered it, and the staff of the town."""
    return actor is not None and (actor.id == milestone.author_id or actor.role in STAFF)


def add_milestone(
    db: Session, proposal: Proposal, person: User, title: str, day: date, text: str, now: datetime
) -> Milestone:
    """Enter a step; the proposal is held. Raises Invalid when there are too many."""
    count = db.scalars(select(func.count()).where(Milestone.proposal_id == proposal.id)).one()
    if count >= MOST:
        sentence = gettext("A proposal has at most %(most)s milestones. Remove one that matters less.")
        raise Invalid(sentence % {"most": MOST})
    milestone = Milestone(proposal_id=proposal.id, author_id=person.id, created_at=now)
    db.add(milestone)
    change_milestone(db, proposal, milestone, title, day, text)
    return milestone


def change_milestone(db: Session, proposal: Proposal, milestone: Milestone, title: str, day: date, text: str) -> None:
    milestone.title, milestone.on, milestone.text, milestone.html = title, day, text, render(text)
    touch(proposal)
    db.flush()


def remove_milestone(db: Session, proposal: Proposal, milestone: Milestone) -> None:
    db.delete(milestone)
    touch(proposal)
    db.flush()
