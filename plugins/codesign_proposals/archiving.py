"""The end of a term: the clock archives a proposal, and those concerned are told once."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign.core.contributions import touch
from codesign.kit import Occurrence, Tick
from codesign_proposals.access import hold
from codesign_proposals.proposals import UNTOLD, Proposal, State

AT_ONCE = 50
"""So many in one transaction: in a SQLite store nobody else writes meanwhile."""


def tick(tick: Tick) -> None:
    """Record of each proposal whose term is over without enough support that it is archived."""
    while True:
        with tick.read() as db:
            ids = _ended(db, tick.now)
        if not ids:
            return
        with tick.write() as db:
            for id in ids:
                _archive(db, tick, id)


def _ended(db: Session, now: datetime) -> list[int]:
    """Read without a turn at writing: most of the time there is nothing to do."""
    ended = select(Proposal.__table__.c.id).where(UNTOLD, Proposal.__table__.c.archives_at <= now)
    return list(db.scalars(ended.order_by(Proposal.__table__.c.archives_at).limit(AT_ONCE)))


def _archive(db: Session, tick: Tick, id: int) -> None:
    [proposal] = hold(db, id)
    if proposal.archived_told_at is not None or proposal.state_at(tick.now) is not State.ARCHIVED:
        return  # another process was quicker, or something happened to it at the last moment
    proposal.archived_told_at = tick.now
    touch(proposal)
    db.flush()
    if not proposal.hidden:
        told = {"supporters": proposal.agree_count, "threshold": proposal.threshold}
        tick.record(db, Occurrence("proposals.archived", proposal, told))
