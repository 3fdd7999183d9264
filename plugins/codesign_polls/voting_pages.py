"""Voting: the ballot paper, a look at it before it is cast, and the receipt."""

from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.contributions import get_of_kind
from codesign.kit import (
    Forbidden,
    NotFound,
    gettext,
    is_htmx,
    page,
    require,
    session,
    typed,
    value,
    visit_of,
)
from codesign_polls.ballots import AlreadyVoted, cast, has_voted, my_ballot, require_open, voter_of, voter_of_code
from codesign_polls.codes import find_code
from codesign_polls.definition import definition_of
from codesign_polls.eligibility import requirements, why_not
from codesign_polls.paper import Part, empty_paper, filled_in, moved, paper_of
from codesign_polls.pictures import pictures_of
from codesign_polls.polls import Poll, phase_of
from codesign_polls.wording import show_moment

ONCE = {"Cache-Control": "no-store"}
"""For pages that nobody who comes to this browser later shall find in it."""
LATE, VOTED = 403, 409


def show(request: Request) -> Response:
    with session(request) as db:
        poll = visible_poll(request, db)
        with_code = _with_code(poll, request.query_params.get("by") == "code")
        stop = _stop(request, db, poll, with_code)
        return _once(stop or _begun(request, db, poll, with_code))


def _with_code(poll: Poll, asked: bool) -> bool:
    """Whether this ballot is cast with a one-time code: because somebody has one, or because nobody votes otherwise."""
    return poll.by_code and (asked or not poll.by_account)


def _stop(request: Request, db: Session, poll: Poll, with_code: bool) -> Response | None:
    """The page that says why there is no ballot paper, if there is none: too early, too late, voted, not for them."""
    visit = visit_of(request)
    if phase_of(poll, visit.now) != "open" or (visit.actor is None and not with_code):
        return _no_ballot(request, db, poll)
    if with_code or visit.actor is None:
        return None
    if poll.secret and has_voted(db, poll, voter_of(visit.actor)):
        return _no_ballot(request, db, poll, voted=True)
    if sentence := why_not(db, poll, visit.actor):
        return _no_ballot(request, db, poll, sentence=sentence)
    return None


def _no_ballot(
    request: Request, db: Session, poll: Poll, status: int = 200, sentence: str = "", voted: bool = False,
    with_code: bool = False,
) -> Response:  # fmt: skip
    return page(
        request, "polls/no_ballot.html", status, poll=poll, phase=phase_of(poll, visit_of(request).now),
        requirements=requirements(db, poll), sentence=sentence, voted=voted, with_code=with_code,
        **moments(request, poll),
    )  # fmt: skip


def _begun(request: Request, db: Session, poll: Poll, with_code: bool) -> Response:
    """An empty paper, or in an open vote the ballot that one has cast."""
    definition, actor = definition_of(poll.definition), visit_of(request).actor
    before = my_ballot(db, poll, voter_of(actor)) if actor and not with_code and not poll.secret else None
    parts = empty_paper(definition) if before is None else paper_of(definition, before)
    return _paper(request, db, poll, parts, with_code, changing=before is not None)


def fill(request: Request) -> Response:
    """Everything that is sent from a ballot paper: a moved option, a look before casting, and casting itself."""
    with session(request) as db:
        poll = visible_poll(request, db)
        try:
            require_open(poll, visit_of(request).now)
        except Forbidden as late:
            return _once(_no_ballot(request, db, poll, LATE, str(late)))
        return _once(_filled(request, db, poll))


