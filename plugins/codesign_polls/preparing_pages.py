"""The pages of a poll in preparation: drafts, the overview with the ballot paper, and a page for each part."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from codesign.core.areas import areas
from codesign.core.topics import topics
from codesign.kit import Invalid, TownForm, gettext, here, page, redirect, require, session, typed, visit_of
from codesign_polls.asked import quorum_sentence
from codesign_polls.checking import lacks
from codesign_polls.definition import Definition
from codesign_polls.desks import Desk, open_desk, pictures_on, put_back, stale
from codesign_polls.eligibility import requirements
from codesign_polls.forms import AboutForm, when_form
from codesign_polls.paper import empty_paper
from codesign_polls.papers import Paper, as_poll
from codesign_polls.preparing import draft, drafts
from codesign_polls.term_forms import how_form, who_form
from codesign_polls.wording import rule_sentence, rule_title, show_moment

PARTS = ("questions", "when", "who", "how")


def new(request: Request) -> Response:
    with session(request) as db:
        require(request, "polls.prepare")
        return page(request, "polls/new.html", form=AboutForm().translate(topics(db)))


def save_new(request: Request) -> Response:
    with session(request) as db:
        require(request, "polls.prepare")
        visit = visit_of(request)
        form = AboutForm(typed(request)).translate(topics(db))
        if not form.validate():
            return page(request, "polls/new.html", 422, form=form)
        assert visit.actor is not None
        made = draft(db, visit.actor, Paper(**form.values()), visit.now)
        return redirect(request, f"/polls/drafts/{made.id}", gettext("The draft is saved. Only staff can see it."))


def draft_list(request: Request) -> Response:
    with session(request) as db:
        require(request, "polls.prepare")
        found = drafts(db, request.query_params.get("after"))
        next_url = here(request, after=found.after) if found.after else None
        return page(request, "polls/drafts.html", rows=found.rows, next_url=next_url)


def overview(request: Request) -> Response:
    with session(request) as db:
        return overview_page(request, db, open_desk(request, db))


def overview_page(
    request: Request, db: Session, desk: Desk, status: int = 200, refused: str = "", unsaved: Sequence[str] = ()
) -> Response:
    """The whole paper: what is ready and what is missing, and the ballot paper as people will see it.

    `unsaved` is what somebody typed for a part that is no longer there.
    """
    visit, paper = visit_of(request), desk.paper
    zone = visit.chosen.town.zone
    future = as_poll(paper, visit.now)
    missing = lacks(paper, visit.now)
    return page(
        request,
        "polls/overview.html",
        status,
        desk=desk,
        refused=refused,
        unsaved=unsaved,
        lacks={part: [lack.sentence for lack in missing if lack.part == part] for part in PARTS},
        ready=not missing,
        parts=empty_paper(Definition(questions=paper.questions)),
        pictures=pictures_on(db, desk),
        rules=[(rule_title(question.rule), rule_sentence(question.rule)) for question in paper.questions],
        opens=show_moment(paper.opens_at, zone) if paper.opens_at else "",
        closes=show_moment(paper.closes_at, zone) if paper.closes_at else "",
        requirements=requirements(db, future),
        quorum=quorum_sentence(paper.quorum, paper.quorum_share),
    )


def answered(
    request: Request,
    db: Session,
    desk: Desk,
    form: TownForm,
    change: Callable[[], Paper],
    template: str,
    then: str = "",
    **context: Any,
) -> Response:
    """The answer to a form of the preparation: the changed paper is kept, or the form comes back with what was typed."""
    valid, meant_for_another = form.validate(), stale(request, desk)
    if meant_for_another:
        form.form_errors.append(meant_for_another)
    elif valid:
        try:
            with db.begin_nested():
                put_back(request, db, desk, change())
            return redirect(request, then or desk.base, gettext("Your changes are saved."))
        except Invalid as error:
            form.refuse(error)
    return page(request, template, 409 if meant_for_another else 422, form=form, desk=desk, **context)


def pressed(request: Request, db: Session, desk: Desk, change: Callable[[], Paper], then: str = "") -> Response:
    """The answer to a button of the preparation, on which nothing can be typed."""
    if sentence := stale(request, desk):
        return overview_page(request, db, desk, 409, sentence)
    try:
        with db.begin_nested():
            put_back(request, db, desk, change())
    except Invalid as error:
        return overview_page(request, db, desk, 422, str(error))
    return redirect(request, then or desk.base)


def about(request: Request) -> Response:
    with session(request) as db:
        desk = open_desk(request, db)
        present = {**desk.paper.model_dump(include={"title", "text"}), "topic": str(desk.paper.topic_id or "")}
        return page(request, "polls/about.html", desk=desk, form=AboutForm(data=present).translate(topics(db)))


def save_about(request: Request) -> Response:
    with session(request) as db:
        desk = open_desk(request, db)
        form = AboutForm(typed(request)).translate(topics(db))
        return answered(request, db, desk, form, lambda: desk.paper.changed(**form.values()), "polls/about.html")


def when(request: Request) -> Response:
    with session(request) as db:
        desk = open_desk(request, db)
        form = when_form(desk.paper, visit_of(request).chosen.town.zone, desk.published)
        return page(request, "polls/when.html", desk=desk, form=form)


def save_when(request: Request) -> Response:
    with session(request) as db:
        desk, zone = open_desk(request, db), visit_of(request).chosen.town.zone
        form = when_form(desk.paper, zone, desk.published, typed(request))

        def change() -> Paper:
            moments = form.values(zone)
            return desk.paper.changed(opens_at=moments["opens"], closes_at=moments["closes"])

        return answered(request, db, desk, form, change, "polls/when.html")


def who(request: Request) -> Response:
    with session(request) as db:
        desk = open_desk(request, db)
        return page(request, "polls/who.html", desk=desk, form=who_form(desk.paper, areas(db)))


def save_who(request: Request) -> Response:
    with session(request) as db:
        desk = open_desk(request, db)
        form = who_form(desk.paper, areas(db), typed(request))
        return answered(request, db, desk, form, lambda: desk.paper.changed(**form.values()), "polls/who.html")


def how(request: Request) -> Response:
    with session(request) as db:
        desk = open_desk(request, db)
        return page(request, "polls/how.html", desk=desk, form=how_form(desk.paper))


def save_how(request: Request) -> Response:
    with session(request) as db:
        desk = open_desk(request, db)
        form = how_form(desk.paper, typed(request))
        return answered(request, db, desk, form, lambda: desk.paper.changed(**form.values()), "polls/how.html")
