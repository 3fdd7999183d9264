"""Life situations and the threads in which residents tell what happened to them."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from wtforms import StringField, TextAreaField

from codesign.core.cards import card_rows, cards
from codesign.core.contributions import (
    NEWEST,
    PAGE,
    TEXT_LENGTH,
    TITLE_LENGTHS,
    Contribution,
    get_of_kind,
    revise,
)
from codesign.core.follows import set_follow
from codesign.core.life import get_situation, situations
from codesign.core.threads import Thread, start_thread
from codesign.core.votes import my_vote
from codesign.events import record
from codesign.i18n import gettext as _
from codesign.pages.contributions import follow_view
from codesign.pages.discussions import discussion
from codesign.paging import cut
from codesign.web.forms import TownForm, length, required, typed
from codesign.web.pages import absolute, here, keep, page, redirect, require
from codesign.web.session import session
from codesign.web.site import visit_of


class ThreadForm(TownForm):
    title = StringField(validators=[required(), length(*TITLE_LENGTHS)])
    text = TextAreaField(validators=[required(), length(20, TEXT_LENGTH)])

    def translate(self) -> "ThreadForm":
        self.title.label.text = _("In one line")
        self.title.description = _("For example: Three visits for one signature")
        self.text.label.text = _("What happened, and what would have helped?")
        self.text.description = _("Leave out names and numbers that identify people.")
        return self


def index(request: Request) -> Response:
    with session(request) as db:
        return page(request, "situations/index.html", keep=keep(), situations=situations(db))


def show(request: Request) -> Response:
    with session(request) as db:
        situation = get_situation(db, request.path_params["slug"])
        query = card_rows().where(Contribution.situation_id == situation.id, Contribution.kind == "thread")
        found = cut(db, query, NEWEST, request.query_params.get("after"), PAGE)
        return page(
            request,
            "situations/show.html",
            keep=keep(),
            situation=situation,
            follow=follow_view(request, db, situation),
            threads=cards(found.rows, visit_of(request).kinds),
            next_url=here(request, after=found.after) if found.after else None,
        )


def new_thread(request: Request) -> Response:
    with session(request) as db:
        situation = get_situation(db, request.path_params["slug"])
        require(request, "threads.start", situation)
        return page(request, "threads/new.html", situation=situation, form=ThreadForm().translate())


def save_thread(request: Request) -> Response:
    with session(request) as db:
        visit = visit_of(request)
        situation = get_situation(db, request.path_params["slug"])
        require(request, "threads.start", situation)
        form = ThreadForm(typed(request)).translate()
        if not form.validate():
            return page(request, "threads/new.html", 422, situation=situation, form=form)
        assert visit.actor is not None
        title, text = form.title.data.strip(), form.text.data.strip()
        thread = start_thread(db, situation, visit.actor, title, text, visit.speech.locale, visit.now)
        set_follow(db, visit.actor, thread, True)
        told = {"url": absolute(request, thread.url), "excerpt": thread.excerpt, "author": thread.author_name}
        record(db, visit.hooks, "threads.started", thread, visit.actor, visit.now, None, **told)
        return redirect(request, f"/threads/{thread.id}", _("Your story is published. Thank you for telling it."))


def show_thread(request: Request) -> Response:
    with session(request) as db:
        visit = visit_of(request)
        thread = get_of_kind(db, Thread, request.path_params["id"])
        if thread.hidden:
            return page(request, "contributions/hidden.html", 404, thing=thread)
        return page(
            request,
            "threads/show.html",
            keep=keep(thread),
            thread=thread,
            discussion=discussion(request, db, thread),
            my_vote=my_vote(db, visit.actor, thread),
            follow=follow_view(request, db, thread),
        )


def edit_thread(request: Request) -> Response:
    with session(request) as db:
        thread = get_of_kind(db, Thread, request.path_params["id"])
        require(request, "threads.edit", thread)
        form = ThreadForm(data={"title": thread.title, "text": thread.text}).translate()
        return page(request, "threads/edit.html", thread=thread, situation=thread.situation, form=form)


def save_thread_edit(request: Request) -> Response:
    with session(request) as db:
        visit = visit_of(request)
        thread = get_of_kind(db, Thread, request.path_params["id"], lock=True)
        require(request, "threads.edit", thread)
        form = ThreadForm(typed(request)).translate()
        if not form.validate():
            return page(request, "threads/edit.html", 422, thread=thread, situation=thread.situation, form=form)
        revise(db, thread, form.title.data.strip(), form.text.data.strip(), visit.now)
        record(db, visit.hooks, "threads.edited", thread, visit.actor, visit.now)
        return redirect(request, f"/threads/{thread.id}", _("Your changes are saved."))


def threads(request: Request) -> Response:
    return RedirectResponse("/situations/", 303)


routes = [
    Route("/situations/", index),
    Route("/situations/{slug}", show),
    Route("/situations/{slug}/threads/new", new_thread, methods=["GET"]),
    Route("/situations/{slug}/threads/new", save_thread, methods=["POST"]),
    Route("/threads/", threads),
    Route("/threads/{id:int}", show_thread),
    Route("/threads/{id:int}/edit", edit_thread, methods=["GET"]),
    Route("/threads/{id:int}/edit", save_thread_edit, methods=["POST"]),
]
