"""Being signed in: server-side sessions that can be revoked, and one-time tokens sent by mail."""

import enum
import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import JSON, ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from codesign.core.mailboxes import trust_mailbox
from codesign.core.users import User, get_user
from codesign.db import Base, Id
from codesign.editions import SHOWN_NOWHERE

SESSION_LIFE = timedelta(days=30)


class Purpose(enum.Enum):
    CONFIRM = "confirm"
    RESET = "reset"


TOKEN_LIFE = {Purpose.CONFIRM: timedelta(days=3), Purpose.RESET: timedelta(hours=2)}


class SignIn(Base):
    """One device of one person. Only the hash of its token is stored."""

    __tablename__ = "sign_in"
    __table_args__ = {"info": SHOWN_NOWHERE}
    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    device: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Token(Base):
    """A link sent by mail that works once."""

    __tablename__ = "token"
    __table_args__ = {"info": SHOWN_NOWHERE}
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[Purpose]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    expires_at: Mapped[datetime]
    signing_up: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    """`name` and `password_hash` for whoever followed without an account so far: theirs only once they open the link."""


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def open_session(db: Session, user: User, device: str, now: datetime) -> str:
    """Sign a person in on a device. Returns the token for their cookie."""
    db.execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.expires_at <= now))
    token = secrets.token_urlsafe(32)
    db.add(
        SignIn(token_hash=digest(token), user_id=user.id, device=device, created_at=now, expires_at=now + SESSION_LIFE)
    )
    db.flush()
    return token


def sign_ins(db: Session, user: User, now: datetime) -> list[SignIn]:
    """The devices on which a person is signed in, newest first."""
    query = select(SignIn).where(SignIn.user_id == user.id, SignIn.expires_at > now)
    return list(db.scalars(query.order_by(SignIn.id.desc()).limit(50)))


def close_session(db: Session, token: str) -> None:
    db.execute(delete(SignIn).where(SignIn.token_hash == digest(token)))


def close_all_sessions(db: Session, user: User, keep: str | None = None) -> None:
    """Sign out everywhere, but for the device whose token is `keep`."""
    query = delete(SignIn).where(SignIn.user_id == user.id)
    db.execute(query.where(SignIn.token_hash != digest(keep)) if keep else query)


def issue_token(
    db: Session, user: User, purpose: Purpose, now: datetime, signing_up: dict[str, str] | None = None
) -> str:
    """A new one-time token; earlier ones of the same purpose stop working."""
    db.execute(delete(Token).where(Token.user_id == user.id, Token.purpose == purpose))
    token = secrets.token_urlsafe(32)
    entry = Token(token_hash=digest(token), purpose=purpose, user_id=user.id, expires_at=now + TOKEN_LIFE[purpose])
    entry.signing_up = signing_up
    db.add(entry)
    db.flush()
    return token


def revoke_tokens(db: Session, user: User) -> None:
    """Links that were sent to this person stop working."""
    db.execute(delete(Token).where(Token.user_id == user.id))


def token_user(db: Session, token: str, purpose: Purpose, now: datetime) -> User | None:
    """Whose token this is, while it works."""
    query = select(User).join(Token).where(Token.token_hash == digest(token), Token.purpose == purpose)
    return db.scalar(query.where(Token.expires_at > now))


def chosen_hash(db: Session, token: str, user: User) -> str:
    """The password hash that whoever asked for this token to confirm an address has chosen, "" when none."""
    pending = db.scalar(select(Token.signing_up).where(Token.token_hash == digest(token)))
    return (pending or {}).get("password_hash") or user.password_hash or ""


def use_token(db: Session, token: str, purpose: Purpose, now: datetime) -> User | None:
    """Use up a token and return its owner; None when it was used, is too old or never was. Confirms the address, and
    makes an account of somebody who signed up after following without one."""
    used = delete(Token).where(Token.token_hash == digest(token), Token.purpose == purpose, Token.expires_at > now)
    row = db.execute(used.returning(Token.user_id, Token.signing_up)).one_or_none()
    if row is None:
        return None
    user = get_user(db, row.user_id)
    user.confirmed_at = user.confirmed_at or now
    trust_mailbox(db, user.id)  # the letter with the token has arrived
    for column, chosen in (row.signing_up or {}).items():
        setattr(user, column, chosen)
    db.flush()
    return user
