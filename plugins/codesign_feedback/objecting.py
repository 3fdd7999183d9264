"""When people do not agree with how it ended: an appeal against a refusal, or opening it again."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution
from codesign.core.users import User
from codesign.kit import Invalid, Occurrence, gettext, insert
from codesign_feedback.loop import STEPS, Outcome
from codesign_feedback.loops import Loop
from codesign_feedback.people import require_participant
from codesign_feedback.rules import Rules
from codesign_feedback.settings import FeedbackSettings
from codesign_feedback.steps import check, take
from codesign_feedback.voices import Appeal, Wish

MONTH = timedelta(days=365) / 12


def appeal(
    db: Session, loop: Loop, thing: Contribution, actor: User, text: str, rules: Rules, now: datetime
) -> Occurrence:
    """Somebody who took part appeals against the refusal, while there is time. Raises Invalid."""
    check_appeal(db, loop, thing, actor, now)
    occurrence = take(db, "appeal", loop, thing, actor, rules, now, text=text.strip())
    loop.appealing = True
    db.add(Appeal(contribution_id=thing.id, user_id=actor.id, text=text.strip(), filed_at=now))
    db.flush()
    return occurrence


def check_appeal(db: Session, loop: Loop, thing: Contribution, actor: User, now: datetime) -> None:
    """Raises Invalid when this person cannot appeal now."""
    require_participant(db, thing, actor)
    check(STEPS["appeal"], loop, thing, actor, {"text": "-"})
    if loop.due_at is not None and loop.clock == "appeal" and now >= loop.due_at:
        raise Invalid(gettext("The time to appeal is over."))


def decide_appeal(
    db: Session, loop: Loop, thing: Contribution, actor: User, granted: bool, text: str, rules: Rules, now: datetime
) -> Occurrence:
    """Somebody else than who refused decides: it stays declined and is closed, or it is answered anew."""
    found = open_appeal(db, thing.id)
    if found is None:
        raise Invalid(gettext("Nobody appeals against this."))
    if found.user_id == actor.id:
        raise Invalid(gettext("You cannot decide your own appeal."))
    occurrence = take(db, "grant" if granted else "uphold", loop, thing, actor, rules, now, text=text.strip())
    found.decided_at, found.decided_by_id, found.granted, found.decision = now, actor.id, granted, text.strip()
    loop.appealing = False
    if granted:
        _anew(loop)
    else:
        loop.outcome, loop.closed_at = Outcome.DECLINED, now
    db.flush()
    return occurrence


def open_appeal(db: Session, contribution_id: int) -> Appeal | None:
    """The appeal that waits for a decision."""
    pending = select(Appeal).where(Appeal.contribution_id == contribution_id, Appeal.decided_at.is_(None))
    return db.scalar(pending.order_by(Appeal.id.desc()).limit(1))


def reopen(
    db: Session, loop: Loop, thing: Contribution, actor: User, text: str, rules: Rules, now: datetime
) -> Occurrence | None:
    """Open it again: at once when its author wants it, else as soon as enough of those who took part do. Raises Invalid.

    None: the wish is noted, but more are needed.
    """
    check_reopen(db, loop, thing, actor, rules, now)
    check(STEPS["reopen"], loop, thing, actor, {"text": text.strip()})
    same = {"contribution_id": thing.id, "time": loop.reopened_count, "user_id": actor.id}
    db.execute(insert(db, Wish).values(**same, text=text.strip(), at=now).on_conflict_do_nothing())
    if actor.id != thing.author_id and wishes(db, loop) < rules.settings.reopen_people:
        return None
    loop.reopened_count += 1
    _anew(loop)
    return take(db, "reopen", loop, thing, actor, rules, now, text=text.strip())


def check_reopen(db: Session, loop: Loop, thing: Contribution, actor: User, rules: Rules, now: datetime) -> None:
    """Raises Invalid when this person cannot ask for it now."""
    require_participant(db, thing, actor)
    check(STEPS["reopen"], loop, thing, actor, {"text": "-"})
    until = reopenable_until(loop, rules.settings)
    if until is not None and until < now:
        raise Invalid(gettext("This was closed too long ago to be opened again. Please start a new one."))


def reopenable_until(loop: Loop, settings: FeedbackSettings) -> datetime | None:
    """None when it is not in a state from which it can be opened again."""
    return loop.state_at + settings.reopen_months * MONTH if loop.state in STEPS["reopen"].before else None


def wishes(db: Session, loop: Loop) -> int:
    """How many want it opened again, since it was last."""
    mine = (Wish.contribution_id == loop.contribution_id) & (Wish.time == loop.reopened_count)
    return db.scalars(select(func.count()).select_from(Wish).where(mine)).one()


def _anew(loop: Loop) -> None:
    """It is answered once more; how long the first answer took stays."""
    loop.outcome = loop.closed_at = loop.verified_at = loop.asked_at = loop.overdue_at = None
    loop.extended = False
