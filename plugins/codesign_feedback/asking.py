"""Is it done? Those who took part are asked, and decide: the authority alone can never reach VERIFIED."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution
from codesign.core.users import User
from codesign.kit import SHOWN_WITH_CONTRIBUTIONS, Invalid, Occurrence, gettext, insert
from codesign_feedback.loop import Outcome, State
from codesign_feedback.loops import Loop
from codesign_feedback.people import count_asked, require_participant
from codesign_feedback.rules import Rules
from codesign_feedback.steps import take
from codesign_feedback.voices import Receipt, Reply

COMMENT_LENGTH = 1000
PERCENT = 100


def ask(db: Session, loop: Loop, thing: Contribution, rules: Rules, now: datetime) -> Occurrence:
    """A new round begins. How many can reply is counted now."""
    loop.round, loop.asked_at = loop.round + 1, now
    loop.asked_count, loop.solved_count, loop.unsolved_count = count_asked(db, thing), 0, 0
    return take(db, "ask", loop, thing, None, rules, now, asked=loop.asked_count)


def ask_again(db: Session, loop: Loop, thing: Contribution, rules: Rules, now: datetime) -> Occurrence:
    return take(db, "ask_again", loop, thing, None, rules, now, asked=loop.asked_count)


def reply(
    db: Session, loop: Loop, thing: Contribution, solved: bool, comment: str, rules: Rules, now: datetime,
    actor: User | None = None, receipt: Receipt | None = None,
) -> list[Occurrence]:  # fmt: skip
    """Somebody says whether it is done; until it is decided they may change their mind. Raises Invalid.

    Returns what is to be recorded: the decision, when everybody has replied.
    """
    if loop.asked_at is None:
        raise Invalid(gettext("Nobody is asked about this at the moment."))
    if actor is not None:
        require_participant(db, thing, actor)
    elif receipt is None or receipt.contribution_id != thing.id or receipt.user_id is not None:
        raise Invalid(gettext("Sign in to say whether it is done."))
    take(db, "reply", loop, thing, actor, rules, now, solved=solved)
    _count(db, loop, solved, comment.strip()[:COMMENT_LENGTH], now, actor, receipt)
    everybody = loop.solved_count + loop.unsolved_count >= loop.asked_count
    decided = decide(db, loop, thing, rules, now) if everybody else None
    return [decided] if decided is not None else []


def decide(db: Session, loop: Loop, thing: Contribution, rules: Rules, now: datetime) -> Occurrence | None:
    """Verified when enough have replied and enough of these say it is done, disputed when not; None: too few replied."""
    replies = loop.solved_count + loop.unsolved_count
    if replies == 0 or replies < min(rules.settings.fewest_replies, loop.asked_count):
        return None
    told: dict[str, Any] = {"solved": loop.solved_count, "replies": replies, "asked": loop.asked_count}
    loop.asked_at = None
    if loop.solved_count * PERCENT >= replies * rules.settings.verified_percent:
        loop.verified_at, loop.outcome = now, Outcome.VERIFIED
        return take(db, "verify", loop, thing, None, rules, now, **told)
    return take(db, "dispute", loop, thing, None, rules, now, **told)


def close(db: Session, loop: Loop, thing: Contribution, rules: Rules, now: datetime) -> Occurrence:
    """The last term is over: it ends as it stands."""
    endings = {
        State.VERIFIED: Outcome.VERIFIED,
        State.DECLINED: Outcome.DECLINED,
        State.RETURNED: Outcome.NOT_COMPLETED,
    }
    loop.outcome, loop.closed_at = endings.get(loop.state, Outcome.UNVERIFIED), now
    loop.asked_at = None
    return take(db, "close", loop, thing, None, rules, now, outcome=loop.outcome)


def _count(
    db: Session, loop: Loop, solved: bool, comment: str, now: datetime, actor: User | None, receipt: Receipt | None
) -> None:
    """One reply a person and round, by a constraint; the counters change in the same transaction."""
    voice = {"user_id": actor.id} if actor is not None else {"receipt_id": receipt.id if receipt else None}
    same = {"contribution_id": loop.contribution_id, "round": loop.round, **voice}
    new = insert(db, Reply).values(**same, solved=solved, comment=comment, at=now)
    fresh = db.scalar(new.on_conflict_do_nothing().returning(Reply.id)) is not None
    changed = False
    if not fresh:
        mine = update(Reply).filter_by(**same)
        changed = (
            db.scalar(mine.where(Reply.solved != solved).values(solved=solved, at=now).returning(Reply.id)) is not None
        )
        db.execute(mine.values(comment=comment))
    step, back = int(fresh or changed), int(changed)
    counted = {
        "solved_count": Loop.solved_count + (step if solved else -back),
        "unsolved_count": Loop.unsolved_count + (-back if solved else step),
    }
    db.execute(
        update(Loop).where(Loop.contribution_id == loop.contribution_id).values(counted),
        execution_options=SHOWN_WITH_CONTRIBUTIONS,
    )
    db.refresh(loop, ["solved_count", "unsolved_count"])
