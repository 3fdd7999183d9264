"""Is it done? Those who took part are asked, and decide: the authority alone can never reach VERIFIED."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution
from codesign.core.users import User
from codesign.kit import SHOWN_WITH_CONTRIBUTIONS, Invalid, Occurrence, gettext, insert
from codesign_feedback.loop import Outcome, State
from codesign_feedback.loops import Loop
from codesign_feedback.people import count_asked, count_people, require_voice
from codesign_feedback.rules import Rules
from codesign_feedback.steps import take
from codesign_feedback.voices import Receipt, Reply
from codesign_feedback.words import OUTCOME_LABELS

COMMENT_LENGTH = 1000
PERCENT = 100


@dataclass(frozen=True)
class Replies:
    solved: int
    given: int
    asked: int

    def verdict(self, rules: Rules) -> bool | None:
        """Whether it is done; None: too few have replied."""
        if self.given == 0 or self.given < min(rules.settings.fewest_replies, self.asked):
            return None
        return self.solved * PERCENT >= self.given * rules.settings.verified_percent


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
        require_voice(db, thing, actor)
    elif receipt is None or receipt.contribution_id != thing.id or receipt.user_id is not None:
        raise Invalid(gettext("Sign in to say whether it is done."))
    take(db, "reply", loop, thing, actor, rules, now, solved=solved)
    _count(db, loop, solved, comment.strip()[:COMMENT_LENGTH], now, actor, receipt)
    loop.asked_count = max(loop.asked_count, count_asked(db, thing))  # who came later is asked, too
    everybody = loop.solved_count + loop.unsolved_count >= loop.asked_count
    decided = decide(db, loop, thing, rules, now) if everybody else None
    return [decided] if decided is not None else []


def decide(db: Session, loop: Loop, thing: Contribution, rules: Rules, now: datetime) -> Occurrence | None:
    """Verified when enough have replied and enough of these say it is done, disputed when not; None: too few replied.

    Officials hand out the receipts of people without an account, so these alone never verify anything: the replies of
    those with an account must say the same by themselves.
    """
    all_of_them = Replies(loop.solved_count, loop.solved_count + loop.unsolved_count, loop.asked_count)
    verdict = all_of_them.verdict(rules)
    if verdict is None or (verdict and not _of_accounts(db, loop, thing).verdict(rules)):
        return None
    told = {"solved": all_of_them.solved, "replies": all_of_them.given, "asked": all_of_them.asked}
    if verdict:
        loop.verified_at, loop.outcome = now, Outcome.VERIFIED
    return take(db, "verify" if verdict else "dispute", loop, thing, None, rules, now, **told)


def _of_accounts(db: Session, loop: Loop, thing: Contribution) -> Replies:
    mine = Reply.contribution_id == loop.contribution_id, Reply.round == loop.round, Reply.user_id.is_not(None)
    solved = func.sum(case((Reply.solved, 1), else_=0))
    done, given = db.execute(select(func.coalesce(solved, 0), func.count()).where(*mine)).one()
    return Replies(int(done), given, count_people(db, thing))


def close(db: Session, loop: Loop, thing: Contribution, rules: Rules, now: datetime) -> Occurrence:
    """The last term is over: it ends as it stands."""
    endings = {
        State.VERIFIED: Outcome.VERIFIED,
        State.DECLINED: Outcome.DECLINED,
        State.RETURNED: Outcome.NOT_COMPLETED,
    }
    loop.outcome, loop.closed_at = endings.get(loop.state, Outcome.UNVERIFIED), now
    label = OUTCOME_LABELS[loop.outcome]
    return take(db, "close", loop, thing, None, rules, now, outcome=loop.outcome, outcome_label=label)


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
