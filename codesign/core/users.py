"""People: accounts of one municipality, their roles and passwords."""

import enum
import re
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, Session, mapped_column

from codesign.db import Base, Id, fetch, insert
from codesign.editions import NEW_SHOWN_NOWHERE
from codesign.i18n import gettext as _
from codesign.types import Invalid

NAME_LENGTH = 80
EMAIL_LENGTH = 254
PASSWORD_LENGTHS = (10, 200)
_EMAIL = re.compile(r"[^@\s\"(),:;<>\[\\\]]+@[^@\s\"(),:;<>\[\\\]_]+\.[^@\s\"(),:;<>\[\\\]_.]{2,}")


class Role(enum.StrEnum):
    RESIDENT = "resident"
    MODERATOR = "moderator"
    OFFICIAL = "official"
    ADMINISTRATOR = "administrator"


MODERATING = {Role.MODERATOR, Role.ADMINISTRATOR}
OFFICIALS = {Role.OFFICIAL, Role.ADMINISTRATOR}
STAFF = {Role.MODERATOR, Role.OFFICIAL, Role.ADMINISTRATOR}


class User(Base):
    """A person with an account, or a pseudonym that came with an import (no e-mail, cannot sign in), or somebody who
    follows by e-mail only (no name, no password)."""

    __tablename__ = "user"
    __table_args__ = {"info": NEW_SHOWN_NOWHERE}
    id: Mapped[Id]
    email: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    role: Mapped[Role] = mapped_column(default=Role.RESIDENT)
    locale: Mapped[str | None]
    """The language of messages to this person; None means the town's."""
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    """When the e-mail address was shown to be theirs."""
    erased_at: Mapped[datetime | None]

    @hybrid_property
    def is_account(self) -> bool:
        """False of whoever only follows by e-mail: whatever lists or counts people leaves them out."""
        return self.name != ""

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.name.split()[:2]).upper()


def get_user(db: Session, id: int) -> User:
    return fetch(db, User, id)


def normal_email(email: str) -> str:
    """The form in which an address is kept and compared. Raises Invalid when it is no address."""
    email = email.strip().casefold()
    if len(email) > EMAIL_LENGTH or not _EMAIL.fullmatch(email) or not email.isprintable():
        raise Invalid(_("This is not an e-mail address. Write it like name@example.org."), "email")
    return email


def user_by_email(db: Session, email: str) -> User | None:
    """Whoever has this address: an account, also one that is not confirmed yet, or somebody who follows without one."""
    return db.scalar(select(User).where(User.email == email.strip().casefold()))


def sign_up(db: Session, email: str, name: str, password_hash: str, locale: str | None, now: datetime) -> User:
    """A new resident, not confirmed; or whoever was quicker with this address, at the very same moment.

    Takes a hash, not a password: hashing costs 50 ms, which nobody should spend inside a transaction.
    """
    values = {"email": email, "name": name.strip(), "password_hash": password_hash, "locale": locale, "created_at": now}
    db.execute(insert(db, User).values(values).on_conflict_do_nothing(index_elements=["email"]))
    return db.scalars(select(User).where(User.email == email)).one()


def set_role(db: Session, user: User, role: Role) -> None:
    """Raises Invalid when this would leave the town without an administrator."""
    # All of them locked, in one order: two who demote each other at the same moment come one after the other.
    administrators = select(User.id).where(User.role == Role.ADMINISTRATOR, User.erased_at.is_(None))
    locked = administrators.order_by(User.id).with_for_update(key_share=True)
    if user.role is Role.ADMINISTRATOR and role is not Role.ADMINISTRATOR and not {*db.scalars(locked)} - {user.id}:
        raise Invalid(_("The last administrator keeps this role. Make somebody else administrator first."), "role")
    user.role = role
    db.flush()


def check_strength(password: str, *known: str) -> None:
    """Raises Invalid when a password is too short, too long, or easily guessed from `known` (name, address)."""
    shortest, longest = PASSWORD_LENGTHS
    if not shortest <= len(password) <= longest:
        sentence = _(
            "Use between %(least)s and %(most)s characters. Three or four unrelated words are easy to remember."
        )
        raise Invalid(sentence % {"least": shortest, "most": longest}, "password")
    lowered = password.casefold()
    parts = {part for text in known for part in re.split(r"[\W_]+", text.casefold()) if len(part) > 3}
    rest = lowered
    for part in sorted(parts, key=len, reverse=True):
        rest = rest.replace(part, "")
    if len(set(lowered)) < 5 or len(rest) < 6:
        raise Invalid(_("This password is easy to guess. Add another, unrelated word."), "password")


def hashed(password: str) -> str:
    """argon2id, with the parameters that argon2-cffi recommends (RFC 9106, low memory)."""
    return PasswordHasher().hash(password)


def password_matches(user: User | None, password: str) -> bool:
    """True when `password` is the user's. Takes as long when there is no such user."""
    stored = user.password_hash if user is not None and user.password_hash else DECOY_HASH
    return hash_fits(stored, password) and stored is not DECOY_HASH


def hash_fits(hash: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(hash, password)
    except (VerificationError, InvalidHashError):
        return False


DECOY_HASH = "$argon2id$v=19$m=65536,t=3,p=4$8lu+xCWYduEMo0r/UxoF1g$d9+NjPj0balIX+OrWK/mmIt8lTOwpD+c6g2thuV/C9o"
"""A hash that no password has; comparing with it costs what comparing with a real one costs."""


def matching_people(text: str) -> ColumnElement[bool]:
    """People whose name or address contains `text`."""
    return User.name.icontains(text, autoescape=True) | User.email.icontains(text, autoescape=True)
