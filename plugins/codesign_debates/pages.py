"""The pages of a debate: its page, starting, editing and closing it."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.contributions import get_of_kind
from codesign.core.tags import tags_of
from codesign.core.topics import topics
from codesign.core.votes import my_vote
from codesign.kit import (
    NotFound,
    absolute,
    changes_at,
    discussion,
    follow_view,
    gettext,
    keep,
    page,
    record,
    redirect,
    require,
    session,
    typed,
    visit_of,
)
from codesign_debates.debates import Debate, change, close, phase_of, start
from codesign_debates.forms import CloseForm, DebateForm, StartForm
from codesign_debates.lists import index


def show(request: Request) -> Response:
    with session(request) as db:
        visit = visit_of(request)
        debate = get_of_kind(db, Debate, request.path_params["id"])
        if debate.hidden:
            return page(request, "contributions/hidden.html", 404, thing=debate)
        changes_at(request, debate.opens_at, debate.closes_at)
        return page(
            request,
            "debates/show.html",
            keep=keep(debate),
            debate=debate,
            phase=phase_of(debate, visit.now),
            tags=tags_of(db, debate.id),
            discussion=discussion(request, db, debate),
            my_vote=my_vote(db, visit.actor, debate),
            follow=follow_view(request, db, debate),
        )


def new(request: Request) -> Response:
    with session(request) as db:
        require(request, "debates.start")
        return page(request, "debates/new.html", form=StartForm().translate(topics(db)))


def save_new(request: Request) -> Response:
    with session(request) as db:
        require(request, "debates.start")
        visit = visit_of(request)
        today = visit.now.astimezone(ZoneInfo(visit.chosen.town.zone)).date()
        form = StartForm(typed(request)).translate(topics(db), today)
        if not form.validate():
            return page(request, "debates/new.html", 422, form=form)
        assert visit.actor is not None
        title, text = form.title.data.strip(), form.text.data.strip()
        dates = _dates(visit.chosen.town.zone, form.opens_on.data, form.closes_on.data)
        debate = start(db, visit.actor, title, text, form.topic_id, visit.speech.locale, dates, visit.now)
        told: dict[str, Any] = {"url": absolute(request, debate.url), "excerpt": debate.excerpt}
        record(
            db, visit.hooks, "debates.started", debate, visit.actor, visit.now, None, author=visit.actor.name, **told
        )
        return redirect(request, f"/debates/{debate.id}", gettext("Your debate is published."))


def edit(request: Request) -> Response:
    with session(request) as db:
        debate = _own(request, db, "debates.edit")
        present = {"title": debate.title, "text": debate.text, "topic": str(debate.topic_id or "")}
        form = DebateForm(data=present).translate(topics(db))
        return page(request, "debates/edit.html", form=form, debate=debate)


def save_edit(request: Request) -> Response:
    with session(request) as db:
        debate = _own(request, db, "debates.edit")
        form = DebateForm(typed(request)).translate(topics(db))
        if not form.validate():
            return page(request, "debates/edit.html", 422, form=form, debate=debate)
        visit = visit_of(request)
        change(db, debate, form.title.data.strip(), form.text.data.strip(), form.topic_id, visit.now)
        record(db, visit.hooks, "debates.edited", debate, visit.actor, visit.now)
        return redirect(request, f"/debates/{debate.id}", gettext("Your changes are saved."))


def ask_close(request: Request) -> Response:
    with session(request) as db:
        debate = _own(request, db, "debates.close")
        return page(request, "debates/close.html", form=CloseForm().translate(), debate=debate)


def save_close(request: Request) -> Response:
    with session(request) as db:
        debate = _own(request, db, "debates.close")
        form = CloseForm(typed(request)).translate()
        if not form.validate():
            return page(request, "debates/close.html", 422, form=form, debate=debate)
        visit = visit_of(request)
        assert visit.actor is not None
        close(db, debate, visit.actor, form.conclusion.data.strip(), visit.now)
        told: dict[str, Any] = {"url": absolute(request, f"/debates/{debate.id}"), "conclusion": debate.conclusion}
        record(db, visit.hooks, "debates.closed", debate, visit.actor, visit.now, **told)
        return redirect(
            request, f"/debates/{debate.id}", gettext("The debate is closed. Everyone who took part is told.")
        )


def _own(request: Request, db: Session, action: str) -> Debate:
    """The debate of the URL, locked when it is about to change. Raises NotFound or Forbidden."""
    lock = request.method == "POST"
    debate = get_of_kind(db, Debate, request.path_params["id"], lock)
    if debate.hidden:
        raise NotFound("hidden")
    require(request, action, debate)
    return debate


def _dates(zone: str, opens_on: date | None, closes_on: date | None) -> tuple[datetime | None, datetime | None]:
    """Days as people mean them in the town's zone: from the first moment of one to the last second of the other."""
    local = ZoneInfo(zone)
    opens = datetime.combine(opens_on, time(), local) if opens_on else None
    closes = datetime.combine(closes_on, time(23, 59, 59), local) if closes_on else None
    return opens, closes


routes: list[BaseRoute] = [
    Route("/", index, name="index"),
    Route("/new", new, methods=["GET"]),
    Route("/new", save_new, methods=["POST"]),
    Route("/{id:int}", show, name="show"),
    Route("/{id:int}/edit", edit, methods=["GET"]),
    Route("/{id:int}/edit", save_edit, methods=["POST"]),
    Route("/{id:int}/close", ask_close, methods=["GET"]),
    Route("/{id:int}/close", save_close, methods=["POST"]),
]
