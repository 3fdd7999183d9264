"""Files: the pictures and documents of contributions, for whoever may see what they belong to."""

from urllib.parse import quote

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from codesign.core.files import Attached, Found, bytes_of, find_file
from codesign.db import BIGGEST_ID
from codesign.types import NotFound
from codesign.web.finished import knows
from codesign.web.pages import allowed
from codesign.web.session import session
from codesign.web.site import visit_of

FOR_EVERYBODY = "public, max-age=3600"
"""An hour and not a year, though the bytes at an address never change: what a moderator hides must disappear also from
the caches between the town and its readers."""
FOR_ONE = "private, no-store"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""Opened by itself a file can do nothing; a browser's own page around a picture has a style."""


def show(request: Request) -> Response:
    return _answer(request, small=False)


def show_small(request: Request) -> Response:
    return _answer(request, small=True)


def _answer(request: Request, small: bool) -> Response:
    id, digest = request.path_params["id"], request.path_params["digest"]
    with session(request) as db:
        found = find_file(db, id, digest) if 0 < id <= BIGGEST_ID and digest.isalnum() else None
        if found is None or not _may_see(request, found) or (small and not found.file.is_picture):
            raise NotFound(request.url.path)
        return _sent(request, db, found, small)


def _may_see(request: Request, found: Found) -> bool:
    visit = visit_of(request)
    if found.kind is None:
        return visit.actor is not None and visit.actor.id == found.file.owner_id
    return found.kind in visit.kinds and (not found.hidden or allowed(request, "moderation.decide"))


def _sent(request: Request, db: Session, found: Found, small: bool) -> Response:
    etag = f'"{found.file.digest}{"-small" if small else ""}"'
    public = found.kind is not None and not found.hidden
    headers = {
        "ETag": etag,
        "Cache-Control": FOR_EVERYBODY if public else FOR_ONE,
        "Content-Security-Policy": POLICY,
        "Content-Disposition": _disposition(found.file),
    }
    if knows(request.headers.get("if-none-match", "").encode("latin-1"), etag.encode()):
        return Response(status_code=304, headers=headers)
    return Response(bytes_of(db, found.file.id, small), media_type=found.file.media_type, headers=headers)


def _disposition(file: Attached) -> str:
    """Documents are saved, never shown as pages of this site. The name in two spellings (RFC 6266)."""
    plain = "".join(sign if sign.isascii() and sign not in '"%' else "_" for sign in file.name)
    sort = "inline" if file.is_picture else "attachment"
    return f"{sort}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"


routes = [
    Route("/files/{id:int}/{digest}/{name}", show, methods=["GET"]),
    Route("/files/{id:int}/{digest}/small/{name}", show_small, methods=["GET"]),
]
