"""A case: a contribution that is owed an answer, as officials have it before them."""

from dataclasses import dataclass

from sqlalchemy.orm import Session
from starlette.requests import Request

from codesign.core.contributions import Contribution, get_contribution
from codesign.core.users import User
from codesign.kit import NotFound, require, visit_of
from codesign_feedback.loop import LEADING_TO_WORK, STEPS, By, State
from codesign_feedback.loops import Loop, get_loop
from codesign_feedback.rules import NAME, Rules, made_of
from codesign_feedback.steps import may

SAFE = {"GET", "HEAD"}
BY_HAND = (By.OFFICIAL, By.OTHER_OFFICIAL)


@dataclass(frozen=True)
class Case:
    loop: Loop
    thing: Contribution
    rules: Rules

    @property
    def url(self) -> str:
        return f"/feedback/{self.thing.id}"


def get_case(request: Request, db: Session, action: str) -> Case:
    """The case of the URL, held when it is about to change. Raises NotFound, also while a moderator hides it, and
    Forbidden."""
    return case_of(request, db, request.path_params["id"], action)


def case_of(request: Request, db: Session, id: int, action: str) -> Case:
    # The contribution first, as a vote does that brings about a step: in one order nobody waits in a circle.
    thing = visible(request, db, id)
    require(request, action, thing)
    loop = get_loop(db, thing.id, request.method not in SAFE)
    return Case(loop, thing, rules_here(request, db))


def visible(request: Request, db: Session, id: int) -> Contribution:
    """A contribution that readers see. Raises NotFound."""
    thing = get_contribution(db, visit_of(request).kinds, id, request.method not in SAFE)
    if thing.hidden:
        raise NotFound("hidden")
    return thing


def rules_here(request: Request, db: Session) -> Rules:
    chosen = visit_of(request).chosen
    return made_of(db, chosen.town.zone, chosen.settings.get(NAME, {}))


def official_of(request: Request) -> User:
    """Who acts, on a page that only officials reach."""
    actor: User | None = visit_of(request).actor
    assert actor is not None
    return actor


def possible(case: Case, actor: User) -> frozenset[str]:
    """The verbs of the steps that this official can take by hand now."""
    loop = case.loop
    found = {
        step.verb
        for step in STEPS.values()
        if step.by in BY_HAND and loop.state in step.before and may(step, actor, loop, case.thing)
        and loop.appealing == (step.by is By.OTHER_OFFICIAL)
    }  # fmt: skip
    if loop.extended or loop.clock != "answer":
        found.discard("extend")
    if case.thing.author_id is None:
        found.discard("return")
    if loop.asked_at is not None:
        found -= {"answer", "decline"}
    if loop.state is State.ANSWERED and loop.code not in LEADING_TO_WORK:
        found.discard("commit")
    return frozenset(found)
