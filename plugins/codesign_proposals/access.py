"""The ways to a proposal: for the pages that show something of it, and for those who change it."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request

from codesign.core.contributions import Contribution, get_of_kind
from codesign.db import BIGGEST_ID
from codesign.kit import NotFound, require
from codesign_proposals.proposals import Proposal

SAFE = {"GET", "HEAD"}


def hold(db: Session, *ids: int) -> list[Proposal]:
    """These proposals as they are now; nobody else changes them before the end of this transaction.

    Raises NotFound, also for numbers no database can hold.
    """
    known = sorted({id for id in ids if 0 < id <= BIGGEST_ID})
    # A vote locks this row first, and then those of the plugin: in the same order nobody waits in a circle.
    lock = select(Contribution.id).where(Contribution.id.in_(known)).order_by(Contribution.id)
    db.scalars(lock.with_for_update(key_share=True)).all()
    found = [db.get(Proposal, id, populate_existing=True) if id in known else None for id in ids]
    if None in found:
        raise NotFound(f"no proposals {ids}")
    return [proposal for proposal in found if proposal is not None]


def addressed(request: Request, db: Session, action: str = "", *others: int) -> Proposal:
    """The proposal of the URL, held together with others when it is about to change. Raises NotFound, or Forbidden."""
    id = request.path_params["id"]
    proposal = get_of_kind(db, Proposal, id) if request.method in SAFE else hold(db, id, *others)[0]
    if proposal.hidden:
        raise NotFound("hidden")
    if action:
        require(request, action, proposal)
    return proposal
