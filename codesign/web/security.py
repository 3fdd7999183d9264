"""Before and after every request: who sent it, how often, and the headers that keep browsers strict."""

import hashlib
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from codesign.i18n import mark as _
from codesign.web.cookies import session_cookie
from codesign.web.errors import error_page
from codesign.web.headers import keep_strict
from codesign.web.windows import Limit, Windows

SAFE = {"GET", "HEAD", "OPTIONS"}
BODY_LIMIT = 512 * 1024
FILES_LIMIT = 12 * 1024 * 1024
"""Bytes of a form that carries files."""
DECLARED_DIGITS = 18
SIGNING_IN = Limit("account", 30)
WRITING = Limit("write", 90)
SENDING_FILES = Limit("files", 30)
SEARCHING = Limit("search", 120)
LEAVING = Limit("leave", 3000)
"""One click in a letter: the mail programs of very many people send it from few addresses."""
SEARCH_PATHS = ("/search", "/similar")
"""How the addresses of all searches end, those of plugins too."""
ACCOUNT_PATHS = (
    "/accounts/sign-in",
    "/accounts/sign-up",
    "/accounts/forgotten",
    "/accounts/reset",
    "/accounts/confirm",
    "/follow/",
)


class SecurityHeaders:
    """Adds HEADERS to every answer that does not set them itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def send_strict(message: Message) -> None:
            if message["type"] == "http.response.start":
                keep_strict(MutableHeaders(scope=message), scope["scheme"])
            await send(message)

        await self.app(scope, receive, send_strict)


class SameOrigin:
    """Refuses writes that another site made a browser send: no form tokens, so that pages stay cacheable.

    Browsers say where a request comes from (Sec-Fetch-Site, or Origin in older ones). A request with neither
    does not come from a browser that could be tricked.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE or from_here(Headers(scope=scope)):
            return await self.app(scope, receive, send)
        sentence = _("This was sent from another site, so it was not carried out. Open the page here and try again.")
        answer = await error_page(Request(scope, receive), 403, sentence)
        await answer(scope, receive, send)


def from_here(headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    try:
        return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
    except ValueError:  # half an IPv6 address
        return False


def carries_files(headers: Headers) -> bool:
    return headers.get("content-type", "").lower().startswith("multipart/form-data")


def too_large(request: Request) -> str:
    """What to tell whoever sent too much; "" for the usual sentence."""
    return _("These files are too large. Send at most 12 MB at once.") if carries_files(request.headers) else ""


class BodyLimit:
    """Refuses bodies that are too large, in the look of the town: at once by the length they declare, else on the way."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        limit = FILES_LIMIT if carries_files(headers) else BODY_LIMIT
        declared = headers.get("content-length", "")
        if len(declared) > DECLARED_DIGITS or (declared.isdecimal() and int(declared) > limit):
            request = Request(scope, receive)
            answer = await error_page(request, 413, too_large(request))
            return await answer(scope, receive, send)
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)


class RateLimits:
    """So many requests a minute: writes by session, those with files fewer, signing in by address. Each process counts for itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.windows = Windows(time.time)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        request = Request(scope, receive)
        limit, who = self._limit(request)
        if limit is None or self.windows.hit(limit, who):
            return await self.app(scope, receive, send)
        answer: Response = await error_page(request, 429, _("That was too fast. Wait a minute, then try again."))
        answer.headers["Retry-After"] = str(self.windows.seconds_left())
        await answer(scope, receive, send)

    def _limit(self, request: Request) -> tuple[Limit | None, str]:
        address = request.client.host if request.client else ""
        path = request.scope["path"]
        if request.method in SAFE:
            return (SEARCHING if path.endswith(SEARCH_PATHS) else None), address
        if path.startswith(ACCOUNT_PATHS):
            return SIGNING_IN, address
        if path.startswith("/notices/unsubscribe/"):
            return LEAVING, address
        cookie = request.cookies.get(session_cookie(request))
        limit = SENDING_FILES if carries_files(request.headers) else WRITING
        return limit, hashlib.sha256(cookie.encode()).hexdigest() if cookie else address
