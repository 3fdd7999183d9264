"""The versions of a proposal's text: which there were, and the words of two that follow each other."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign_proposals.proposals import Proposal, Revision

SHOWN = 100


@dataclass(frozen=True)
class Version:
    number: int
    shown_from: datetime
    support_count: int | None
    """How many had supported it when it was replaced; None for the one that is shown now."""


def revisions_of(db: Session, proposal: Proposal) -> list[Version]:
    """The newest first, without their texts."""
    query = select(Revision.number, Revision.shown_from, Revision.support_count)
    query = query.where(Revision.proposal_id == proposal.id).order_by(Revision.number.desc()).limit(SHOWN)
    earlier = [Version(*row) for row in db.execute(query)]
    return [Version(proposal.revision, proposal.edited_at or proposal.created_at, None), *earlier]


def compared(db: Session, proposal: Proposal, number: int) -> tuple[tuple[str, str], tuple[str, str]]:
    """Title and text of the version before, and of this one. The first is compared with itself."""
    wanted = {max(number - 1, 1), number}
    query = select(Revision.number, Revision.title, Revision.text)
    rows = db.execute(query.where(Revision.proposal_id == proposal.id, Revision.number.in_(wanted)))
    found = {row.number: (row.title, row.text) for row in rows}
    found[proposal.revision] = (proposal.title, proposal.text)
    return found[max(number - 1, 1)], found[number]
