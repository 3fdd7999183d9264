"""Who took part in a contribution, and who at the town is in charge of it: queries for user ids."""

from typing import Any

from sqlalchemy import Select, exists, func, or_, select, union
from sqlalchemy.orm import Session

from codesign.core.authorities import Member, members
from codesign.core.comments import Comment, Standing
from codesign.core.contributions import Contribution
from codesign.core.users import MODERATING, OFFICIALS, Role, User
from codesign.core.votes import ContributionVote
from codesign.kit import Answerable, Invalid, gettext
from codesign_feedback.loops import Loop
from codesign_feedback.voices import Receipt


def author(thing: Contribution) -> Select[Any]:
    return author_of(thing.id)


def author_of(id: Any) -> Select[Any]:
    return select(Contribution.author_id).where(Contribution.id == id)


def took_part(thing: Contribution) -> list[Select[Any]]:
    """Beside its author: who commented or voted, either way, and whoever else the kind knows of."""
    return took_part_in(thing.ANSWERABLE or Answerable(""), thing.id)


def took_part_in(answerable: Answerable, id: Any) -> list[Select[Any]]:
    """The same for the contribution with this id, which may be a parameter of the query."""
    commented = select(Comment.author_id).where(Comment.contribution_id == id, Comment.standing == Standing.VISIBLE)
    voted = select(ContributionVote.user_id).where(ContributionVote.contribution_id == id)
    return [commented, voted, *answerable.took_part(id)]


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


def asked(thing: Contribution) -> list[Select[Any]]:
    """Its author and who took part, but for those who speak for the town."""
    town = select(User.id).where(User.role.in_(OFFICIALS))
    return [query.where(query.selected_columns[0].not_in(town)) for query in (author(thing), *took_part(thing))]


def require_voice(db: Session, thing: Contribution, user: User) -> None:
    """Raises Invalid for somebody who does not say whether it is done: the town itself, and who did not take part."""
    if user.role in OFFICIALS:
        raise Invalid(gettext("You work for the town. Whether it is done is said by the others who took part."))
    require_participant(db, thing, user)


def count_people(db: Session, thing: Contribution) -> int:
    """How many people with an account can say whether it is done."""
    people = union(*asked(thing)).subquery()
    reachable = User.erased_at.is_(None) & User.confirmed_at.is_not(None)
    counted = select(func.count()).select_from(people).join(User, User.id == people.c[0]).where(reachable)
    return db.scalars(counted).one()


def count_asked(db: Session, thing: Contribution) -> int:
    """The same, and how many receipts there are of people without an account."""
    helped = select(func.count()).where(Receipt.contribution_id == thing.id, Receipt.user_id.is_(None))
    return count_people(db, thing) + db.scalars(helped).one()


def administrators() -> Select[Any]:
    return select(User.id).where(User.role == Role.ADMINISTRATOR)


def moderators() -> Select[Any]:
    return select(User.id).where(User.role.in_(MODERATING))


def in_charge(owner: User | None, authority_id: int | None) -> list[Select[Any]]:
    """The owner; without one everybody at the authority; and if nobody works there the administrators."""
    if owner is not None and owner.erased_at is None and owner.role in OFFICIALS:
        return [select(User.id).where(User.id == owner.id)]
    if authority_id is None:
        return [administrators()]
    nobody = ~exists().where(Member.authority_id == authority_id)
    return [members(authority_id), administrators().where(nobody)]


def superior(loop: Loop) -> Select[Any]:
    """Who heads the authority; without one the administrators."""
    head = loop.authority.head if loop.authority is not None else None
    if head is None or head.erased_at is not None:
        return administrators()
    return select(User.id).where(User.id == head.id)


def helpers(thing: Contribution) -> Select[Any]:
    return select(Receipt.helper_id).where(Receipt.contribution_id == thing.id)
