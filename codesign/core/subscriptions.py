"""Subscriptions: following by e-mail without an account. Asked for with an address, true once a letter to it is answered."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import JSON, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from codesign.core.follows import Followed, get_followed, set_follow, stop_all, subject_of
from codesign.core.mailboxes import trust_mailbox
from codesign.core.notices import Ground, Mailbox, Notice, Preference
from codesign.core.preferences import choose
from codesign.core.sessions import Token, digest, revoke_tokens
from codesign.core.users import User, get_user
from codesign.db import Base, insert
from codesign.editions import SHOWN_NOWHERE
from codesign.types import Kind, NotFound

LIFE = timedelta(days=3)
"""How long the link of a letter works."""
PAUSE = timedelta(hours=1)
"""At most one such letter goes to an address meanwhile."""
MOST = 50
"""So many things wait for one confirmation at most; the oldest is forgotten first."""


class Subscription(Base):
    """What somebody asked to hear of at an address. Nothing is followed until the link in the letter is opened."""

    __tablename__ = "subscription"
    __table_args__ = {"info": SHOWN_NOWHERE}
    email: Mapped[str] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    wanted: Mapped[list[tuple[str, int]]] = mapped_column(JSON)
    """Subject and id of each thing that waits."""
    locale: Mapped[str | None]
    sent_at: Mapped[datetime] = mapped_column(index=True)
    """When the letter was written whose link works now."""


def ask(db: Session, email: str, thing: Followed, locale: str, now: datetime) -> str:
    """Note what is to be followed. Returns the token of a new letter, or "" when there was one less than PAUSE ago:
    the link in that one then holds for this as well."""
    db.execute(delete(Subscription).where(Subscription.sent_at <= now - LIFE))
    token = secrets.token_urlsafe(32)
    letter = {"token_hash": digest(token), "locale": locale, "sent_at": now}
    new = insert(db, Subscription).values(email=email, wanted=[], **letter)
    fresh = new.on_conflict_do_update(
        index_elements=["email"], set_=letter, where=Subscription.sent_at <= now - PAUSE
    ).returning(Subscription.email)
    sent = db.scalar(fresh) is None
    found = select(Subscription).where(Subscription.email == email).with_for_update()
    subscription = db.scalars(found.execution_options(populate_existing=True)).one()
    entry = (subject_of(thing), thing.id)
    others = [(subject, id) for subject, id in subscription.wanted if (subject, id) != entry]
    subscription.wanted = [*others, entry][-MOST:]
    db.flush()
    return "" if sent else token


def asked_with(db: Session, token: str, now: datetime) -> Subscription | None:
    """What waits for whoever holds this token, while it works."""
    query = select(Subscription).where(Subscription.token_hash == digest(token), Subscription.sent_at > now - LIFE)
    return db.scalar(query)


def wanted_things(db: Session, kinds: Mapping[str, Kind], subscription: Subscription) -> list[Followed]:
    """Without what is gone, hidden or switched off meanwhile."""
    found = []
    for subject, id in subscription.wanted:
        try:
            found.append(get_followed(db, kinds, subject, id))
        except NotFound:
            continue
    return found


def confirm(db: Session, kinds: Mapping[str, Kind], subscription: Subscription, now: datetime) -> User:
    """Whoever opened the link follows what was asked for. Its further asking is answered by the same link."""
    new = insert(db, User).values(email=subscription.email, name="", locale=subscription.locale, created_at=now)
    db.execute(new.on_conflict_do_nothing(index_elements=["email"]))
    user = db.scalars(select(User).where(User.email == subscription.email).with_for_update(key_share=True)).one()
    if user.confirmed_at is None:
        # Anybody may have signed up with this address and a password of their own. Only its owner reads this letter,
        # so that password must not become good.
        revoke_tokens(db, user)
        user.name, user.password_hash, user.confirmed_at = "", None, now
    for thing in wanted_things(db, kinds, subscription):
        set_follow(db, user, thing, True)
    subscription.wanted = []
    trust_mailbox(db, user.id)
    if not user.is_account:  # who asks anew wants letters again, whatever was ended in one before
        choose(db, user.id, (), list(Ground))
    db.flush()
    return user


def managing_token(secret: bytes, slug: str, user: User) -> str:
    """For the link in each letter to whoever follows without an account. It works as long as the address is theirs."""
    scope = f"follow\0{slug}\0{user.id}\0{user.email}".encode()
    return f"{user.id}-{hmac.new(secret, scope, hashlib.sha256).hexdigest()}"


def managed_by(db: Session, secret: bytes, slug: str, token: str) -> User:
    """Whose link this is. Raises NotFound for a token that we did not make."""
    number = token.partition("-")[0]
    if not number.isdecimal() or len(number) > 18:
        raise NotFound("no such token")
    user = get_user(db, int(number))
    known = managing_token(secret, slug, user).encode()
    if user.email is None or not hmac.compare_digest(known, token.encode("utf-8", "replace")):
        raise NotFound("no such token")
    return user


def erase_follower(db: Session, user: User, now: datetime) -> None:
    """Forget an address that only follows: with all that waits for it, and the row itself unless something refers to it."""
    assert not user.is_account, "an account is not erased by a link in a letter"
    stop_all(db, user)
    db.execute(delete(Subscription).where(Subscription.email == user.email))
    for table in (Notice, Preference, Mailbox, Token):
        db.execute(delete(table).where(table.user_id == user.id))
    try:
        with db.begin_nested():
            db.execute(delete(User).where(User.id == user.id), execution_options=SHOWN_NOWHERE)
    except IntegrityError:
        user.email, user.confirmed_at, user.erased_at = None, None, now
        db.flush()
