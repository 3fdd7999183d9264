"""The pages on which the options of a question are written one by one: title, explanation, picture."""

from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.kit import page, session, typed
from codesign_polls import preparing_pages as parts
from codesign_polls import preparing_questions as questions
from codesign_polls.definition import Option
from codesign_polls.desks import Desk, open_desk, pictures_on, take_picture
from codesign_polls.forms import OptionForm
from codesign_polls.papers import Paper
from codesign_polls.preparing import describe_picture
from codesign_polls.preparing_pages import answered, pressed
from codesign_polls.preparing_questions import step_of, taken_away
from codesign_polls.questions import option_at, question_at, replaced, shifted_option, with_option, without_option

DESKS = ("/drafts/{draft:int}", "/{id:int}/change")
"""Where a paper is prepared: as a draft, or as a poll until it opens."""
PLACE = "/questions/{place:int}"
OPTION = f"{PLACE}/options/{{option:int}}"


def _option(request: Request, desk: Desk) -> Option:
    return option_at(question_at(desk.paper, request.path_params["place"]), request.path_params["option"])


def _url(request: Request, desk: Desk) -> str:
    return f"{desk.base}/questions/{request.path_params['place']}#option-list"


def _shown(request: Request, db: Session, desk: Desk, option: Option) -> dict[str, Any]:
    picture = pictures_on(db, desk).get(option.file_id or 0)
    path = request.path_params
    return {"place": path["place"], "at": path["option"], "option": option, "picture": picture}


def show(request: Request) -> Response:
    with session(request) as db:
        desk = open_desk(request, db)
        option = _option(request, desk)
        shown = _shown(request, db, desk, option)
        present = {"title": option.title, "text": option.text, "alt": shown["picture"].alt if shown["picture"] else ""}
        form = OptionForm(data=present).translate(option.file_id is not None)
        return page(request, "polls/option.html", desk=desk, form=form, **shown)


def save(request: Request) -> Response:
    with session(request) as db:
        desk = open_desk(request, db)
        if gone := taken_away(request, db, desk):
            return gone
        option = _option(request, desk)
        form = OptionForm(typed(request)).translate(option.file_id is not None)

        def change() -> Paper:
            words = {"title": " ".join(form.title.data.split()), "text": (form.text.data or "").strip()}
            words["file_id"] = _picture(request, db, desk, option, form)
            place, at = request.path_params["place"], request.path_params["option"]
            question = with_option(question_at(desk.paper, place), at, option.model_copy(update=words))
            return replaced(desk.paper, place, question)

        shown = _shown(request, db, desk, option)
        return answered(request, db, desk, form, change, "polls/option.html", _url(request, desk), **shown)


def _picture(request: Request, db: Session, desk: Desk, option: Option, form: OptionForm) -> int | None:
    """The picture that the option has from now on: a new one, none, or the same with these words about it."""
    alt = (form.alt.data or "").strip()
    if form.picture.data:
        return take_picture(request, db, desk, form.picture.data[0], alt)
    if option.file_id is None or ("take_away" in form and form.take_away.data):
        return None
    describe_picture(db, option.file_id, alt)
    return option.file_id


def remove(request: Request) -> Response:
    with session(request) as db:
        desk, path = open_desk(request, db), request.path_params
        if gone := taken_away(request, db, desk):
            return gone
        _option(request, desk)

        def change() -> Paper:
            question = without_option(question_at(desk.paper, path["place"]), path["option"])
            return replaced(desk.paper, path["place"], question)

        return pressed(request, db, desk, change, _url(request, desk))


def move(request: Request) -> Response:
    with session(request) as db:
        desk, path = open_desk(request, db), request.path_params
        if gone := taken_away(request, db, desk):
            return gone
        _option(request, desk)

        def change() -> Paper:
            question = shifted_option(question_at(desk.paper, path["place"]), path["option"], step_of(request))
            return replaced(desk.paper, path["place"], question)

        return pressed(request, db, desk, change, _url(request, desk))


PAGES = (
    ("", "GET", parts.overview),
    ("/about", "GET", parts.about),
    ("/about", "POST", parts.save_about),
    ("/when", "GET", parts.when),
    ("/when", "POST", parts.save_when),
    ("/who", "GET", parts.who),
    ("/who", "POST", parts.save_who),
    ("/how", "GET", parts.how),
    ("/how", "POST", parts.save_how),
    ("/questions/new", "GET", questions.new_question_page),
    ("/questions/new", "POST", questions.save_new_question),
    (PLACE, "GET", questions.question),
    (PLACE, "POST", questions.save_question),
    (f"{PLACE}/remove", "POST", questions.remove_question),
    (f"{PLACE}/move", "POST", questions.move_question),
    (f"{PLACE}/options", "POST", questions.add_options),
    (OPTION, "GET", show),
    (OPTION, "POST", save),
    (f"{OPTION}/remove", "POST", remove),
    (f"{OPTION}/move", "POST", move),
)
routes: list[BaseRoute] = [
    Route("/new", parts.new, methods=["GET"]),
    Route("/new", parts.save_new, methods=["POST"]),
    Route("/drafts", parts.draft_list, methods=["GET"]),
    *(Route(f"{desk}{path}", endpoint, methods=[method]) for desk in DESKS for path, method, endpoint in PAGES),
]
