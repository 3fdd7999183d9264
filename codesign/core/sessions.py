"""Being signed in: server-side sessions that can be revoked, and one-time tokens sent by mail."""

import enum
import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

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


def issue_token(db: Session, user: User, purpose: Purpose, now: datetime) -> str:
    """A new one-time token; earlier ones of the same purpose stop working."""
    db.execute(delete(Token).where(Token.user_id == user.id, Token.purpose == purpose))
    token = secrets.token_urlsafe(32)
    expires = now + TOKEN_LIFE[purpose]
    db.add(Token(token_hash=digest(token), purpose=purpose, user_id=user.id, expires_at=expires))
    db.flush()
    return token


def revoke_tokens(db: Session, user: User) -> None:
    """Links that were sent to this person stop working."""
    db.execute(delete(Token).where(Token.user_id == user.id))


def token_user(db: Session, token: str, purpose: Purpose, now: datetime) -> User | None:
    """Whose token this is, while it works."""
    query = select(User).join(Token).where(Token.token_hash == digest(token), Token.purpose == purpose)
    return db.scalar(query.where(Token.expires_at > now))


def use_token(db: Session, token: str, purpose: Purpose, now: datetime) -> User | None:
    """Use up a token and return its owner; None when it was used, is too old or never was. Confirms the address."""
    used = delete(Token).where(Token.token_hash == digest(token), Token.purpose == purpose, Token.expires_at > now)
    user_id = db.scalar(used.returning(Token.user_id))
    if user_id is None:
        return None
    user = get_user(db, user_id)
    user.confirmed_at = user.confirmed_at or now
    db.flush()
    return user
