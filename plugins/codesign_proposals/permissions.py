"""Who may do what with a proposal. What the moment forbids is said by `objections`, with a sentence."""

from collections.abc import Mapping
from datetime import datetime

from codesign.core.users import User
from codesign.kit import Predicate, administrators, anybody_signed_in, officials, staff
from codesign_proposals.proposals import UNDER_WAY, Proposal, State


def _author(actor: User | None, proposal: Proposal, now: datetime) -> bool:
    mine = actor is not None and actor.id == proposal.author_id
    return mine and anybody_signed_in(actor, proposal, now) and not proposal.hidden


def _author_under_way(actor: User | None, proposal: Proposal, now: datetime) -> bool:
    return _author(actor, proposal, now) and proposal.state_at(now) in UNDER_WAY


def _may_update(actor: User | None, proposal: Proposal, now: datetime) -> bool:
    """Also when its term is over: those who supported it hear what came of it."""
    return _author(actor, proposal, now) and proposal.state_at(now) in {*UNDER_WAY, State.ARCHIVED}


def _may_add_milestones(actor: User | None, proposal: Proposal, now: datetime) -> bool:
    involved = _author(actor, proposal, now) or staff(actor, proposal, now)
    return involved and anybody_signed_in(actor, proposal, now) and not proposal.hidden


def _may_merge(actor: User | None, proposal: Proposal, now: datetime) -> bool:
    involved = _author(actor, proposal, now) or staff(actor, proposal, now)
    usable = not proposal.hidden and proposal.state_at(now) in UNDER_WAY
    return involved and anybody_signed_in(actor, proposal, now) and usable


def _may_sign_paper(actor: User | None, proposal: Proposal, now: datetime) -> bool:
    return officials(actor, proposal, now) and anybody_signed_in(actor, proposal, now) and not proposal.hidden


PERMISSIONS: Mapping[str, Predicate] = {
    "proposals.write": anybody_signed_in,
    "proposals.edit": _author_under_way,
    "proposals.withdraw": _author_under_way,
    "proposals.update": _may_update,
    "proposals.milestone": _may_add_milestones,
    "proposals.merge": _may_merge,
    "proposals.consent": _author,
    "proposals.sign_paper": _may_sign_paper,
    "proposals.thresholds": administrators,
}
