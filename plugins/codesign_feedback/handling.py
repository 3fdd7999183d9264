"""What officials do before they answer: give it to somebody, hand it over, begin, ask back, take more time."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from codesign.core.authorities import Authority
from codesign.core.contributions import Contribution
from codesign.core.users import OFFICIALS, User
from codesign.kit import Invalid, Occurrence, gettext
from codesign_feedback.loop import STEPS
from codesign_feedback.loops import Loop
from codesign_feedback.rules import Rules
from codesign_feedback.steps import check, take
from codesign_feedback.timing import lengthen, running


def assign(
    db: Session, loop: Loop, thing: Contribution, actor: User, authority: Authority | None, owner: User | None,
    rules: Rules, now: datetime,
) -> Occurrence:  # fmt: skip
    """Say which authority is responsible, and who there has it in hand (None: whoever takes it)."""
    told = {"authority": _title(authority), "owner_name": owner.name if owner else ""}
    check(STEPS["assign"], loop, thing, actor, told)
    _place(loop, authority, owner)
    return take(db, "assign", loop, thing, actor, rules, now, **told)


def give_to(db: Session, loop: Loop, owner: User | None) -> None:
    """Somebody else at the same authority has it in hand from now on: residents see no step in that."""
    _place(loop, loop.authority, owner)
    db.flush()


def transfer(
    db: Session, loop: Loop, thing: Contribution, actor: User, authority: Authority | None, text: str, rules: Rules,
    now: datetime,
) -> Occurrence:  # fmt: skip
    """Hand it to another authority, with a reason. The clock of the answer goes on."""
    if authority is not None and authority.id == loop.authority_id:
        raise Invalid(gettext("It is with this authority already. Choose another one."), "authority")
    told: dict[str, Any] = {
        "authority": _title(authority), "text": text, "from_authority": loop.authority_title,
        "from_authority_id": loop.authority_id, "from_owner_id": loop.owner_id,
    }  # fmt: skip
    check(STEPS["transfer"], loop, thing, actor, told)
    _place(loop, authority, None)
    return take(db, "transfer", loop, thing, actor, rules, now, **told)


def review(db: Session, loop: Loop, thing: Contribution, actor: User, rules: Rules, now: datetime) -> Occurrence:
    """Begin to work on it; who has nobody in hand takes it."""
    check(STEPS["review"], loop, thing, actor, {"authority": loop.authority_title})
    loop.owner_id = loop.owner_id or actor.id
    db.flush()
    db.expire(loop, ["owner"])
    return take(db, "review", loop, thing, actor, rules, now, authority=loop.authority_title)


def give_back(
    db: Session, loop: Loop, thing: Contribution, actor: User, text: str, rules: Rules, now: datetime
) -> Occurrence:
    """Ask the author for what is missing; the clock of the answer stops until they have added it."""
    if thing.author_id is None:
        raise Invalid(gettext("Nobody here wrote this, so nobody can complete it."))
    return take(db, "return", loop, thing, actor, rules, now, text=text)


def complete(
    db: Session, loop: Loop, thing: Contribution, actor: User, text: str, rules: Rules, now: datetime
) -> Occurrence:
    """The author adds what was asked for; the clock of the answer begins anew."""
    return take(db, "complete", loop, thing, actor, rules, now, text=text)


def extend(
    db: Session, loop: Loop, thing: Contribution, actor: User, text: str, rules: Rules, now: datetime
) -> Occurrence:
    """Take more time for the answer: once, with a reason for everybody."""
    if loop.extended:
        raise Invalid(gettext("The time was extended once already. It cannot be extended again."))
    due_at = next((clock.due_at for clock in running(db, loop) if clock.name == "answer"), None)
    if due_at is None:
        raise Invalid(gettext("Only the time for the answer can be extended."))
    if now >= due_at:
        raise Invalid(gettext("The time is over. It can only be extended before it ends."))
    check(STEPS["extend"], loop, thing, actor, {"text": text})
    loop.extended = True
    lengthen(db, loop, "answer", rules.settings.extension_days, rules, now)
    days = rules.settings.extension_days
    return take(db, "extend", loop, thing, actor, rules, now, text=text, days=days)


def _place(loop: Loop, authority: Authority | None, owner: User | None) -> None:
    if owner is not None and owner.role not in OFFICIALS:
        raise Invalid(gettext("Choose an official."), "owner")
    loop.authority = authority
    loop.authority_id = authority.id if authority else None
    loop.owner = owner
    loop.owner_id = owner.id if owner else None


def _title(authority: Authority | None) -> str:
    return authority.title if authority else ""
