"""Everything that goes wrong, as a page with a sentence that says what to do."""

import logging
from typing import Any
from urllib.parse import urlencode, urlsplit

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ExceptionHandler

from codesign.i18n import gettext
from codesign.i18n import mark as _
from codesign.types import Forbidden, Invalid, NotFound
from codesign.web.headers import keep_strict
from codesign.web.pages import is_htmx, page
from codesign.web.session import fresh_session
from codesign.web.site import site_of

log = logging.getLogger("codesign")
AWAY = (OperationalError, PoolTimeout)
RETRY_SECONDS = "5"

SENTENCES = {
    400: _("The request could not be read. Go back, reload the page and try again."),
    403: _("You may not do this."),
    404: _("There is no such page here. It may have moved, or its address may be mistyped."),
    405: _("This address does not take that kind of request. Go back and use the buttons on the page."),
    413: _("This is too much at once. Send a shorter text."),
    422: _("Something in the form needs another look."),
    500: _("Something went wrong on our side. What you typed may not be saved; please try again in a moment."),
}
OTHER_TITLE = _("This did not work")
TITLES = {
    403: _("Not allowed"),
    404: _("Page not found"),
    429: _("Too many requests"),
    500: _("Our mistake"),
}


async def error_page(request: Request, status: int, sentence: str = "") -> Response:
    return await run_in_threadpool(show_error, request, status, sentence)


def show_error(request: Request, status: int, sentence: str = "") -> Response:
    """The error page in the look of the town; without one, or without a database, the same in plain text."""
    sentence = sentence or SENTENCES.get(status, SENTENCES[400])
    try:
        with fresh_session(request):
            context: dict[str, Any] = {
                "title": gettext(TITLES.get(status, OTHER_TITLE)),
                "message": gettext(sentence),
                "action": None,
            }
            return page(request, "error.html", status, **context)
    except (AttributeError, *AWAY):
        return PlainTextResponse(f"{sentence}\n", status)


def not_found(request: Request, error: Exception) -> Response:
    return show_error(request, 404)


def forbidden(request: Request, error: Exception) -> Response:
    """A stranger is asked to sign in and comes back; a person signed in is told why not."""
    visit = getattr(request.state, "visit", None)
    if visit is None or visit.actor is not None:
        return show_error(request, 403, str(error))
    back = request.url.path if request.method == "GET" else request.headers.get("referer", "/")
    target = str(request.url_for("accounts:sign_in").include_query_params(next=_path_of(back)))
    if is_htmx(request):
        return Response(status_code=204, headers={"HX-Redirect": target})
    if any(isinstance(value, str) and len(value) > 1 for value in getattr(request.state, "form", {}).values()):
        # 307 sends the same form again: the sign-in page keeps what was typed, also without JavaScript.
        return RedirectResponse(f"{target}&{urlencode({'send': request.url.path})}", 307)
    return RedirectResponse(target, 303)


def invalid(request: Request, error: Exception) -> Response:
    return show_error(request, 422, str(error))


def http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = show_error(request, error.status_code)
    answer.headers.update(error.headers or {})
    return answer


def database_away(request: Request, error: Exception) -> Response:
    """503, without a trace on the page, and nothing remembered: the next request tries afresh."""
    log.error("the database does not answer: %s", type(error).__name__)
    text = site_of(request).templates.get_template("unavailable.html").render()
    return HTMLResponse(text, 503, headers={"Retry-After": RETRY_SECONDS, "Cache-Control": "no-store"})


def database_error(request: Request, error: Exception) -> Response:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return database_away(request, error)
    return our_mistake(request, error)


def our_mistake(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    answer = show_error(request, 500)
    keep_strict(answer.headers, request.url.scheme)  # this answer is given outside of all middleware
    return answer


def _path_of(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:  # half an IPv6 address
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


HANDLERS: dict[int | type[Exception], ExceptionHandler] = {
    NotFound: not_found,
    Forbidden: forbidden,
    Invalid: invalid,
    HTTPException: http_error,
    OperationalError: database_away,
    PoolTimeout: database_away,
    DBAPIError: database_error,
    500: our_mistake,
}
