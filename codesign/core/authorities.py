"""Authorities: the units of the municipality that answer, commit and deliver, with the people who work there."""

from typing import Any

from sqlalchemy import ForeignKey, Select, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from codesign.core.topics import Topic, slug_of
from codesign.core.users import OFFICIALS, User
from codesign.db import Base, Id, insert
from codesign.editions import SHOWN_NOWHERE
from codesign.i18n import gettext as _
from codesign.types import Invalid, NotFound


class Authority(Base):
    """A unit that residents hear from: "Parks department"."""

    __tablename__ = "authority"
    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    head_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    """Who is told when something of this unit is overdue; None: the administrators are."""
    position: Mapped[int] = mapped_column(default=0)
    follower_count: Mapped[int] = mapped_column(default=0)

    head: Mapped[User | None] = relationship(lazy="joined", innerjoin=False)

    @property
    def url(self) -> str:
        return f"/authorities/{self.slug}"


class Member(Base):
    """An official works for an authority; one may work for several."""

    __tablename__ = "member"
    __table_args__ = {"info": SHOWN_NOWHERE}
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True, index=True)


class Remit(Base):
    """What comes in under a topic goes to this authority, unless somebody hands it to another."""

    __tablename__ = "remit"
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), index=True)


def get_authority(db: Session, slug: str) -> Authority:
    authority = db.scalar(select(Authority).where(Authority.slug == slug))
    if authority is None:
        raise NotFound(f"no authority {slug!r}")
    return authority


def authorities(db: Session, limit: int = 500) -> list[Authority]:
    """In the order of the town, which has dozens."""
    return list(db.scalars(select(Authority).order_by(Authority.position, Authority.title, Authority.id).limit(limit)))


def create_authority(db: Session, title: str, summary: str = "") -> Authority:
    """A new last one. Raises Invalid when there is already an authority of that name."""
    last = select(func.coalesce(func.max(Authority.position), 0) + 1).scalar_subquery()
    told = {"slug": slug_of(title), "title": title.strip(), "summary": summary.strip(), "position": last}
    new = insert(db, Authority).values(**told, follower_count=0).on_conflict_do_nothing(index_elements=["slug"])
    id = None if _named(db, title) else db.scalar(new.returning(Authority.id))
    if id is None:
        raise _taken()
    return db.get_one(Authority, id)


def change_authority(db: Session, authority: Authority, title: str, summary: str, head_id: int | None) -> None:
    """Raises Invalid when another authority has that name."""
    if _named(db, title) not in (None, authority.id):
        raise _taken()
    authority.title, authority.summary, authority.head_id = title.strip(), summary.strip(), head_id
    db.flush()
    db.expire(authority, ["head"])


def set_members(db: Session, authority: Authority, user_ids: set[int]) -> None:
    """Exactly these people work there from now on."""
    db.execute(delete(Member).where(Member.authority_id == authority.id, Member.user_id.not_in(user_ids)))
    for user_id in sorted(user_ids):
        new = insert(db, Member).values(authority_id=authority.id, user_id=user_id)
        db.execute(new.on_conflict_do_nothing())


def set_remit(db: Session, authority: Authority, topic_ids: set[int]) -> None:
    """Exactly these topics are its business; one that was another's goes over."""
    db.execute(delete(Remit).where(Remit.authority_id == authority.id, Remit.topic_id.not_in(topic_ids)))
    for topic_id in sorted(topic_ids):
        new = insert(db, Remit).values(topic_id=topic_id, authority_id=authority.id)
        taken_over = {"authority_id": authority.id}
        db.execute(new.on_conflict_do_update(index_elements=["topic_id"], set_=taken_over))


def remove_authority(db: Session, authority: Authority) -> None:
    """Raises Invalid when anything refers to it but its people and topics."""
    try:
        with db.begin_nested():
            db.execute(delete(Member).where(Member.authority_id == authority.id))
            db.execute(delete(Remit).where(Remit.authority_id == authority.id))
            db.execute(delete(Authority).where(Authority.id == authority.id))
    except IntegrityError as error:
        sentence = _("Contributions belong to this authority, so it cannot be removed. Rename it instead.")
        raise Invalid(sentence) from error


def responsible_for(db: Session, topic_id: int | None) -> int | None:
    """The id of the authority whose business this topic is, if any."""
    return db.scalar(select(Remit.authority_id).where(Remit.topic_id == topic_id)) if topic_id is not None else None


def authority_for(db: Session, topic: Topic) -> Authority | None:
    """Whose business this topic is."""
    return db.scalar(select(Authority).join(Remit).where(Remit.topic_id == topic.id))


def business(db: Session, authority: Authority) -> list[Topic]:
    """The topics of an authority, by title."""
    query = select(Topic).join(Remit, Remit.topic_id == Topic.id).where(Remit.authority_id == authority.id)
    return list(db.scalars(query.order_by(Topic.title, Topic.id).limit(500)))


def members(authority_id: int) -> Select[Any]:
    """A query for the ids of the people who work there."""
    return select(Member.user_id).where(Member.authority_id == authority_id)


def authorities_of(db: Session, user: User) -> set[int]:
    """The ids of the authorities for which a person works or which they head."""
    head = select(Authority.id).where(Authority.head_id == user.id)
    return set(db.scalars(select(Member.authority_id).where(Member.user_id == user.id).union(head)))


def officials(db: Session, limit: int = 500) -> list[User]:
    """Everybody who can be given something to answer, by name."""
    query = select(User).where(User.role.in_(OFFICIALS), User.erased_at.is_(None), User.confirmed_at.is_not(None))
    return list(db.scalars(query.order_by(User.name, User.id).limit(limit)))


def topics_of(db: Session, authority: Authority) -> set[int]:
    return set(db.scalars(select(Remit.topic_id).where(Remit.authority_id == authority.id)))


def members_of(db: Session, authority: Authority) -> list[User]:
    query = select(User).join(Member, Member.user_id == User.id).where(Member.authority_id == authority.id)
    return list(db.scalars(query.order_by(User.name, User.id).limit(500)))


def _named(db: Session, title: str) -> int | None:
    same = or_(Authority.slug == slug_of(title), Authority.title == title.strip())
    return db.scalar(select(Authority.id).where(same).limit(1))


def _taken() -> Invalid:
    return Invalid(_("There is already an authority of this name."), "title")
