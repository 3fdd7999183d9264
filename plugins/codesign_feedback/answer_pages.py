"""Writing the official answer: one screen, drafts that lose nothing, and no answer over somebody else's."""

from dataclasses import replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.authorities import authorities
from codesign.core.users import User
from codesign.kit import Invalid, Occurrence, gettext, page, redirect, session, typed, value, visit_of
from codesign_feedback import answering, committing
from codesign_feedback.answer_form import AnswerForm
from codesign_feedback.answers import Answer
from codesign_feedback.cases import Case, get_case, official_of
from codesign_feedback.drafts import discard_draft, draft_of, kept_in, save_draft
from codesign_feedback.fate import fate_of
from codesign_feedback.telling import tell

NEVER_KEPT = frozenset({"seen", "do", "id", "item"})
"""Fields that are no part of what somebody writes."""


def write(request: Request) -> Response:
    with session(request) as db:
        case = get_case(request, db, "feedback.answer")
        draft = draft_of(db, case.thing.id, official_of(request))
        form = (
            AnswerForm(kept_in(draft)) if draft else AnswerForm(data={"authority": str(case.loop.authority_id or "")})
        )
        form.seen.data = str(last_answer(db, case.thing.id))
        return _page(request, db, case, form)


def save(request: Request) -> Response:
    with session(request) as db:
        case, actor = get_case(request, db, "feedback.answer"), official_of(request)
        if value(request, "do") == "draft":
            return _keep_draft(request, db, case, actor)
        form = AnswerForm(typed(request)).translate(authorities(db))
        if not form.validate():
            return _page(request, db, case, form, 422)
        last = last_answer(db, case.thing.id)
        if form.seen.data != str(last):
            return _page(request, db, case, form.overtaken(str(last), _whose(db, last)), 409)
        try:
            with db.begin_nested():
                occurrences = give(db, case, actor, form, visit_of(request).now)
        except Invalid as error:
            form.refuse(error)
            return _page(request, db, case, form, 422)
        tell(request, db, *occurrences)
        return redirect(request, case.url, gettext("The answer is published. Everybody who took part gets it at once."))


def discard(request: Request) -> Response:
    with session(request) as db:
        case = get_case(request, db, "feedback.answer")
        discard_draft(db, case.thing.id, official_of(request))
        return redirect(request, case.url, gettext("The draft is gone."))


def give(db: Session, case: Case, actor: User, form: AnswerForm, now: Any) -> list[Occurrence]:
    """The answer, and the promise when there is one. Raises Invalid, naming the field."""
    loop, thing, rules, promise = case.loop, case.thing, case.rules, form.promise
    answered = answering.answer(db, loop, thing, actor, form.decision, rules, now)
    if promise is None:
        return [answered]
    committed = committing.commit(
        db, loop, thing, actor, promise.owner, promise.due_on, promise.deliverable, rules, now
    )
    promised = {name: committed.data[name] for name in ("owner", "due_on", "deliverable")}
    return [replace(answered, data={**answered.data, "promise": promised}), committed]


def last_answer(db: Session, contribution_id: int) -> int:
    """The id of the last answer, 0 before the first: who answers meanwhile makes another one."""
    return db.scalar(select(func.max(Answer.id)).where(Answer.contribution_id == contribution_id)) or 0


def written_fields(request: Request) -> dict[str, list[str]]:
    """What was typed into the form of an answer."""
    return {name: values for name, values in typed(request).values.items() if name not in NEVER_KEPT}


def _keep_draft(request: Request, db: Session, case: Case, actor: User) -> Response:
    save_draft(db, case.thing.id, actor, written_fields(request), visit_of(request).now)
    return redirect(request, f"{case.url}/answer", gettext("The draft is saved. Only you can see it."))


def _whose(db: Session, answer_id: int) -> str:
    answer = db.get(Answer, answer_id)
    return answer.author.name if answer is not None else ""


def _page(request: Request, db: Session, case: Case, form: AnswerForm, status: int = 200) -> Response:
    actor = official_of(request)
    shown: dict[str, Any] = {
        "case": case,
        "thing": case.thing,
        "fate": fate_of(db, case.thing, actor, visit_of(request).now),
        "draft": draft_of(db, case.thing.id, actor),
    }
    return page(request, "feedback/answer.html", status, form=form.translate(authorities(db)), **shown)


routes: list[BaseRoute] = [
    Route("/{id:int}/answer", write, methods=["GET"]),
    Route("/{id:int}/answer", save, methods=["POST"]),
    Route("/{id:int}/answer/discard", discard, methods=["POST"]),
]
