"""The result of a poll: after the close for everybody, before it only of an open ballot that shows it live."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.contributions import get_of_kind
from codesign.kit import NotFound, allowed, changes_at, here, is_htmx, keep, page, session, visit_of
from codesign_polls.concluding import quorum_sentence
from codesign_polls.definition import Method, definition_of
from codesign_polls.figures import Figure, figure_of
from codesign_polls.outcome import Outcome, outcome_of
from codesign_polls.polls import Poll, phase_of
from codesign_polls.receipts import KEY_DIGITS
from codesign_polls.so_far import so_far
from codesign_polls.texts import Texts, texts
from codesign_polls.turnout import Turnout, turnout_of
from codesign_polls.wording import show_moment

TEXTS_AT_ONCE = 10
TEXTS_ON_A_PAGE = 50


@dataclass(frozen=True)
class Result:
    """All that the page shows of an outcome."""

    figures: list[Figure]
    turnout: Turnout
    quorum: str
    """Whether enough people voted, as a sentence; "" when any number is enough."""
    quorum_missed: bool
    texts: dict[int, Texts]
    final: bool
    """False while people vote."""


def show(request: Request) -> Response:
    with session(request) as db:
        visit = visit_of(request)
        poll = get_of_kind(db, Poll, request.path_params["id"])
        if poll.hidden:
            return page(request, "contributions/hidden.html", 404, thing=poll)
        changes_at(request, poll.opens_at, poll.closes_at)
        moments = {name: show_moment(getattr(poll, name), visit.chosen.town.zone) for name in ("opens_at", "closes_at")}
        context: dict[str, Any] = {"phase": phase_of(poll, visit.now), "result": _result(request, db, poll), **moments}
        return page(request, "polls/results.html", keep=keep(poll), poll=poll, **context)


def _result(request: Request, db: Session, poll: Poll) -> Result | None:
    """None when there is nothing to see: too early, not counted yet, or too much to count while people vote."""
    if not allowed(request, "polls.results", poll):
        return None
    final = phase_of(poll, visit_of(request).now) == "closed"
    outcome = outcome_of(poll) if final else so_far(db, poll)
    return result_of(db, poll, outcome, final) if outcome is not None else None


def result_of(db: Session, poll: Poll, outcome: Outcome, final: bool) -> Result:
    questions = definition_of(poll.definition).questions
    written = [place for place, question in enumerate(questions) if question.method is Method.TEXT]
    return Result(
        [figure_of(place, question, outcome.tally(place)) for place, question in enumerate(questions)],
        turnout_of(outcome),
        quorum_sentence(outcome, final),
        not outcome.quorum_reached,
        texts(db, poll, written, TEXTS_AT_ONCE) if final else {},
        final,
    )


def answers(request: Request) -> Response:
    """All that people wrote on one question, page by page; htmx gets the further ones alone."""
    with session(request) as db:
        poll, place = get_of_kind(db, Poll, request.path_params["id"]), request.path_params["question"]
        questions = definition_of(poll.definition).questions
        counted = poll.counted_at is not None and allowed(request, "polls.results", poll)
        if not counted or place >= len(questions) or questions[place].method is not Method.TEXT:
            raise NotFound("no answers in words")
        found = texts(db, poll, [place], TEXTS_ON_A_PAGE, _key(request.query_params.get("after", "")))[place]
        context: dict[str, Any] = {
            "found": found,
            "next_url": here(request, after=found.after) if found.after else None,
        }
        if is_htmx(request):
            return page(request, "polls/_texts.html", keep=keep(poll), **context)
        return page(request, "polls/texts.html", keep=keep(poll), poll=poll, question=questions[place], **context)


def _key(typed: str) -> str:
    """A key of the box; "", which stands for the beginning, when it is none."""
    return typed if len(typed) == KEY_DIGITS and not set(typed) - set("0123456789abcdef") else ""


routes: list[BaseRoute] = [
    Route("/{id:int}/results", show, methods=["GET"], name="results"),
    Route("/{id:int}/results/{question:int}", answers, methods=["GET"], name="answers"),
]
