"""What a request for a page asks for: everything that a kept answer may depend on, and nothing else."""

from functools import lru_cache
from typing import Any, NamedTuple

from starlette.requests import cookie_parser
from starlette.types import Scope

from codesign.i18n import LANGUAGES
from codesign.web.cookies import FLASH_COOKIE, LANGUAGE_COOKIE, session_cookie_name

LAST_PORT = 65535
NOT_PAGES = ("/static/", "/files/", "/notices/", "/-/")
PASSED_ON = {b"host", b"hx-request", b"hx-request-type", b"range", b"if-range", b"if-none-match", b"if-modified-since"}
"""Headers that an endpoint still sees when its answer may be kept for everybody."""


class Asked(NamedTuple):
    key: tuple[Any, ...]
    host: str
    language: str
    """From the language cookie; "" for the one of the person or the town."""
    token: str
    """From the session cookie; "" for an anonymous visitor."""
    cookie: str
    packs: bool
    known: bytes
    """The ETags that the browser holds."""


def ask(scope: Scope) -> Asked | None:
    """None for what is answered without this layer: writes, files, a visitor who has a word coming from the last page."""
    path = scope["path"]
    if scope["method"] not in ("GET", "HEAD") or path.startswith(NOT_PAGES):
        return None
    headers = dict(scope["headers"])
    # Whoever says something twice, a host above all, could be read in two ways: by this layer and behind it.
    if b"authorization" in headers or len(headers) != len(scope["headers"]):
        return None
    token = language = cookie = ""
    if b"cookie" in headers:
        cookie = headers[b"cookie"].decode("latin-1")
        cookies = cookie_parser(cookie)
        if FLASH_COOKIE in cookies:
            return None
        token = cookies.get(session_cookie_name(scope["scheme"]), "")
        language = cookies.get(LANGUAGE_COOKIE, "")
        language = language if language in LANGUAGES else ""
    htmx = headers.get(b"hx-request") == b"true" and headers.get(b"hx-request-type") != b"full"
    host = headers.get(b"host", b"")
    key = (host, scope["scheme"], path, scope["query_string"], language, htmx)
    packs = _packs(headers.get(b"accept-encoding", b""))
    return Asked(key, host_name(host), language, token, cookie, packs, headers.get(b"if-none-match", b""))


def without_person(scope: Scope, asked: Asked) -> Scope:
    """The same request without anything that tells who sent it: a page made of it can be shown to anybody."""
    headers = [(name, value) for name, value in scope["headers"] if name in PASSED_ON]
    if asked.language:
        headers.append((b"cookie", f"{LANGUAGE_COOKIE}={asked.language}".encode()))
    return {**scope, "headers": headers, "state": {**scope.get("state", {}), "cookie_aside": asked.cookie}}


@lru_cache(1000)
def host_name(header: bytes) -> str:
    """The host of a Host header, in small letters, without port."""
    host = header.decode("latin-1").lower()
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() and len(port) <= 5 and int(port) <= LAST_PORT else host


@lru_cache(256)
def _packs(accepted: bytes) -> bool:
    """Whether gzip may be sent (RFC 9110, 12.5.3)."""
    for part in accepted.decode("latin-1").lower().split(","):
        coding, _semicolon, weight = part.partition(";")
        if coding.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
