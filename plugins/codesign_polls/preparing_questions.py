"""The pages on which the questions of a poll are written: a question a page, and its options added many at once."""

from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from codesign.kit import Invalid, gettext, page, session, typed, value
from codesign_polls.desks import Desk, open_desk, pictures_on, stale
from codesign_polls.forms import NewQuestionForm, OptionsForm, edit_form
from codesign_polls.papers import Paper
from codesign_polls.preparing_pages import answered, overview_page, pressed
from codesign_polls.questions import (
    new_question,
    question_at,
    replaced,
    reworded,
    shifted,
    titles_in,
    with_options,
    with_question,
    without_question,
)
from codesign_polls.wording import rule_sentence, rule_title

STEPS = {"-1": -1, "1": 1}


def taken_away(request: Request, db: Session, desk: Desk) -> Response | None:
    """The answer to a change of a question or an option that somebody else has removed meanwhile; None while it is there."""
    path, present = request.path_params, len(desk.paper.questions)
    there = path["place"] < present
    if there and "option" in path:
        there = path["option"] < len(desk.paper.questions[path["place"]].options)
    sentence = stale(request, desk)
    if there or not sentence:
        return None
    sent = typed(request)
    unsaved = [text for name in ("title", "text", "options", "alt") for text in sent.getlist(name) if text.strip()]
    return overview_page(request, db, desk, 409, sentence, unsaved)


def step_of(request: Request) -> int:
    """One place up (-1) or down (1). Raises Invalid for any other button."""
    if value(request, "step") not in STEPS:
        raise Invalid(gettext("Please choose one of these."))
    return STEPS[value(request, "step")]


def new_question_page(request: Request) -> Response:
    with session(request) as db:
        desk = open_desk(request, db)
        return page(request, "polls/question_new.html", desk=desk, form=NewQuestionForm().translate())


def save_new_question(request: Request) -> Response:
    with session(request) as db:
        desk = open_desk(request, db)
        form = NewQuestionForm(typed(request)).translate()

        def change() -> Paper:
            question = with_options(new_question(*form.words), titles_in(form.options.data or ""))
            return with_question(desk.paper, question)

        then = f"{desk.base}/questions/{len(desk.paper.questions)}"
        return answered(request, db, desk, form, change, "polls/question_new.html", then)


def question(request: Request) -> Response:
    with session(request) as db:
        desk = open_desk(request, db)
        return page(request, "polls/question.html", desk=desk, **_shown(request, db, desk))


def _shown(request: Request, db: Session, desk: Desk, editing: Any = None, adding: Any = None) -> dict[str, Any]:
    """What the page of a question shows: two forms, one of them perhaps as it was sent."""
    place = request.path_params["place"]
    asked = question_at(desk.paper, place)
    return {
        "place": place,
        "question": asked,
        "editing": editing or edit_form(asked),
        "adding": adding or OptionsForm().translate(),
        "pictures": pictures_on(db, desk),
        "rule": (rule_title(asked.rule), rule_sentence(asked.rule)),
    }


def save_question(request: Request) -> Response:
    with session(request) as db:
        desk, place = open_desk(request, db), request.path_params["place"]
        if gone := taken_away(request, db, desk):
            return gone
        asked = question_at(desk.paper, place)
        form = edit_form(asked, typed(request))

        def change() -> Paper:
            rule = form.rule.data if "rule" in form else asked.rule
            return replaced(desk.paper, place, reworded(asked, *form.words, rule, form.limits()))

        shown = _shown(request, db, desk, editing=form)
        return answered(request, db, desk, form, change, "polls/question.html", _url(desk, place), **shown)


def _url(desk: Desk, place: int) -> str:
    return f"{desk.base}/questions/{place}"


def remove_question(request: Request) -> Response:
    with session(request) as db:
        desk = open_desk(request, db)
        if gone := taken_away(request, db, desk):
            return gone
        question_at(desk.paper, request.path_params["place"])
        return pressed(request, db, desk, lambda: without_question(desk.paper, request.path_params["place"]))


def move_question(request: Request) -> Response:
    with session(request) as db:
        desk, place = open_desk(request, db), request.path_params["place"]
        if gone := taken_away(request, db, desk):
            return gone
        question_at(desk.paper, place)
        return pressed(
            request, db, desk, lambda: shifted(desk.paper, place, step_of(request)), f"{desk.base}#questions"
        )


def add_options(request: Request) -> Response:
    with session(request) as db:
        desk, place = open_desk(request, db), request.path_params["place"]
        if gone := taken_away(request, db, desk):
            return gone
        asked = question_at(desk.paper, place)
        form = OptionsForm(typed(request)).translate()

        def change() -> Paper:
            return replaced(desk.paper, place, with_options(asked, titles_in(form.options.data)))

        shown, then = _shown(request, db, desk, adding=form), f"{_url(desk, place)}#option-list"
        return answered(request, db, desk, form, change, "polls/question.html", then, **shown)
