"""After a yes: promising something, news of the work, and what shows that it is done."""

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.files import attach
from codesign.core.users import User
from codesign.kit import Invalid, Occurrence, TownForm, gettext, page, redirect, session, typed, visit_of
from codesign_feedback.answers import Commitment
from codesign_feedback.cases import Case, get_case, official_of
from codesign_feedback.committing import Evidence, commit, commitments_of, deliver, get_commitment, report
from codesign_feedback.official_forms import CommitForm, DeliverForm, TextForm
from codesign_feedback.telling import tell

EVIDENCE = "evidence"
"""The purpose of pictures that show what was delivered: they are not the contribution's own."""


def ask_commit(request: Request) -> Response:
    with session(request) as db:
        case = get_case(request, db, "feedback.commit")
        return _page(request, "feedback/commit.html", case, CommitForm().translate())


def save_commit(request: Request) -> Response:
    with session(request) as db:
        case = get_case(request, db, "feedback.commit")
        form = CommitForm(typed(request)).translate()

        def act() -> Occurrence:
            told = (form.owner.data, form.due_on.data, form.deliverable.data)
            return commit(db, case.loop, case.thing, official_of(request), *told, case.rules, visit_of(request).now)

        return _save(request, db, "feedback/commit.html", case, form, act, gettext("The promise is on the page now."))


def ask_progress(request: Request) -> Response:
    with session(request) as db:
        case = get_case(request, db, "feedback.progress")
        return _page(request, "feedback/progress.html", case, _news_form(None))


def save_progress(request: Request) -> Response:
    with session(request) as db:
        case = get_case(request, db, "feedback.progress")
        form = _news_form(typed(request))

        def act() -> Occurrence:
            actor, now = official_of(request), visit_of(request).now
            return report(db, case.loop, case.thing, actor, form.text.data, case.rules, now)

        return _save(request, db, "feedback/progress.html", case, form, act, gettext("The news is on the page now."))


def ask_deliver(request: Request) -> Response:
    with session(request) as db:
        case = get_case(request, db, "feedback.deliver")
        promises = _left(db, case)
        first = str(promises[0].id) if len(promises) == 1 else None
        form = DeliverForm(data={"on": _today(request), "commitment": first})
        return _page(request, "feedback/deliver.html", case, form.translate(promises))


def save_deliver(request: Request) -> Response:
    with session(request) as db:
        case = get_case(request, db, "feedback.deliver")
        form = DeliverForm(typed(request)).translate(_left(db, case))

        def act() -> Occurrence:
            return _deliver(db, case, official_of(request), form, visit_of(request).now)

        done = gettext("It is on the page now. Those who took part will be asked whether it is done.")
        return _save(request, db, "feedback/deliver.html", case, form, act, done)


def _deliver(db: Session, case: Case, actor: User, form: DeliverForm, now: Any) -> Occurrence:
    picture = form.picture.data[0] if form.picture.data else None
    alt = (form.alt.data or "").strip()
    kept = attach(db, actor, picture, now, case.thing, alt, purpose=EVIDENCE) if picture else None
    link = (form.link.data or "").strip()
    evidence = Evidence(form.text.data, form.on.data, link, kept.id if kept else None)
    commitment = get_commitment(db, int(form.commitment.data))
    return deliver(db, case.loop, case.thing, actor, commitment, evidence, case.rules, now)


def _save(request: Request, db: Session, template: str, case: Case, form: TownForm, act: Any, done: str) -> Response:
    """Take the step when the form is complete, or show it again with what is wrong."""
    try:
        if not form.validate():
            return _page(request, template, case, form, 422)
        with db.begin_nested():
            occurrence: Occurrence = act()
    except Invalid as error:
        form.refuse(error)
        return _page(request, template, case, form, 422)
    tell(request, db, occurrence)
    return redirect(request, case.url, done)


def _news_form(sent: Any) -> TextForm:
    form = TextForm(sent)
    help = gettext("What was done, and what comes next? Everybody who took part is told.")
    form.text.label.text, form.text.description = gettext("What is new?"), help
    return form


def _left(db: Session, case: Case) -> list[Commitment]:
    """What is promised and not delivered yet."""
    return [one for one in commitments_of(db, case.thing.id) if one.delivered_on is None]


def _today(request: Request) -> Any:
    visit = visit_of(request)
    return visit.now.astimezone(ZoneInfo(visit.chosen.town.zone)).date()


def _page(request: Request, template: str, case: Case, form: TownForm, status: int = 200) -> Response:
    return page(request, template, status, case=case, thing=case.thing, form=form)


routes: list[BaseRoute] = [
    Route("/{id:int}/commit", ask_commit, methods=["GET"]),
    Route("/{id:int}/commit", save_commit, methods=["POST"]),
    Route("/{id:int}/progress", ask_progress, methods=["GET"]),
    Route("/{id:int}/progress", save_progress, methods=["POST"]),
    Route("/{id:int}/deliver", ask_deliver, methods=["GET"]),
    Route("/{id:int}/deliver", save_deliver, methods=["POST"]),
]
