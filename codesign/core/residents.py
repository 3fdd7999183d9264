"""Residents: people whose document an official has seen, with the area they live in and the day they were born."""

import enum
import hashlib
import hmac
import unicodedata
from datetime import date, datetime

from sqlalchemy import ForeignKey, Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from codesign.core.areas import Area, hold_area
from codesign.core.users import User
from codesign.db import Base, insert
from codesign.editions import SHOWN_NOWHERE
from codesign.i18n import gettext as _
from codesign.types import Invalid

EARLIEST_BIRTH = date(1900, 1, 1)
SHORTEST_DOCUMENT = 5
"""Letters and digits of a document number."""


class Level(enum.IntEnum):
    """How sure the town is that an account belongs to one person who lives here."""

    NONE = 0
    CONFIRMED = 1
    """The e-mail address is theirs."""
    VERIFIED = 2
    """An official has seen their document."""


class Residence(Base):
    """One row for each verified person."""

    __tablename__ = "residence"
    __table_args__ = {"info": SHOWN_NOWHERE}
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    born_on: Mapped[date | None]
    document_digest: Mapped[str | None] = mapped_column(unique=True)
    """Of `document_digest`: the number itself is never stored."""
    verified_at: Mapped[datetime]
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    """None when an import brought it."""

    area: Mapped[Area | None] = relationship(lazy="joined", innerjoin=False)
    verified_by: Mapped[User | None] = relationship(lazy="joined", innerjoin=False, foreign_keys=[verified_by_id])


def residence_of(db: Session, user: User) -> Residence | None:
    return db.get(Residence, user.id)


def level_of(db: Session, user: User | None) -> Level:
    if user is None or user.confirmed_at is None or user.erased_at is not None or not user.is_account:
        return Level.NONE
    return Level.VERIFIED if residence_of(db, user) is not None else Level.CONFIRMED


def age_on(born_on: date, day: date) -> int:
    """Full years. Who was born on 29 February has the birthday on 1 March in years without that day."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def registered_residents(db: Session, area_id: int | None = None) -> int:
    """Confirmed accounts at this moment; of an area: those that are verified as living there."""
    if area_id is not None:
        return _count(db, select(Residence.user_id).where(Residence.area_id == area_id))
    return _count(db, None)


def verified_residents(db: Session) -> int:
    """How many of the confirmed accounts are verified, at this moment."""
    return _count(db, select(Residence.user_id))


def _count(db: Session, among: Select[int] | None) -> int:
    count = select(func.count()).select_from(User).where(User.confirmed_at.is_not(None), User.erased_at.is_(None))
    count = count.where(User.is_account)
    return db.scalars(count.where(User.id.in_(among)) if among is not None else count).one()


def document_digest(secret: bytes, slug: str, number: str) -> str:
    """What is stored of a document number: a hex digest under the operator's secret, different in each town.

    However it is written, with spaces, dashes or small letters, it is the same. Raises Invalid when it is too short.
    """
    normal = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", number).casefold()))
    if len(normal) < SHORTEST_DOCUMENT:
        sentence = _("A document number has at least %(least)s letters and digits.")
        raise Invalid(sentence % {"least": SHORTEST_DOCUMENT}, "document")
    return hmac.new(secret, f"document\0{slug}\0{normal}".encode(), hashlib.sha256).hexdigest()


def verify(
    db: Session,
    user: User,
    verified_by: User | None,
    now: datetime,
    area_id: int | None = None,
    born_on: date | None = None,
    digest: str | None = None,
) -> Residence:
    """Enter a resident, or correct what was entered; without a digest the document stays the one that is known.

    Raises Invalid when the document belongs to another account, or something else is impossible.
    """
    if level_of(db, user) is Level.NONE:
        raise Invalid(_("This e-mail address is not confirmed yet. Only a confirmed account can be verified."))
    if born_on is not None:
        check_birth(born_on, now.date())
    if area_id is not None:
        hold_area(db, area_id)
    seen = {"verified_at": now, "verified_by_id": verified_by.id if verified_by else None}
    told = {"area_id": area_id, "born_on": born_on, **seen}
    new = insert(db, Residence).values(user_id=user.id, document_digest=digest, **told)
    changed = {**told, "document_digest": func.coalesce(new.excluded.document_digest, Residence.document_digest)}
    try:
        with db.begin_nested():
            db.execute(new.on_conflict_do_update(index_elements=["user_id"], set_=changed))
    except IntegrityError as error:
        raise Invalid(_("This document already belongs to another account."), "document") from error
    return db.get_one(Residence, user.id, populate_existing=True)


def withdraw_verification(db: Session, residence: Residence) -> None:
    """The person is no longer verified, and their document may be used again."""
    db.delete(residence)
    db.flush()


def check_birth(born_on: date, today: date) -> None:
    """Raises Invalid when nobody who is alive was born on that day."""
    if born_on > today:
        raise Invalid(_("This date of birth is in the future."), "born_on")
    if born_on < EARLIEST_BIRTH:
        raise Invalid(_("This date of birth is too long ago. It must be in 1900 or later."), "born_on")
