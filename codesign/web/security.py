"""Before and after every request: who sent it, how often, and the headers that keep browsers strict."""

import hashlib
import math
import time
from urllib.parse import urlsplit

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from codesign.i18n import mark as _
from codesign.web.errors import error_page
from codesign.web.headers import keep_strict
from codesign.web.session import session_cookie

SAFE = {"GET", "HEAD", "OPTIONS"}
BODY_LIMIT = 512 * 1024
DECLARED_DIGITS = 18
SIGNING_IN = parse("30/minute")
WRITING = parse("90/minute")
SEARCHING = parse("120/minute")
ACCOUNT_PATHS = (
    "/accounts/sign-in",
    "/accounts/sign-up",
    "/accounts/forgotten",
    "/accounts/reset",
    "/accounts/confirm",
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


class BodyLimit:
    """Refuses bodies that are too large, in the look of the town: at once by the length they declare, else on the way."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        declared = Headers(scope=scope).get("content-length", "")
        if len(declared) > DECLARED_DIGITS or (declared.isdecimal() and int(declared) > BODY_LIMIT):
            answer = await error_page(Request(scope, receive), 413)
            return await answer(scope, receive, send)
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > BODY_LIMIT:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)


class RateLimits:
    """So many requests a minute: writes by session, signing in by address. Each process counts for itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.limiter = FixedWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        request = Request(scope, receive)
        limit, *key = self._limit(request)
        if limit is None or self.limiter.hit(limit, *key):
            return await self.app(scope, receive, send)
        seconds = max(1, math.ceil(self.limiter.get_window_stats(limit, *key).reset_time - time.time()))
        answer: Response = await error_page(request, 429, _("That was too fast. Wait a minute, then try again."))
        answer.headers["Retry-After"] = str(seconds)
        await answer(scope, receive, send)

    def _limit(self, request: Request) -> tuple[RateLimitItem | None, str, str]:
        address = request.client.host if request.client else ""
        if request.method in SAFE:
            return (SEARCHING if request.url.path == "/search" else None), "search", address
        if request.url.path.startswith(ACCOUNT_PATHS):
            return SIGNING_IN, "account", address
        cookie = request.cookies.get(session_cookie(request))
        return WRITING, "write", hashlib.sha256(cookie.encode()).hexdigest() if cookie else address
