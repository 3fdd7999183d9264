"""The inbox of a person, and the stream that keeps the number in the header right."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import Row, select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from codesign.core.contributions import Contribution
from codesign.core.inbox import MOST_COUNTED, get_notice, inbox, mark_all_read, mark_read
from codesign.core.notices import Ground
from codesign.core.sessions import digest
from codesign.core.users import User
from codesign.db import BIGGEST_ID
from codesign.events import Event
from codesign.headlines import headline
from codesign.i18n import Speech, speaking
from codesign.i18n import gettext as _
from codesign.types import Forbidden
from codesign.web.forms import value
from codesign.web.live import Live, Streaming, live_of
from codesign.web.pages import here, local_path, page, redirect
from codesign.web.session import session
from codesign.web.site import Site, Visit, site_of, visit_of
from codesign.web.streams import ENDED, HEADERS, Stream, message

INBOX = "/notices/"
EVENT_STREAM = "text/event-stream"
RETRY_SECONDS = "60"
Told = Row[Any]
"""An event with the kind of its contribution and when that was hidden."""


def index(request: Request) -> Response:
    with session(request) as db:
        visit, actor, after = visit_of(request), _actor(request), request.query_params.get("after")
        part = inbox(db, actor, after)
        events = _events(db, [notice.event_id for notice in part.rows])
        return page(
            request,
            "notices/index.html",
            rows=[_row(site_of(request), visit, actor, notice, events[notice.event_id]) for notice in part.rows],
            last=part.rows[0].id if part.rows and not after else "",
            next_url=here(request, after=part.after) if part.after else None,
        )


def _events(db: Session, ids: Sequence[int]) -> Mapping[int, Told]:
    columns = (Event.id, Event.name, Event.data, Event.contribution_id, Contribution.kind, Contribution.hidden_at)
    query = select(*columns).outerjoin(Contribution, Contribution.id == Event.contribution_id)
    return {row.id: row for row in db.execute(query.where(Event.id.in_(ids)))}


def _row(site: Site, visit: Visit, actor: User, notice: Row[Any], event: Told) -> dict[str, Any]:
    told = {"at": notice.created_at, "reason": notice.reason, "unread": notice.read_at is None, "url": ""}
    if event.kind is not None and event.kind not in visit.kinds:
        return {**told, "headline": _("This was in a part of the site that is switched off now.")}
    if event.hidden_at is not None and notice.ground != Ground.AUTHOR:
        return {**told, "headline": _("A moderator has hidden this since.")}
    data = (notice.template, event.data, visit.chosen.town.title, actor.name, notice.reason)
    return {**told, "headline": headline(site.templates, *data), "url": f"/notices/{notice.id}"}


def open_notice(request: Request) -> Response:
    """Leads to what the notice is about, and marks it as read. The only GET that writes: a link is what people press,
    and a mark that somebody else made them set would do no harm."""
    with session(request) as db:
        visit, actor = visit_of(request), _actor(request)
        notice = get_notice(db, actor, request.path_params["id"])
        event = _events(db, [notice.event_id])[notice.event_id]
        target = _address(visit, event)
        unread = notice.read_at is None and request.method == "GET"
    if unread:
        site = site_of(request)
        with site.registry.store(visit.entry.slug).write() as db:
            mark_read(db, get_notice(db, actor, notice.id), site.now())
    return RedirectResponse(target, 303)


def _address(visit: Visit, event: Told) -> str:
    """Where its letter leads, as a path of this site; without one, the page of the contribution."""
    kind = visit.kinds.get(event.kind or "")
    if kind is None and event.kind is not None:
        return INBOX
    usual = kind.url_of(event.contribution_id) if kind else INBOX
    try:
        _scheme, _host, *path = urlsplit(str(event.data.get("url", "")))
    except ValueError:
        return usual
    return local_path(urlunsplit(("", "", *path)), usual)


def read_all(request: Request) -> Response:
    """Up to the newest one that was on the page, so that what came meanwhile stays new."""
    with session(request) as db:
        mark_all_read(db, _actor(request), _number(value(request, "last"), BIGGEST_ID), visit_of(request).now)
        return redirect(request, INBOX, _("Everything is marked as read."))


def _number(text: str, most: int) -> int | None:
    known = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
    return min(int(text), most) if known else None


def _actor(request: Request) -> User:
    actor = visit_of(request).actor
    if actor is None:
        raise Forbidden(_("Please sign in first."))
    return actor


async def stream(request: Request) -> Response:
    """Server-sent events with the number of unread notices. Whoever opens the address as a page is led to the inbox."""
    if EVENT_STREAM not in request.headers.get("accept", "") or request.method == "HEAD":
        return RedirectResponse(INBOX, 303)
    visit = await run_in_threadpool(_visit, request)
    if visit.actor is None:
        return Response(ENDED, headers=HEADERS)
    live, site = live_of(request), site_of(request)
    if live.full(visit.entry.slug, visit.actor.id):
        headers = {"Retry-After": RETRY_SECONDS, "Cache-Control": "no-store"}
        return PlainTextResponse("Too many open streams.\n", 503, headers)
    person = (visit.actor.id, digest(visit.token), _known(request), _sayer(live, site, visit.speech))
    return Streaming(live, visit.entry.slug, lambda send: Stream(*person, send, told_at=time.monotonic()))


def _visit(request: Request) -> Visit:
    with session(request):
        return visit_of(request)


def _known(request: Request) -> int | None:
    """The number that the page shows: it was made with it, or told it before the stream broke off."""
    return _number(request.headers.get("last-event-id", request.query_params.get("shown", "")), MOST_COUNTED)


def _sayer(live: Live, site: Site, speech: Speech) -> Callable[[int], bytes]:
    def say(number: int) -> bytes:
        known = live.messages.get((speech.locale, number))
        if known is None:
            with speaking(speech):
                html = site.templates.get_template("notices/_bell.html").render(unread=number)
            known = live.messages[speech.locale, number] = message(number, html)
        return known

    return say


routes = [
    Route("/notices/", index),
    Route("/notices/read", read_all, methods=["POST"]),
    Route("/notices/stream", stream),
    Route("/notices/{id:int}", open_notice),
]
