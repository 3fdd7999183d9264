"""The page of a case for officials: the contribution, its fate, who took part, notes, and what can be done now."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.contributions import Contribution, touch
from codesign.kit import (
    NotFound,
    absolute,
    allowed,
    gettext,
    page,
    redirect,
    require,
    session,
    typed,
    visit_of,
)
from codesign_feedback.actions import actions, appeal_blocked
from codesign_feedback.cases import Case, case_of, get_case, official_of, possible, rules_here, visible
from codesign_feedback.drafts import draft_of
from codesign_feedback.fate import fate_of
from codesign_feedback.handling import give_to, review
from codesign_feedback.loops import loop_of
from codesign_feedback.notes import add_note, notes_of
from codesign_feedback.official_forms import NoteForm
from codesign_feedback.opening import take_up
from codesign_feedback.reminders import reminders_of
from codesign_feedback.similar import similar_waiting
from codesign_feedback.telling import tell
from codesign_feedback.voices import Appeal, Receipt, Reply

SHOWN = 50
"""Appeals, and comments of those who replied: the last so many."""


def show(request: Request) -> Response:
    """Residents are sent to the page that is for them."""
    with session(request) as db:
        thing = visible(request, db, request.path_params["id"])
        if not allowed(request, "feedback.inbox"):
            return redirect(request, thing.url)
        if loop_of(db, thing.id) is None:
            return _untaken(request, thing)
        return _page(request, db, case_of(request, db, thing.id, "feedback.inbox"), NoteForm())


def save_note(request: Request) -> Response:
    with session(request) as db:
        case = get_case(request, db, "feedback.note")
        form = NoteForm(typed(request)).translate()
        if not form.validate():
            return _page(request, db, case, form, 422)
        add_note(db, case.thing.id, official_of(request), form.note.data, visit_of(request).now)
        return redirect(request, f"{case.url}#notes", gettext("The note is there. Only officials can read it."))


def take(request: Request) -> Response:
    """Have it in hand from now on; and begin with it, when it is clear which authority is responsible."""
    with session(request) as db:
        case, actor = get_case(request, db, "feedback.review"), official_of(request)
        give_to(db, case.loop, actor)
        touch(case.thing)
        if "review" in possible(case, actor) and case.loop.authority_id is not None:
            tell(request, db, review(db, case.loop, case.thing, actor, case.rules, visit_of(request).now))
        return redirect(request, case.url, gettext("You have it in hand now."))


def save_take_up(request: Request) -> Response:
    with session(request) as db:
        thing = visible(request, db, request.path_params["id"])
        require(request, "feedback.take_up", thing)
        opened = take_up(db, thing, rules_here(request, db), visit_of(request).now, absolute(request, thing.url))
        tell(request, db, *opened)
        return redirect(
            request, f"/feedback/{thing.id}", gettext("It is taken up. From now on the town owes an answer.")
        )


def _untaken(request: Request, thing: Contribution) -> Response:
    if thing.ANSWERABLE is None:
        raise NotFound("not answered by the town")
    return page(request, "feedback/untaken.html", thing=thing)


def _page(request: Request, db: Session, case: Case, form: NoteForm, status: int = 200) -> Response:
    actor, thing, now = official_of(request), case.thing, visit_of(request).now
    fate = fate_of(db, thing, actor, now)
    assert fate is not None
    primary, others = actions(case, actor, any(one.left is not None for one in fate.promises))
    shown: dict[str, Any] = {
        "case": case,
        "thing": thing,
        "fate": fate,
        "primary": primary,
        "others": others,
        "blocked": appeal_blocked(case, actor),
        "draft": draft_of(db, thing.id, actor),
        "notes": notes_of(db, thing.id),
        "reminders": reminders_of(db, thing.id),
        "similar": similar_waiting(db, thing, visit_of(request).kinds) if "answer" in possible(case, actor) else [],
    }
    return page(request, "feedback/item.html", status, form=form.translate(), **shown, **_voices(db, thing.id))


def _voices(db: Session, id: int) -> dict[str, Any]:
    """What people said to the answer, and how many were helped who have no account."""
    appeals = db.scalars(select(Appeal).where(Appeal.contribution_id == id).order_by(Appeal.id.desc()).limit(SHOWN))
    said = select(Reply.solved, Reply.comment, Reply.at).where(Reply.contribution_id == id, Reply.comment != "")
    helped = select(func.count()).where(Receipt.contribution_id == id, Receipt.user_id.is_(None))
    return {
        "appeals": list(appeals),
        "said": db.execute(said.order_by(Reply.id.desc()).limit(SHOWN)).all(),
        "helped": db.scalars(helped).one(),
    }


routes: list[BaseRoute] = [
    Route("/{id:int}", show, methods=["GET"]),
    Route("/{id:int}/notes", save_note, methods=["POST"]),
    Route("/{id:int}/take", take, methods=["POST"]),
    Route("/{id:int}/take-up", save_take_up, methods=["POST"]),
]
