"""What an official can do with a case now: the one thing that is to be done next, and all others."""

from dataclasses import dataclass

from codesign.core.users import User
from codesign.kit import gettext, mark
from codesign_feedback.cases import Case, possible
from codesign_feedback.loop import ANSWERABLE, LEADING_TO_WORK, OVER, State


@dataclass(frozen=True)
class Action:
    label: str
    href: str
    posts: bool = False
    """A button that sends a form without fields; the others lead to a page."""


PAGES = {
    "uphold": ("decide", mark("Decide the appeal")),
    "answer": ("answer", mark("Write the official answer")),
    "commit": ("commit", mark("Promise who does what by when")),
    "deliver": ("deliver", mark("Say that it is delivered")),
    "progress": ("progress", mark("Give news of the work")),
    "assign": ("assign", mark("Say who is responsible")),
    "transfer": ("transfer", mark("Hand over to another authority")),
    "return": ("return", mark("Ask the author to add something")),
    "extend": ("extend", mark("Take more time, with a reason")),
}
"""The page of each step, in the order in which they come: the first that is possible is what is to be done next."""
NEXT = {
    State.COMMITTED: ("deliver", "progress"),
    State.IN_PROGRESS: ("deliver", "progress"),
    State.ANSWERED: ("commit",),
}
"""In other states: the appeal, then the answer."""


def actions(case: Case, actor: User, promises_left: bool) -> tuple[Action | None, list[Action]]:
    """The primary one, and the rest in order. `promises_left`: there is something to deliver."""
    can = set(possible(case, actor))
    if not promises_left:
        can.discard("deliver")
    if case.loop.state is State.UNDER_REVIEW or case.loop.state is State.DISPUTED:
        can.discard("assign")
    wanted = NEXT.get(case.loop.state, ("uphold", "answer"))
    first = next((verb for verb in wanted if verb in can), "")
    rest = [_action(case, verb) for verb in PAGES if verb in can and verb != first]
    return (_action(case, first) if first else None), [*_taking(case, actor), *rest, _receipt(case)]


def appeal_blocked(case: Case, actor: User) -> str:
    """Why this official cannot decide the appeal that is open; "" when they can, or there is none."""
    if not case.loop.appealing or "uphold" in possible(case, actor):
        return ""
    return gettext("You gave the answer that is appealed against. Somebody else at the town must decide the appeal.")


def can_take(case: Case, actor: User) -> bool:
    """Whether they may have it in hand: as long as the town has something to do."""
    busy = ANSWERABLE | {State.ANSWERED, State.COMMITTED, State.IN_PROGRESS, State.RETURNED}
    return case.loop.state in busy - OVER and case.loop.owner_id != actor.id


def owes_promise(case: Case) -> bool:
    return case.loop.state is State.ANSWERED and case.loop.code in LEADING_TO_WORK


def _taking(case: Case, actor: User) -> list[Action]:
    return [Action(gettext("Take it myself"), f"{case.url}/take", posts=True)] if can_take(case, actor) else []


def _receipt(case: Case) -> Action:
    return Action(gettext("Hand out a receipt"), f"{case.url}/receipts")


def _action(case: Case, verb: str) -> Action:
    path, label = PAGES[verb]
    return Action(gettext(label), f"{case.url}/{path}")
