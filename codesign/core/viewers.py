"""Viewers: what a kept page must know of the person who reads it, in two small queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, bindparam, func, literal_column, select, union_all
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution
from codesign.core.follows import Follow
from codesign.core.inbox import unread
from codesign.core.sessions import SignIn, digest
from codesign.core.users import Role, User
from codesign.core.votes import CommentVote, ContributionVote
from codesign.direct import Direct, adopt, known_row, moment, rows
from codesign.editions import Edition, Editions, Scope
from codesign.stores import Store

Fact: TypeAlias = tuple[Any, ...]
"""`("vote", 12)`, `("comment vote", 7)`, `("follow", "topic", 3)`, `("author", 5)` or `("account",)`."""


SCOPES = {str(scope): str(scope) for scope in Scope}


@dataclass(frozen=True)
class Viewer:
    user: User
    editions: Editions
    version: int | None
    """Of the contribution asked for."""
    unread: int = 0
    """Notices, MOST_COUNTED at most."""


@dataclass(frozen=True)
class Questions:
    """What the open parts of a page ask about its reader."""

    vote: int = 0
    follow: tuple[str, int] = ("", 0)
    comments: tuple[int, int] = (0, 0)
    """The first and the last id of the comments shown."""
    more: tuple[tuple[Fact, Any], ...] = ()
    """Facts of plugins, with the statements that ask for them."""


def version_of(store: Store, id: int) -> int | None:
    """The version of a contribution, None when there is none."""
    with store.direct() as direct:
        rows = direct.rows(_version(), id=id)
    return rows[0][0] if rows else None


def editions_of(store: Store) -> Editions:
    with store.direct() as direct:
        sums = dict(direct.rows(_editions()))
    return Editions(*(int(sums.get(str(scope), 0)) for scope in (Scope.TOWN, Scope.CONTRIBUTIONS)))


def viewer_of(direct: Direct, token: str, contribution_id: int, now: datetime) -> Viewer | None:
    """Who is signed in with this token, with the present editions and the version of a contribution. None: nobody."""
    rows = direct.rows(_viewer(), token=digest(token), now=now, id=contribution_id, **SCOPES)
    if not rows:
        return None
    id, name, role, locale, confirmed, unread, town, contributions, version = rows[0]
    person = _person(id, name, role, locale, bool(confirmed))
    return Viewer(person, Editions(int(town or 0), int(contributions or 0)), version, unread)


def visitor_of(db: Session, token: str, now: datetime) -> tuple[User | None, int, int]:
    """Who is signed in with this token, if anybody, the edition of the town, and the number of unread notices."""
    found = rows(db, _visitor(), token=digest(token), now=now, town=Scope.TOWN.value) if token else []
    if not found:
        return None, int(rows(db, _town_edition(), town=Scope.TOWN.value)[0][0] or 0), 0
    id, name, role, locale, confirmed, unread, edition = found[0]
    user = known_row(db, User, id)
    if user is None:
        known = {"id": id, "name": name, "role": Role(role), "locale": locale, "confirmed_at": moment(confirmed)}
        user = adopt(db, User, known)
    return user, int(edition or 0), unread


@lru_cache(1000)
def _person(id: int, name: str, role: str, locale: str | None, confirmed: bool) -> User:
    """A person as pages show them; only to be read."""
    return User(id=id, name=name, role=Role(role), locale=locale, confirmed_at=datetime.min if confirmed else None)


def facts_of(direct: Direct, user: User, asked: Questions) -> Mapping[Fact, int]:
    """What holds for this person among what is asked: their votes, and what they follow."""
    subject, subject_id = asked.follow
    first, last = asked.comments
    values = {"user": user.id, "vote": asked.vote, "subject": subject, "subject_id": subject_id}
    found: dict[Fact, int] = {("account",): 1, ("author", user.id): 1}
    for sort, id, value in direct.rows(_facts(), first=first, last=last, **values):
        found[("follow", subject, id) if sort == "follow" else (sort, id)] = value
    for fact, statement in asked.more:
        if answers := direct.rows(statement, user=user.id, id=fact[1]):
            found[fact] = int(answers[0][0])
    return found


@cache
def _version() -> Any:
    return select(Contribution.version).where(Contribution.id == bindparam("id"))


@cache
def _editions() -> Any:
    return select(Edition.scope, func.sum(Edition.number)).group_by(Edition.scope)


def _edition(scope: Scope) -> Any:
    return select(func.sum(Edition.number)).where(Edition.scope == bindparam(str(scope)))


@cache
def _town_edition() -> Any:
    return _edition(Scope.TOWN)


@cache
def _visitor() -> Any:
    return _signed_in(_edition(Scope.TOWN).scalar_subquery())


@cache
def _viewer() -> Any:
    scopes = (Scope.TOWN, Scope.CONTRIBUTIONS)
    return _signed_in(*(_edition(scope).scalar_subquery() for scope in scopes), _version().scalar_subquery())


def _signed_in(*more: Any) -> Any:
    query = select(User.id, User.name, User.role, User.locale, User.confirmed_at, unread(User.id), *more)
    query = query.join(SignIn, SignIn.user_id == User.id).where(SignIn.token_hash == bindparam("token"))
    return query.where(SignIn.expires_at > bindparam("now"), User.erased_at.is_(None))


@cache
def _facts() -> Any:
    user: BindParameter[int] = bindparam("user")
    vote: Any = select(literal_column("'vote'"), ContributionVote.contribution_id, ContributionVote.value)
    vote = vote.where(ContributionVote.user_id == user, ContributionVote.contribution_id == bindparam("vote"))
    comment: Any = select(literal_column("'comment vote'"), CommentVote.comment_id, CommentVote.value)
    shown = CommentVote.comment_id.between(bindparam("first"), bindparam("last"))
    comment = comment.where(CommentVote.user_id == user, shown)
    follow: Any = select(literal_column("'follow'"), Follow.subject_id, literal_column("1")).where(
        Follow.user_id == user
    )
    follow = follow.where(Follow.subject == bindparam("subject"), Follow.subject_id == bindparam("subject_id"))
    return union_all(vote, comment, follow)
