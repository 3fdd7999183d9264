"""The official answer: a decision, its reason, a text and the authority that is responsible."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from codesign.core.authorities import Authority
from codesign.core.contributions import Contribution
from codesign.core.users import User
from codesign.kit import Invalid, Occurrence, gettext, render
from codesign_feedback.answers import Answer, AnswerDraft
from codesign_feedback.loop import AFTER_ANSWER, LEADING_TO_WORK, STEPS, Code, Refusal, State
from codesign_feedback.loops import Loop
from codesign_feedback.rules import Rules
from codesign_feedback.steps import check, take
from codesign_feedback.timing import ending, show, start
from codesign_feedback.words import CODE_LABELS, MISSING, REFUSAL_LABELS

LATEST = timedelta(days=2 * 365)
"""Nothing is put off for longer."""


@dataclass(frozen=True)
class Decision:
    """What an official has filled in."""

    code: Code | None
    text: str
    authority: Authority | None
    refusal: Refusal | None = None
    until: date | None = None


def answer(
    db: Session, loop: Loop, thing: Contribution, actor: User, decision: Decision, rules: Rules, now: datetime
) -> Occurrence:
    """Give the answer. What follows depends on the decision: a commitment is owed, a deferral runs, an appeal is
    possible, or those who took part are asked at once whether it is done. Raises Invalid when anything is missing."""
    _check(loop, decision, rules, now)
    code = decision.code
    verb = "decline" if code is Code.DECLINED else "answer"
    told: dict[str, Any] = {"code": code, "text": decision.text.strip(), "authority": _title(decision.authority)}
    if code is not None:
        told["code_label"] = CODE_LABELS[code]
    if decision.until is not None:
        told["deferred_until"] = decision.until
    if decision.refusal is not None:
        told |= {"refusal": decision.refusal, "refusal_label": REFUSAL_LABELS[decision.refusal]}
    check(STEPS[verb], loop, thing, actor, told)
    _place(loop, decision.authority)
    occurrence = take(db, verb, loop, thing, actor, rules, now, **told)
    _keep(db, loop, actor, decision, rules, now)
    _go_on(db, loop, decision, rules, now)
    return replace(occurrence, data={**occurrence.data, **ending(loop, rules)})


def _check(loop: Loop, decision: Decision, rules: Rules, now: datetime) -> None:
    if loop.asked_at is not None:
        raise Invalid(gettext("People are being asked whether it is done. Wait for what they say."))
    if loop.state is State.ANSWERED and loop.code in LEADING_TO_WORK and decision.code in LEADING_TO_WORK:
        raise Invalid(gettext("The answer was yes already. Now say who will do what by when."), "code")
    for name, given in (("code", decision.code), ("text", decision.text.strip()), ("authority", decision.authority)):
        if not given:
            raise Invalid(gettext(MISSING[name]), name)
    if decision.code is Code.DECLINED and decision.refusal is None:
        missing = MISSING["refusal"]
        raise Invalid(gettext(missing), "refusal")
    today = rules.calendar.today(now)
    if decision.code is Code.DEFERRED and not (decision.until and today < decision.until <= today + LATEST):
        sentence = gettext("Give the day on which it is looked at again: after today, and within two years.")
        raise Invalid(sentence, "until")


def _keep(db: Session, loop: Loop, actor: User, decision: Decision, rules: Rules, now: datetime) -> None:
    assert decision.code is not None and decision.authority is not None
    refusal = decision.refusal if decision.code is Code.DECLINED else None
    db.add(
        Answer(
            contribution_id=loop.contribution_id, code=decision.code, refusal=refusal,
            until=decision.until if decision.code is Code.DEFERRED else None, text=decision.text,
            html=render(decision.text), authority_id=decision.authority.id, author_id=actor.id, at=now,
        )
    )  # fmt: skip
    db.query(AnswerDraft).filter_by(contribution_id=loop.contribution_id).delete()
    loop.code, loop.refusal, loop.answered_by_id = decision.code, refusal, actor.id
    if loop.answered_at is None:
        loop.answered_at = now
        loop.answer_days = (rules.calendar.today(now) - rules.calendar.today(loop.opened_at)).days
        # Once it was late it stays so, even if its author was asked back meanwhile and the clock began anew.
        loop.in_time = loop.in_time is not False and (loop.answer_due_at is None or now < loop.answer_due_at)
    db.flush()


def _go_on(db: Session, loop: Loop, decision: Decision, rules: Rules, now: datetime) -> None:
    clock = AFTER_ANSWER.get(decision.code or Code.DECLINED)
    if clock is None:
        return
    until = {"deferral": decision.until, "ask": rules.calendar.today(now)}.get(clock)
    start(db, loop, clock, rules, now, until)
    show(db, loop)
    db.flush()


def _place(loop: Loop, authority: Authority | None) -> None:
    if authority is not None:
        loop.authority, loop.authority_id = authority, authority.id


def _title(authority: Authority | None) -> str:
    return authority.title if authority else ""
