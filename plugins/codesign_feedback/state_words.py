"""What the state of a contribution means for those who read, what happens next, and how it feels."""

from collections.abc import Mapping

from codesign.kit import gettext, mark, ngettext, show_date
from codesign_feedback.answers import Answer
from codesign_feedback.clock_words import Left
from codesign_feedback.loop import LEADING_TO_WORK, Code, Outcome, State
from codesign_feedback.loops import Loop
from codesign_feedback.settings import FeedbackSettings
from codesign_feedback.words import OUTCOME_LABELS, STATE_LABELS

MEANINGS: Mapping[State, str] = {
    State.RECEIVED: mark("The town has it."),
    State.ACKNOWLEDGED: mark("The town owes an answer. Next it says which authority gives it."),
    State.ASSIGNED: mark("The authority prepares the official answer."),
    State.TRANSFERRED: mark("Another authority has it now and prepares the official answer. The deadline stays."),
    State.UNDER_REVIEW: mark("The official answer is being written."),
    State.RETURNED: mark("The town cannot answer yet: its author is asked to add something."),
    State.COMMITTED: mark("The town has said who will do what by when. News of the work follows."),
    State.IN_PROGRESS: mark("The work goes on. News of it follows until it is delivered."),
    State.VERIFIED: mark("Those who took part have decided: it is done. It is closed soon."),
    State.DECLINED: mark("Who took part and disagrees can appeal. Somebody else at the town decides then."),
    State.REOPENED: mark("The town owes a new answer."),
    State.WITHDRAWN: mark("Its author took it back. The town owes no answer any more."),
    State.MERGED: mark("It is part of another contribution now. The answer to that one counts for both."),
    State.LAPSED: mark(
        "The deadline has passed and every reminder was in vain. It stays on the public list of what is overdue. "
        "The town can still answer, and you can still comment and follow."
    ),
}
ENDINGS: Mapping[Outcome, str] = {
    Outcome.VERIFIED: mark("Those who took part have decided: it is done."),
    Outcome.UNVERIFIED: mark(
        "Too few of those who took part said whether it is done. So this is what the town says, and nobody has confirmed it."
    ),
    Outcome.DECLINED: mark("It stays declined."),
    Outcome.NOT_COMPLETED: mark("Its author was asked to add something and did not. So the town gave no answer."),
}
LATE, WAITING, GOING, DONE, OVER = "late", "waiting", "going", "done", "over"
"""How a state feels: the colour of its mark. Never said by colour alone."""
TONES: Mapping[State, str] = {
    State.COMMITTED: GOING, State.IN_PROGRESS: GOING, State.DELIVERED: GOING, State.ANSWERED: GOING,
    State.VERIFIED: DONE, State.LAPSED: LATE, State.DISPUTED: LATE, State.DECLINED: OVER, State.WITHDRAWN: OVER,
    State.MERGED: OVER, State.CLOSED: OVER,
}  # fmt: skip


def state_words(state: State, outcome: Outcome | None) -> str:
    """What people read for where it stands."""
    if state is State.CLOSED and outcome is not None:
        return gettext(OUTCOME_LABELS[outcome])
    return gettext(STATE_LABELS[state])


def tone(loop: Loop, left: Left | None) -> str:
    return tone_of(loop.state, loop.outcome, left)


def tone_of(state: State, outcome: Outcome | None, left: Left | None) -> str:
    if left is not None and left.late:
        return LATE
    if state is State.CLOSED and outcome is Outcome.VERIFIED:
        return DONE
    return TONES.get(state, WAITING)


def meaning(loop: Loop, answer: Answer | None, settings: FeedbackSettings) -> str:
    if loop.state is State.CLOSED and loop.outcome is not None:
        return gettext(ENDINGS[loop.outcome])
    if loop.state is State.ANSWERED:
        return _answered(loop, answer)
    if loop.state is State.DISPUTED:
        return gettext(APPEALED if loop.appealing else NOT_DONE)
    if loop.state is State.DELIVERED:
        return gettext(ASKED) if loop.asked_at is not None else asked_later(settings.ask_after_days)
    placed = loop.state is State.ACKNOWLEDGED and loop.authority_id is not None
    return gettext(PLACED if placed else MEANINGS[loop.state])


PLACED = mark("The town owes an answer. Next somebody at the authority takes it in hand.")
APPEALED = mark("Somebody appeals against the refusal. Somebody else at the town decides about it.")
NOT_DONE = mark("Those who took part say that it is not done. The town must answer them.")
ASKED = mark("The town says it is done. Those who took part now say whether that is so.")
PROMISE = mark("The town said yes. Next it says who will do what by when.")


def asked_later(days: int) -> str:
    sentence = ngettext(
        "The town says it is done. %(num)s day after the delivery those who took part are asked whether that is so.",
        "The town says it is done. %(num)s days after the delivery those who took part are asked whether that is so.",
        days,
    )
    return sentence % {"num": days}


def _answered(loop: Loop, answer: Answer | None) -> str:
    if loop.asked_at is not None:
        return gettext("The town has answered. Those who took part now say whether it is done.")
    if loop.code in LEADING_TO_WORK:
        return gettext(PROMISE)
    if loop.code is Code.DEFERRED and answer is not None and answer.until is not None:
        return gettext("The town looks at it again after %(date)s.") % {"date": show_date(answer.until)}
    return gettext("The town has answered. Those who took part will be asked whether it is done.")
