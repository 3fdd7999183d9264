"""The end of a draft: it is published or thrown away. Until then its pictures are shown to those who prepare polls."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.files import bytes_of, get_file
from codesign.db import BIGGEST_ID
from codesign.kit import Invalid, NotFound, absolute, gettext, page, record, redirect, session, visit_of
from codesign_polls.desks import open_desk, stale
from codesign_polls.polls import Draft
from codesign_polls.preparing import discard, publish_draft
from codesign_polls.preparing_pages import overview_page

DRAFT = "/drafts/{draft:int}"
ONE_OF_STAFF = {"Cache-Control": "private, no-store", "Content-Security-Policy": "default-src 'none'; sandbox"}


def publish(request: Request) -> Response:
    with session(request) as db:
        desk, visit = open_desk(request, db), visit_of(request)
        assert isinstance(desk.draft, Draft)
        if sentence := stale(request, desk):
            return overview_page(request, db, desk, 409, sentence)
        try:
            with db.begin_nested():
                poll = publish_draft(db, desk.draft, visit.speech.locale, visit.now)
        except Invalid as error:
            return overview_page(request, db, desk, 422, str(error))
        told: dict[str, Any] = {"url": absolute(request, poll.url), "excerpt": poll.excerpt, "author": poll.author_name}
        record(db, visit.hooks, "polls.started", poll, visit.actor, visit.now, **told)
        return redirect(request, poll.url, gettext("The poll is published."))


def ask_discard(request: Request) -> Response:
    with session(request) as db:
        return page(request, "polls/discard.html", desk=open_desk(request, db))


def save_discard(request: Request) -> Response:
    with session(request) as db:
        desk = open_desk(request, db)
        assert isinstance(desk.draft, Draft)
        if sentence := stale(request, desk):
            return overview_page(request, db, desk, 409, sentence)
        discard(db, desk.draft)
        return redirect(request, "/polls/drafts", gettext("The draft is thrown away."))


def picture(request: Request) -> Response:
    with session(request) as db:
        desk, id = open_desk(request, db), request.path_params["file"]
        if id > BIGGEST_ID or id not in desk.paper.file_ids:
            raise NotFound("no such picture")
        media_type = get_file(db, id).media_type
        return Response(bytes_of(db, id, small=True), media_type=media_type, headers=ONE_OF_STAFF)


routes: list[BaseRoute] = [
    Route(f"{DRAFT}/publish", publish, methods=["POST"]),
    Route(f"{DRAFT}/discard", ask_discard, methods=["GET"]),
    Route(f"{DRAFT}/discard", save_discard, methods=["POST"]),
    Route(f"{DRAFT}/pictures/{{file:int}}", picture, methods=["GET"]),
]
