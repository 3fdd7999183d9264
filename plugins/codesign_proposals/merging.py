"""Joining two proposals: only when the authors of both want it. Nobody's support is moved for them."""

from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from codesign.core.contributions import touch
from codesign.core.users import User
from codesign.core.votes import ContributionVote
from codesign.db import BIGGEST_ID
from codesign.kit import AnySelect, Invalid, NotFound, gettext, insert
from codesign_proposals.proposals import Merge, Proposal, State

MOST_ASKED = 3
"""Requests of one proposal that wait for an answer at the same time."""


def get_merge(db: Session, id: int, proposal_id: int) -> Merge:
    """A request that waits for an answer, as it is now. Raises NotFound, or Invalid when it has been answered."""
    merge = db.get(Merge, id, populate_existing=True) if 0 < id <= BIGGEST_ID else None
    if merge is None or proposal_id not in (merge.from_id, merge.into_id):
        raise NotFound(f"no request {id} of {proposal_id}")
    if merge.declined_at is not None or merge.support_count is not None:
        raise Invalid(gettext("This request has been answered already."))
    return merge


def why_not(source: Proposal, target: Proposal, now: datetime) -> str:
    """Why one proposal cannot join another one, as a sentence; "" when it can."""
    if source.id == target.id:
        return gettext("A proposal cannot join itself. Name another one.")
    if source.hidden or target.hidden:
        return gettext("A moderator has hidden one of the two proposals.")
    if not source.takes_support_at(now):
        return gettext("This proposal no longer gathers support, so it cannot join another one.")
    if target.state_at(now) is State.MERGED:
        return gettext("“%(title)s” has joined another proposal itself.") % {"title": target.title}
    if not target.takes_support_at(now):
        return gettext("“%(title)s” no longer gathers support, so no proposal can join it.") % {"title": target.title}
    for proposal in (source, target):
        if not _has_account(proposal.author):
            sentence = gettext("The author of “%(title)s” has no account here. Nobody else can agree for them.")
            return sentence % {"title": proposal.title}
    return ""


def _has_account(author: User | None) -> bool:
    return author is not None and author.email is not None and author.erased_at is None


def ask_to_join(db: Session, source: Proposal, target: Proposal, person: User, now: datetime) -> Merge:
    """Ask that `source` joins `target`; both are held. Who asks has agreed for what they wrote themselves.

    Raises Invalid when it is not possible, or has been asked before.
    """
    if sentence := why_not(source, target, now):
        raise Invalid(sentence, "number")
    waiting = select(func.count()).where(
        Merge.from_id == source.id, Merge.declined_at.is_(None), Merge.support_count.is_(None)
    )
    if db.scalars(waiting).one() >= MOST_ASKED:
        sentence = gettext("%(count)s requests wait for an answer already. Wait for it, or take one back.")
        raise Invalid(sentence % {"count": MOST_ASKED}, "number")
    pair = {"from_id": source.id, "into_id": target.id}
    new = insert(db, Merge).values(**pair, asked_by_id=person.id, asked_at=now)
    id = db.scalar(new.on_conflict_do_nothing().returning(Merge.id))
    if id is None:
        declined = db.scalar(select(Merge.declined_at).filter_by(**pair)) is not None
        again = gettext("It was asked before that these two are joined, and an author declined.")
        raise Invalid(again if declined else gettext("This has been asked already."), "number")
    merge = db.get_one(Merge, id)
    _consent(merge, source, target, person, now)
    _join_if_agreed(db, merge, source, target, now)
    for proposal in (source, target):
        touch(proposal)
    db.flush()
    return merge


def agree(db: Session, merge: Merge, source: Proposal, target: Proposal, person: User, now: datetime) -> bool:
    """An author agrees for their own side; both proposals are held. Returns whether they are joined now.

    Raises Invalid when something has happened to one of them that makes it impossible.
    """
    if sentence := why_not(source, target, now):
        raise Invalid(sentence)
    _consent(merge, source, target, person, now)
    joined = _join_if_agreed(db, merge, source, target, now)
    for proposal in (source, target):
        touch(proposal)
    db.flush()
    return joined


def _consent(merge: Merge, source: Proposal, target: Proposal, person: User, now: datetime) -> None:
    if source.author_id == person.id:
        merge.from_consent_at = merge.from_consent_at or now
    if target.author_id == person.id:
        merge.into_consent_at = merge.into_consent_at or now


def _join_if_agreed(db: Session, merge: Merge, source: Proposal, target: Proposal, now: datetime) -> bool:
    if merge.from_consent_at is None or merge.into_consent_at is None:
        return False
    source.merged_into_id, source.merged_at = target.id, now
    merge.support_count = source.agree_count
    return True


def decline(db: Session, merge: Merge, source: Proposal, target: Proposal, now: datetime) -> None:
    """An author does not want it. This pair is not asked for again."""
    merge.declined_at = now
    for proposal in (source, target):
        touch(proposal)
    db.flush()


def take_back(db: Session, merge: Merge, source: Proposal, target: Proposal) -> None:
    """Who asked no longer wants it."""
    db.delete(merge)
    for proposal in (source, target):
        touch(proposal)
    db.flush()


def left_behind(source_id: int, target_id: int) -> AnySelect:
    """A query for those who support a proposal, but not the one that it has joined."""
    there = aliased(ContributionVote)
    carried = exists().where(there.user_id == ContributionVote.user_id, there.contribution_id == target_id)
    supporters = select(ContributionVote.user_id).where(ContributionVote.contribution_id == source_id)
    return supporters.where(~carried)
