"""What belongs to a proposal in other tables, asked for with one statement; and who can carry a support over."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    BindParameter,
    ColumnElement,
    Date,
    Integer,
    Row,
    Select,
    Text,
    bindparam,
    cast,
    exists,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from codesign.core.contributions import Contribution
from codesign.core.tags import ContributionTag, Tag
from codesign.core.users import User
from codesign.core.votes import ContributionVote
from codesign.db import SafeHtml, UTCDateTime
from codesign.kit import Personal
from codesign_proposals.proposals import Merge, Milestone, Proposal, Update

COLUMNS: dict[str, Any] = {
    "id": BigInteger(), "at": UTCDateTime(), "until": UTCDateTime(), "day": Date(), "title": Text(), "html": SafeHtml(),
    "number": Text(), "language": Text(), "supports": BigInteger(), "place": Integer(), "other_id": BigInteger(),
    "person_id": BigInteger(), "person": Text(), "agreed": Integer(), "over": Integer(), "hidden": Integer(),
}  # fmt: skip
MOST_JOINED, MOST_TAGS = 100, 20
FACTS: Any = Proposal.__table__.c
"""Of proposals alone, without what all contributions have."""


def rows(db: Session, proposal: Proposal, actor: User | None, updates: int) -> Sequence[Row[Any]]:
    """What belongs to it, each with its `sort`: `tag`, `update` (so many, the newest first), `milestone`, `into` (what
    it has joined, and that one ...), `joined` to it, `asked` (it would join another), `invited` (another would join
    it), and `carry` when the actor supports it, but not the last one of those it has joined."""
    values = {"of": proposal.id, "updates": updates, "user": actor.id if actor is not None else 0}
    return db.execute(_statement(), values).all()


@cache
def _statement() -> Any:
    """One statement for all: the page of a proposal asks enough of its database."""
    of: BindParameter[int] = bindparam("of", type_=BigInteger)
    line = _line(of)
    carry = _part("carry", id=of).where(_left_behind(of, line).exists())
    parts = (_tags(of), _updates(of), _milestones(of), _into(line), _joined(of), _asked(of), _invited(of), carry)
    return union_all(*(select(part.subquery()) for part in parts))


def _part(sort: str, **told: Any) -> Select[Any]:
    """Columns in the order of COLUMNS; what is not told is NULL."""
    columns: list[ColumnElement[Any]] = [
        (told[name] if name in told else cast(null(), type_)).label(name) for name, type_ in COLUMNS.items()
    ]
    return select(literal(sort).label("sort"), *columns)


def _tags(of: Any) -> Select[Any]:
    found = _part("tag", id=Tag.id, title=Tag.name)
    return found.join(ContributionTag).where(ContributionTag.contribution_id == of).limit(MOST_TAGS)


def _updates(of: Any) -> Select[Any]:
    found = _part("update", id=Update.id, at=Update.created_at, title=Update.title, html=Update.html)
    found = found.where(Update.proposal_id == of).order_by(Update.created_at.desc(), Update.id.desc())
    return found.limit(bindparam("updates", type_=Integer))


def _milestones(of: Any) -> Select[Any]:
    found = _part(
        "milestone", id=Milestone.id, day=Milestone.on, title=Milestone.title, html=Milestone.html,
        person_id=Milestone.author_id, person=User.name,
    )  # fmt: skip
    return found.join(User, User.id == Milestone.author_id).where(Milestone.proposal_id == of)


def _line(id: Any) -> CTE:
    """A proposal, what it has joined, what that one has joined ...: each with its place in this line."""
    line = select(cast(id, BigInteger).label("id"), literal(0, Integer).label("place")).cte("line", recursive=True)
    further = select(FACTS.merged_into_id, line.c.place + 1).where(FACTS.id == line.c.id)
    return line.union_all(further.where(FACTS.merged_into_id.is_not(None)))


def _into(line: CTE) -> Select[Any]:
    there = aliased(Contribution)
    over = FACTS.withdrawn_at.is_not(None) | FACTS.merged_at.is_not(None)
    found = _part(
        "into", id=there.id, at=FACTS.merged_at, until=FACTS.archives_at, title=there.title, number=there.number,
        language=there.language, place=line.c.place, over=cast(over, Integer),
        hidden=cast(there.hidden_at.is_not(None), Integer),
    )  # fmt: skip
    found = found.select_from(line).join(there, there.id == line.c.id).join(Proposal.__table__, FACTS.id == line.c.id)
    return found.where(line.c.place > 0)


def _joined(of: Any) -> Select[Any]:
    """The latest first; what a moderator has hidden is left out."""
    there = Contribution
    found = _part(
        "joined", id=there.id, at=FACTS.merged_at, title=there.title, number=there.number, language=there.language,
        supports=Merge.support_count, other_id=there.id,
    )  # fmt: skip
    found = found.select_from(Proposal.__table__).join(there, there.id == FACTS.id)
    found = found.outerjoin(Merge, (Merge.from_id == FACTS.id) & (Merge.into_id == of))
    found = found.where(FACTS.merged_into_id == of, there.hidden_at.is_(None))
    return found.order_by(FACTS.merged_at.desc(), there.id.desc()).limit(MOST_JOINED)


def _asked(of: Any) -> Select[Any]:
    return _waiting("asked", Merge.from_id == of, Merge.into_id, Merge.from_consent_at)


def _invited(of: Any) -> Select[Any]:
    return _waiting("invited", Merge.into_id == of, Merge.from_id, Merge.into_consent_at)


def _waiting(sort: str, own: Any, other: Any, consent: Any) -> Select[Any]:
    """Requests that wait for an answer, while the other proposal could still be joined."""
    there = aliased(Contribution)
    found = _part(
        sort, id=Merge.id, at=Merge.asked_at, title=there.title, number=there.number, language=there.language,
        other_id=there.id, person_id=User.id, person=User.name, agreed=cast(consent.is_not(None), Integer),
    )  # fmt: skip
    found = found.select_from(Merge).join(there, there.id == other).join(User, User.id == Merge.asked_by_id)
    found = found.join(Proposal.__table__, FACTS.id == other)
    open_ones = own & Merge.declined_at.is_(None) & Merge.support_count.is_(None)
    return found.where(open_ones, there.hidden_at.is_(None), FACTS.merged_at.is_(None), FACTS.withdrawn_at.is_(None))


def _left_behind(of: Any, line: CTE) -> Select[Any]:
    """The support of `:user` for a proposal that has joined others, unless they support the last of those, too."""
    user: BindParameter[int] = bindparam("user", type_=BigInteger)
    last = select(line.c.id).order_by(line.c.place.desc()).limit(1).scalar_subquery()
    here, there = aliased(ContributionVote), aliased(ContributionVote)
    carried = exists().where(there.user_id == user, there.contribution_id == last)
    return select(here.value).where(here.user_id == user, here.contribution_id == of, ~carried)


@cache
def _carrying() -> Any:
    """As `Personal.query` wants it."""
    of: BindParameter[int] = bindparam("id", type_=BigInteger)
    return _left_behind(of, _line(of))


def personal() -> dict[str, Personal]:
    """What differs from person to person: requests are for its author, carrying over for those who support it."""
    return {
        "proposals/_requests.html": Personal(lambda values: ("author", values["thing"].author_id), same_for_all=False),
        "proposals/_carry.html": Personal(
            lambda values: ("carry", values["thing"].id),
            lambda values, fact: {**values, "carry": 1},
            query=_carrying(),
        ),
    }
