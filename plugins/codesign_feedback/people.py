"""Who took part in a contribution, and who at the town is in charge of it: queries for user ids."""

from typing import Any

from sqlalchemy import Select, exists, func, or_, select, union
from sqlalchemy.orm import Session

from codesign.core.authorities import Authority, members
from codesign.core.comments import Comment, Standing
from codesign.core.contributions import Contribution
from codesign.core.users import Role, User
from codesign.core.votes import ContributionVote
from codesign.kit import Invalid, gettext
from codesign_feedback.loops import Loop
from codesign_feedback.voices import Receipt


def author(thing: Contribution) -> Select[Any]:
    return select(Contribution.author_id).where(Contribution.id == thing.id)


def took_part(thing: Contribution) -> list[Select[Any]]:
    """Beside its author: who commented or voted, either way, and whoever else the kind knows of."""
    commented = select(Comment.author_id).where(
        Comment.contribution_id == thing.id, Comment.standing == Standing.VISIBLE
    )
    voted = select(ContributionVote.user_id).where(ContributionVote.contribution_id == thing.id)
    return [commented, voted, *(thing.ANSWERABLE.took_part(thing.id) if thing.ANSWERABLE else ())]


def is_participant(db: Session, thing: Contribution, user: User | None) -> bool:
    if user is None:
        return False
    if user.id == thing.author_id:
        return True
    theirs = [exists(query.where(query.selected_columns[0] == user.id)) for query in took_part(thing)]
    return bool(db.scalar(select(or_(*theirs))))


def require_participant(db: Session, thing: Contribution, user: User | None) -> None:
    """Raises Invalid for somebody who neither wrote it nor commented or voted on it."""
    if not is_participant(db, thing, user):
        raise Invalid(gettext("Only those who wrote it, commented or voted on it decide about this."))


def count_asked(db: Session, thing: Contribution) -> int:
    """How many people took part and can reply, and how many receipts there are of people without an account."""
    people = union(author(thing), *took_part(thing)).subquery()
    reachable = User.erased_at.is_(None) & User.confirmed_at.is_not(None)
    counted = select(func.count()).select_from(people).join(User, User.id == people.c[0]).where(reachable)
    helped = select(func.count()).where(Receipt.contribution_id == thing.id, Receipt.user_id.is_(None))
    return db.scalars(counted).one() + db.scalars(helped).one()


def administrators() -> Select[Any]:
    return select(User.id).where(User.role == Role.ADMINISTRATOR)


def in_charge(loop: Loop) -> Select[Any]:
    """Its owner; without one everybody at the authority; without that the administrators."""
    if loop.owner_id is not None:
        return select(User.id).where(User.id == loop.owner_id)
    return members(loop.authority_id) if loop.authority_id is not None else administrators()


def superior(loop: Loop) -> Select[Any]:
    """Who heads the authority; without one the administrators."""
    has_head = loop.authority is not None and loop.authority.head_id is not None
    return select(Authority.head_id).where(Authority.id == loop.authority_id) if has_head else administrators()


def helpers(thing: Contribution) -> Select[Any]:
    return select(Receipt.helper_id).where(Receipt.contribution_id == thing.id)