def _filled(request: Request, db: Session, poll: Poll) -> Response:
    sent = typed(request)
    parts, with_code = filled_in(definition_of(poll.definition), sent), _with_code(poll, "code" in sent)
    if move := value(request, "move"):
        return _moved(request, db, poll, parts, move, with_code)
    digest = find_code(db, poll, value(request, "code")) if with_code else None
    problem = "" if digest or not with_code else _wrong_code(value(request, "code"))
    if problem or any(part.problem for part in parts) or value(request, "step") == "edit":
        return _paper(request, db, poll, parts, with_code, problem)
    if digest:
        return _decide(request, db, poll, parts, voter_of_code(digest), None)
    require(request, "polls.vote", poll)
    actor = visit_of(request).actor
    assert actor is not None
    if sentence := why_not(db, poll, actor):
        return _no_ballot(request, db, poll, LATE, sentence)
    return _decide(request, db, poll, parts, voter_of(actor), actor.id)


def _wrong_code(code: str) -> str:
    if not code.strip():
        return gettext("Write the code that stands on your paper.")
    return gettext("There is no such code for this vote. Compare it with your paper, letter by letter.")


def _moved(request: Request, db: Session, poll: Poll, parts: list[Part], move: str, with_code: bool) -> Response:
    """The paper with another order; to a script only the question that it is about."""
    count, (parts, part) = len(parts), moved(parts, move)
    if part is None or not is_htmx(request):
        return _paper(request, db, poll, parts, with_code)
    return page(request, "polls/_part.html", poll=poll, part=part, pictures=pictures_of(db, poll), count=count)


def _decide(request: Request, db: Session, poll: Poll, parts: list[Part], voter: str, user_id: int | None) -> Response:
    """Casting, or the look before it."""
    if poll.secret and has_voted(db, poll, voter):
        return _no_ballot(request, db, poll, VOTED, voted=True, with_code=user_id is None)
    if value(request, "step") == "cast":
        return _cast(request, db, poll, parts, voter, user_id)
    fields = [pair for part in parts for pair in part.fields]
    fields += [("code", value(request, "code"))] if user_id is None else []
    return page(request, "polls/review.html", poll=poll, parts=parts, fields=fields, blank=_blank(parts))


def _blank(parts: list[Part]) -> int:
    return sum(part.blank for part in parts)


def _cast(request: Request, db: Session, poll: Poll, parts: list[Part], voter: str, user_id: int | None) -> Response:
    answers = [part.answer for part in parts]
    try:
        receipt = cast(db, poll, voter, user_id, answers, visit_of(request).now)
    except AlreadyVoted:
        return _no_ballot(request, db, poll, VOTED, voted=True, with_code=user_id is None)
    except Forbidden as late:  # counted while this ballot was on its way
        return _no_ballot(request, db, poll, LATE, str(late))
    return page(request, "polls/receipt.html", poll=poll, receipt=receipt, **moments(request, poll))


def _paper(
    request: Request, db: Session, poll: Poll, parts: list[Part], with_code: bool, problem: str = "",
    changing: bool | None = None,
) -> Response:  # fmt: skip
    if changing is None:
        actor = None if poll.secret or with_code else visit_of(request).actor
        changing = actor is not None and has_voted(db, poll, voter_of(actor))
    return page(
        request,
        "polls/ballot.html",
        422 if problem or any(part.problem for part in parts) else 200,
        poll=poll,
        parts=parts,
        with_code=with_code,
        pictures=pictures_of(db, poll),
        code=value(request, "code") if request.method == "POST" else "",
        code_problem=problem,
        changing=changing,
        **moments(request, poll),
    )


def moments(request: Request, poll: Poll) -> dict[str, Any]:
    """When it opens and closes, in words."""
    zone = visit_of(request).chosen.town.zone
    return {"opens": show_moment(poll.opens_at, zone), "closes": show_moment(poll.closes_at, zone)}


def _once(response: Response) -> Response:
    response.headers.update(ONCE)
    return response


def visible_poll(request: Request, db: Session) -> Poll:
    """The poll of the URL. Raises NotFound, also when a moderator has hidden it."""
    poll = get_of_kind(db, Poll, request.path_params["id"])
    if poll.hidden:
        raise NotFound("hidden")
    return poll


routes: list[BaseRoute] = [
    Route("/{id:int}/ballot", show, methods=["GET"]),
    Route("/{id:int}/ballot", fill, methods=["POST"]),
]
