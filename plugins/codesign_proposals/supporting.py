"""Supports: counted by the core as votes, measured here against what a proposal needs."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from codesign.core.contributions import Contribution
from codesign.core.residents import Level, Residence, level_of
from codesign.core.settings import settings_of
from codesign.core.users import User
from codesign.core.votes import my_vote
from codesign.kit import Forbidden, Objection, Occurrence, gettext, insert, show_date
from codesign_proposals.proposals import PERMILLE, Proposal, Signature, State
from codesign_proposals.settings import ProposalSettings

SUPPORTING = {"contributions.vote", "proposals.sign_paper"}
PROPOSALS = cast(Table, Proposal.__table__)
CONTRIBUTIONS = cast(Table, Contribution.__table__)


def voted(db: Session, proposal: Proposal, actor: User, value: int, now: datetime) -> list[Occurrence]:
    """After somebody supported (1) or took it back (0). Raises Forbidden when they have signed on paper already."""
    digest = db.scalar(select(Residence.document_digest).where(Residence.user_id == actor.id))
    if digest is not None:
        (_note if value else _forget)(db, proposal, digest)
    return recount(db, proposal, now)


def _note(db: Session, proposal: Proposal, digest: str) -> None:
    """Note the document of a verified resident, so that it counts once, here and on paper."""
    new = insert(db, Signature).values(proposal_id=proposal.id, digest=digest, sheet_id=None)
    if db.scalar(new.on_conflict_do_nothing().returning(Signature.proposal_id)) is not None:
        return
    if db.scalar(_of(select(Signature.sheet_id), proposal, digest)) is not None:
        raise Forbidden(gettext("You have signed this proposal on paper already. One person counts once."))
    raise Forbidden(gettext("Your document was counted for this proposal already. One person counts once."))


def _forget(db: Session, proposal: Proposal, digest: str) -> None:
    db.execute(_of(delete(Signature), proposal, digest).where(Signature.sheet_id.is_(None)))


def _of(statement: Any, proposal: Proposal, digest: str) -> Any:
    return statement.where(Signature.proposal_id == proposal.id, Signature.digest == digest)


def recount(db: Session, proposal: Proposal, now: datetime) -> list[Occurrence]:
    """Call it in the transaction that changed `agree_count`, after it: whoever holds that row comes alone.

    Keeps `progress`, and says once that the threshold is reached; supports taken back later do not change that.
    """
    counted = select(CONTRIBUTIONS.c.agree_count).where(CONTRIBUTIONS.c.id == proposal.id).scalar_subquery()
    measured = counted * PERMILLE // PROPOSALS.c.threshold
    this = update(PROPOSALS).where(PROPOSALS.c.id == proposal.id)
    progress = db.execute(this.values(progress=measured).returning(PROPOSALS.c.progress)).scalar_one()
    set_committed_value(proposal, "progress", progress)
    if progress < PERMILLE or not proposal.takes_support_at(now):
        return []
    first = this.where(PROPOSALS.c.reached_at.is_(None)).values(reached_at=now).returning(PROPOSALS.c.id)
    if db.scalar(first) is None:
        return []
    set_committed_value(proposal, "reached_at", now)
    told = {"supporters": proposal.agree_count, "threshold": proposal.threshold}
    return [Occurrence("proposals.reached", proposal, told)]


def objections(db: Session, actor: User | None, action: str, subject: Any, now: datetime) -> list[Objection]:
    """Why a proposal takes no support just now, or not from this person."""
    if action not in SUPPORTING or not isinstance(subject, Proposal):
        return []
    sentence = why_not(subject, now)
    if not sentence and action == "contributions.vote" and actor is not None:
        sentence = _why_not_you(db, actor, subject)
    return [Objection(sentence)] if sentence else []


def why_not(proposal: Proposal, now: datetime) -> str:
    """Why it takes no support at this moment, or ""."""
    state = proposal.state_at(now)
    if state is State.MERGED:
        return gettext("This proposal was joined to another one. You can support that one.")
    if state is State.WITHDRAWN:
        return gettext("Its author has withdrawn this proposal. It takes no more support.")
    if not proposal.takes_support_at(now) and proposal.archives_at is not None:
        sentence = gettext("The time for supporting this proposal ended on %(date)s. You can still read it.")
        return sentence % {"date": show_date(proposal.archives_at)}
    return ""


def _why_not_you(db: Session, actor: User, proposal: Proposal) -> str:
    if settings_of(db, "proposals", ProposalSettings).supported_by != "verified":
        return ""
    if level_of(db, actor) is Level.VERIFIED or my_vote(db, actor, proposal):
        return ""  # what was counted before the town decided so can be taken back
    return gettext(
        "In this town, verified residents support proposals. Show your document at the town hall, and your account will be verified."
    )
