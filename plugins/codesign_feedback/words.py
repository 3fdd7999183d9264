"""What people read for the words of the loop, and what a form says when something is missing."""

from codesign.kit import mark
from codesign_feedback.loop import Code, Outcome, Refusal, State

STATE_LABELS = {
    State.RECEIVED: mark("Received"),
    State.ACKNOWLEDGED: mark("An answer is owed"),
    State.ASSIGNED: mark("Somebody is responsible"),
    State.UNDER_REVIEW: mark("Being worked on"),
    State.ANSWERED: mark("Answered"),
    State.COMMITTED: mark("Promised"),
    State.IN_PROGRESS: mark("In progress"),
    State.DELIVERED: mark("Delivered, says the town"),
    State.VERIFIED: mark("Done, say those who took part"),
    State.CLOSED: mark("Closed"),
    State.RETURNED: mark("Waits for its author"),
    State.TRANSFERRED: mark("Handed to another authority"),
    State.MERGED: mark("Joined to another contribution"),
    State.DECLINED: mark("Declined"),
    State.DISPUTED: mark("Disputed"),
    State.REOPENED: mark("Opened again"),
    State.WITHDRAWN: mark("Withdrawn"),
    State.LAPSED: mark("Never answered"),
}
OUTCOME_LABELS = {
    Outcome.VERIFIED: mark("Closed: done, say those who took part"),
    Outcome.UNVERIFIED: mark("Closed: too few said whether it is done"),
    Outcome.DECLINED: mark("Closed: declined"),
    Outcome.NOT_COMPLETED: mark("Closed: its author did not complete it"),
}
CODE_LABELS = {
    Code.ACCEPTED_AS_IS: mark("Yes, as proposed"),
    Code.ACCEPTED_MODIFIED: mark("Yes, with changes"),
    Code.PARTIALLY: mark("Yes, in part"),
    Code.SOLVED_ALREADY: mark("It is solved already"),
    Code.SOLVE_DIFFERENTLY: mark("It will be solved in another way"),
    Code.FORWARDED: mark("Forwarded to who can decide it"),
    Code.DEFERRED: mark("Not now: it is looked at again later"),
    Code.DECLINED: mark("No"),
}
REFUSAL_LABELS = {
    Refusal.NOT_COMPETENT: mark("The town may not decide this"),
    Refusal.ILLEGAL: mark("It would be against the law"),
    Refusal.NO_BUDGET: mark("There is no money for it"),
    Refusal.INFEASIBLE: mark("It cannot be done"),
    Refusal.DUPLICATE: mark("It has been decided with another contribution"),
    Refusal.HARMFUL_TO_OTHERS: mark("It would harm others"),
    Refusal.NOT_SUPPORTED_BY_EVIDENCE: mark("What is known speaks against it"),
    Refusal.OTHER: mark("Another reason"),
}
MISSING = {
    "authority": mark("Choose which authority is responsible."),
    "code": mark("Choose what is decided."),
    "deliverable": mark("Write what will be there when it is done."),
    "due_on": mark("Give the day by which it will be done."),
    "owner": mark("Write who will do it."),
    "refusal": mark("Choose why it is declined."),
    "solved": mark("Say whether it is done."),
    "text": mark("Write the reason: everybody concerned reads it."),
}
