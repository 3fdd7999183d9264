"""The loop: every state of a contribution that is owed an answer, and every step from one to another, as one table.

Source: the process described in docs and research as "closing the loop": 30 days for an official answer and coded
decisions (rahvaalgatus.ee), the question "is it done?" four weeks after delivery (FixMyStreet), appeals decided by
somebody else (Kazakhstan's administrative code). The authority alone can never reach VERIFIED.
"""

import enum
from dataclasses import dataclass

from codesign.kit import mark


class State(enum.StrEnum):
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    UNDER_REVIEW = "under_review"
    ANSWERED = "answered"
    COMMITTED = "committed"
    IN_PROGRESS = "in_progress"
    DELIVERED = "delivered"
    VERIFIED = "verified"
    CLOSED = "closed"
    RETURNED = "returned"
    """To its author, who is asked to complete it."""
    TRANSFERRED = "transferred"
    """To another authority, which has not taken it up yet."""
    MERGED = "merged"
    DECLINED = "declined"
    DISPUTED = "disputed"
    """Residents say it is not done, or appeal against the refusal."""
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """Nobody answered, and nobody is left to remind. An answer is still possible."""


class Outcome(enum.StrEnum):
    """How a closed one has ended."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    """Too few of those who took part said whether it is done."""
    DECLINED = "declined"
    NOT_COMPLETED = "not_completed"
    """Its author was asked to complete it and did not."""


class Code(enum.StrEnum):
    """What an official answer decides."""

    ACCEPTED_AS_IS = "accepted_as_is"
    ACCEPTED_MODIFIED = "accepted_modified"
    SOLVED_ALREADY = "solved_already"
    SOLVE_DIFFERENTLY = "solve_differently"
    FORWARDED = "forwarded"
    PARTIALLY = "partially"
    DEFERRED = "deferred"
    DECLINED = "declined"


class Refusal(enum.StrEnum):
    """Why something is declined."""

    NOT_COMPETENT = "not_competent"
    ILLEGAL = "illegal"
    NO_BUDGET = "no_budget"
    INFEASIBLE = "infeasible"
    DUPLICATE = "duplicate"
    HARMFUL_TO_OTHERS = "harmful_to_others"
    NOT_SUPPORTED_BY_EVIDENCE = "not_supported_by_evidence"
    OTHER = "other"


class By(enum.StrEnum):
    """Who may take a step."""

    CLOCK = "clock"
    """Nobody by hand: another event or time brings it about."""
    OFFICIAL = "official"
    OTHER_OFFICIAL = "other_official"
    """An official, but not the one whose answer it is about."""
    AUTHOR = "author"
    PARTICIPANT = "participant"
    """Who wrote it, commented or voted on it, either way."""


class Circle(enum.StrEnum):
    """Who hears of a step."""

    AUTHOR = "author"
    PARTICIPANTS = "participants"
    """Who commented or voted, either way, and whoever else the kind says took part."""
    ASKED = "asked"
    """The author and the participants, but for those who speak for the town: they do not say whether it is done."""
    FOLLOWERS = "followers"
    """Of the contribution, its topic, its life situation and the authority."""
    HELPERS = "helpers"
    """Officials who handed out a receipt for it, for the people they helped."""
    OWNER = "owner"
    """Who has it in hand; without an owner everybody at the authority; without an authority the administrators."""
    FORMER = "former"
    """Who had it in hand before it was handed over."""
    HEAD = "head"
    """Who heads the authority; without one the administrators."""
    ADMINISTRATORS = "administrators"


S = State
PUBLIC = (Circle.AUTHOR, Circle.PARTICIPANTS, Circle.FOLLOWERS, Circle.HELPERS)
ANSWERABLE = frozenset({S.ACKNOWLEDGED, S.ASSIGNED, S.UNDER_REVIEW, S.TRANSFERRED, S.REOPENED, S.DISPUTED, S.LAPSED})
"""An official answer is owed."""
OPEN = ANSWERABLE | {S.RECEIVED, S.RETURNED, S.ANSWERED, S.COMMITTED, S.IN_PROGRESS, S.DELIVERED, S.DECLINED}
"""Something is still to happen."""
OVER = frozenset({S.CLOSED, S.MERGED, S.WITHDRAWN})
ANY = frozenset(State)
IN_HAND = ANSWERABLE - {S.DISPUTED, S.LAPSED}
"""The answer is being prepared, and its clock runs."""
LEADING_TO_WORK = frozenset({Code.ACCEPTED_AS_IS, Code.ACCEPTED_MODIFIED, Code.PARTIALLY})
"""The authority then owes a commitment. After any other, but a deferral or refusal, people are asked at once."""
AFTER_ANSWER: dict[Code, str] = {
    **dict.fromkeys(LEADING_TO_WORK, "commitment"),
    **dict.fromkeys((Code.SOLVED_ALREADY, Code.SOLVE_DIFFERENTLY, Code.FORWARDED), "ask"),
    Code.DEFERRED: "deferral",
}
"""Which clock the answer starts, by what it decides; a refusal starts the one of its step."""


@dataclass(frozen=True)
class Step:
    """One step. Its permission is `feedback.<verb>`, its event `feedback.<event>`, its letter `feedback/mail/<event>`."""

    verb: str
    event: str
    before: frozenset[State]
    after: State | None
    """None: the state stays."""
    by: By
    needs: tuple[str, ...] = ()
    """Fields that must not be empty."""
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    """Names of clocks, see `codesign_feedback.clocks`; "*" stops all."""
    told: tuple[Circle, ...] = ()
    at_once: bool = False
    """An official answer: by a letter of its own."""
    says: str = ""
    """In timelines and feeds; without it the step is not public."""


STEPS: dict[str, Step] = {
    step.verb: step
    for step in (
        Step("receive", "received", frozenset(), S.RECEIVED, By.CLOCK, says=mark("Received")),
        Step("acknowledge", "acknowledged", frozenset({S.RECEIVED}), S.ACKNOWLEDGED, By.CLOCK,
             starts=("transfer", "answer"), told=(Circle.FOLLOWERS, Circle.OWNER),
             says=mark("The town has confirmed that it owes an answer")),
        Step("assign", "assigned", IN_HAND - {S.UNDER_REVIEW}, S.ASSIGNED, By.OFFICIAL,
             needs=("authority",), stops=("transfer",), told=(Circle.AUTHOR, Circle.OWNER),
             says=mark("Somebody at the town is responsible")),
        Step("transfer", "transferred", IN_HAND, S.TRANSFERRED, By.OFFICIAL, needs=("authority", "text"),
             starts=("transfer",), told=(Circle.AUTHOR, Circle.OWNER, Circle.FORMER), says=mark("Handed over to another authority")),
        Step("review", "review_begun", IN_HAND - {S.UNDER_REVIEW}, S.UNDER_REVIEW, By.OFFICIAL,
             needs=("authority",), stops=("transfer",), says=mark("Work on the answer has begun")),
        Step("return", "returned", frozenset({S.ACKNOWLEDGED, S.ASSIGNED, S.UNDER_REVIEW}), S.RETURNED, By.OFFICIAL,
             needs=("text",), starts=("complete",), stops=("transfer", "answer"), told=(Circle.AUTHOR, Circle.HELPERS),
             says=mark("The author is asked to add something")),
        Step("complete", "completed", frozenset({S.RETURNED}), S.UNDER_REVIEW, By.AUTHOR, needs=("text",),
             starts=("answer",), stops=("complete",), told=(Circle.OWNER,), says=mark("The author has added something")),
        Step("extend", "extended", IN_HAND, None, By.OFFICIAL, needs=("text",), told=PUBLIC,
             says=mark("The town needs more time")),
        Step("answer", "answered", ANSWERABLE | {S.ANSWERED}, S.ANSWERED, By.OFFICIAL,
             needs=("code", "text", "authority"), stops=("*",), told=PUBLIC, at_once=True,
             says=mark("Official answer")),
        Step("decline", "declined", ANSWERABLE | {S.ANSWERED}, S.DECLINED, By.OFFICIAL,
             needs=("refusal", "text", "authority"), starts=("appeal",), stops=("*",), told=PUBLIC, at_once=True,
             says=mark("Official answer: declined")),
        Step("resume", "resumed", frozenset({S.ANSWERED}), S.UNDER_REVIEW, By.CLOCK, starts=("answer",),
             stops=("deferral",), told=(*PUBLIC, Circle.OWNER), says=mark("The time of the deferral is over")),
        Step("commit", "committed", frozenset({S.ANSWERED, S.COMMITTED, S.IN_PROGRESS, S.DISPUTED}), S.COMMITTED,
             By.OFFICIAL, needs=("owner", "due_on", "deliverable"), starts=("progress",),
             stops=("commitment", "dispute"), told=PUBLIC, says=mark("The town commits itself")),
        Step("progress", "in_progress", frozenset({S.COMMITTED, S.IN_PROGRESS}), S.IN_PROGRESS, By.OFFICIAL,
             needs=("text",), starts=("progress",), told=PUBLIC, says=mark("News of the work")),
        Step("deliver", "delivered", frozenset({S.COMMITTED, S.IN_PROGRESS}), S.DELIVERED, By.OFFICIAL,
             needs=("text",), starts=("ask",), stops=("progress", "delivery"), told=PUBLIC, says=mark("Delivered")),
        Step("ask", "asked", frozenset({S.ANSWERED, S.DELIVERED}), None, By.CLOCK, starts=("replies",), stops=("ask",),
             told=(Circle.ASKED, Circle.HELPERS), says=mark("Those who took part are asked: is it done?")),
        Step("ask_again", "asked_again", frozenset({S.ANSWERED, S.DELIVERED}), None, By.CLOCK, starts=("replies_again",),
             stops=("replies",), told=(Circle.ASKED, Circle.HELPERS),
             says=mark("Those who took part are asked once more: is it done?")),
        Step("reply", "reply", frozenset({S.ANSWERED, S.DELIVERED}), None, By.PARTICIPANT, needs=("solved",)),
        Step("verify", "verified", frozenset({S.ANSWERED, S.DELIVERED}), S.VERIFIED, By.CLOCK, starts=("close",),
             stops=("*",), told=(*PUBLIC, Circle.OWNER), says=mark("Those who took part say: it is done")),
        Step("dispute", "disputed", frozenset({S.ANSWERED, S.DELIVERED}), S.DISPUTED, By.CLOCK, starts=("dispute",),
             stops=("*",), told=(*PUBLIC, Circle.OWNER), says=mark("Those who took part say: it is not done")),
        Step("close", "closed", frozenset({S.ANSWERED, S.DELIVERED, S.VERIFIED, S.DECLINED, S.RETURNED}),
             S.CLOSED, By.CLOCK, stops=("*",), told=PUBLIC, says=mark("Closed")),
        Step("appeal", "appealed", frozenset({S.DECLINED}), S.DISPUTED, By.PARTICIPANT, needs=("text",),
             starts=("appeal_answer",), stops=("appeal",), told=(Circle.AUTHOR, Circle.HEAD, Circle.OWNER),
             says=mark("Somebody appeals against the refusal")),
        Step("uphold", "upheld", frozenset({S.DISPUTED}), S.CLOSED, By.OTHER_OFFICIAL, needs=("text",), stops=("*",),
             told=PUBLIC, at_once=True, says=mark("The appeal was decided: it stays declined")),
        Step("grant", "granted", frozenset({S.DISPUTED}), S.REOPENED, By.OTHER_OFFICIAL, needs=("text",),
             starts=("answer",), stops=("*",), told=(*PUBLIC, Circle.OWNER), at_once=True,
             says=mark("The appeal was decided: it will be answered anew")),
        Step("reopen", "reopened", frozenset({S.VERIFIED, S.CLOSED}), S.REOPENED, By.PARTICIPANT, needs=("text",),
             starts=("answer",), stops=("*",), told=(*PUBLIC, Circle.OWNER), says=mark("Opened again by those who took part")),
        Step("withdraw", "withdrawn", OPEN, S.WITHDRAWN, By.CLOCK, stops=("*",), told=(Circle.OWNER,),
             says=mark("Withdrawn by its author")),
        Step("merge", "merged", OPEN, S.MERGED, By.CLOCK, stops=("*",), told=(Circle.OWNER,),
             says=mark("Joined to another contribution")),
        Step("lapse", "lapsed", ANSWERABLE - {S.LAPSED}, S.LAPSED, By.CLOCK, stops=("*",),
             told=(*PUBLIC, Circle.OWNER, Circle.ADMINISTRATORS), says=mark("No answer came")),
        # What the ladders of the clocks say (codesign_feedback/clocks.py); nothing about the contribution changes.
        Step("remind", "reminded", ANY, None, By.CLOCK, told=(Circle.OWNER,), at_once=True),
        Step("remind_author", "author_reminded", frozenset({S.RETURNED}), None, By.CLOCK, told=(Circle.AUTHOR,)),
        Step("escalate", "escalated", ANY, None, By.CLOCK, told=(Circle.HEAD,), at_once=True),
        Step("publish_overdue", "overdue", ANY, None, By.CLOCK, told=(Circle.ADMINISTRATORS, Circle.HEAD), at_once=True,
             says=mark("Overdue: now on the public list")),
    )
}  # fmt: skip
BY_EVENT: dict[str, Step] = {f"feedback.{step.event}": step for step in STEPS.values()}
