"""What people want to hear of, by which ways and when: the table of reasons and ways, and the hour of the daily letter."""

from collections.abc import Collection, Iterable
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from codesign.core.notices import DIGEST_HOUR, Channel, Ground, Mailbox, Preference
from codesign.core.users import STAFF, User
from codesign.db import insert

Choice: TypeAlias = tuple[Ground, Channel]
HOURS = range(24)


def grounds_of(user: User) -> list[Ground]:
    """The reasons for which this person can be told: those of the town's work only to those who do it."""
    return [ground for ground in Ground if ground is not Ground.DUTY or user.role in STAFF]


def refused_by(db: Session, user_id: int) -> set[Choice]:
    """What a person does not want; everything else is wanted."""
    rows = db.execute(select(Preference.ground, Preference.channel).where(_refused(user_id)))
    return {(row.ground, row.channel) for row in rows}


def digest_hour(db: Session, user_id: int) -> int:
    """The hour of their daily letter, 0 to 23 in the town's time."""
    hour = db.scalar(select(Mailbox.digest_hour).where(Mailbox.user_id == user_id))
    return DIGEST_HOUR if hour is None else hour


def choose(db: Session, user_id: int, refused: Iterable[Choice], among: Collection[Ground]) -> None:
    """From now on exactly these are not wanted, of those grounds."""
    db.execute(delete(Preference).where(Preference.user_id == user_id, Preference.ground.in_(among)))
    refuse(db, user_id, (choice for choice in refused if choice[0] in among))


def refuse(db: Session, user_id: int, choices: Iterable[Choice]) -> set[Choice]:
    """These are not wanted any more. Returns those that were wanted until now."""
    changed = set()
    for ground, channel in sorted(choices):
        key = {"user_id": user_id, "ground": ground, "channel": channel}
        new = insert(db, Preference).values(**key, wanted=False)
        off = new.on_conflict_do_update(
            index_elements=list(key), set_={"wanted": False}, where=Preference.wanted.is_(True)
        )
        if db.execute(off.returning(Preference.user_id)).first():
            changed.add((ground, channel))
    return changed


def accept(db: Session, user_id: int, choices: Iterable[Choice]) -> None:
    """These are wanted again."""
    these = or_(*((Preference.ground == ground) & (Preference.channel == channel) for ground, channel in choices))
    db.execute(delete(Preference).where(Preference.user_id == user_id, these))


def set_digest_hour(db: Session, user_id: int, hour: int) -> None:
    new = insert(db, Mailbox).values(user_id=user_id, digest_hour=hour, stopped_because="")
    db.execute(new.on_conflict_do_update(index_elements=["user_id"], set_={"digest_hour": hour}))


def unwanted(
    user_id: InstrumentedAttribute[int], ground: Ground | InstrumentedAttribute[Ground], channel: Channel
) -> ColumnElement[bool]:
    """In a query: this person does not want to hear for this reason by this way."""
    return exists().where(_refused(user_id), Preference.ground == ground, Preference.channel == channel)


def reachable() -> ColumnElement[bool]:
    """In a query over users: letters can be sent to them."""
    stopped = exists().where(Mailbox.user_id == User.id, Mailbox.stopped_at.is_not(None))
    return User.email.is_not(None) & User.confirmed_at.is_not(None) & ~stopped


def _refused(user_id: Any) -> ColumnElement[bool]:
    return and_(Preference.user_id == user_id, Preference.wanted.is_(False))
