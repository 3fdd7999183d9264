"""The cookies of a visitor, and how reading one keeps a page from being shared."""

from starlette.requests import Request, cookie_parser

FLASH_COOKIE = "flash"
LANGUAGE_COOKIE = "language"


def session_cookie_name(scheme: str) -> str:
    """Behind TLS one that browsers accept only from this host, over TLS, for the whole site."""
    return "__Host-codesign" if scheme == "https" else "codesign"


def session_cookie(request: Request) -> str:
    return session_cookie_name(request.url.scheme)


def cookie_of(request: Request, name: str) -> str:
    """A cookie that this visitor brought, "" without. Whoever asks makes an answer for this visitor alone."""
    request.state.personal = True
    aside = getattr(request.state, "cookie_aside", None)
    cookies = request.cookies if aside is None else cookie_parser(aside)
    return cookies.get(name, "")
