"""The transaction of a request: one session on the municipality's store, with the visitor and what is enabled."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import anyio.from_thread
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from codesign.core.sessions import session_user
from codesign.core.settings import CORE, Chosen, chosen
from codesign.core.users import Role, User
from codesign.i18n import Speech, speaking
from codesign.types import NotFound
from codesign.web.site import Site, Visit, site_of

SAFE = {"GET", "HEAD"}
LANGUAGE_COOKIE = "language"


@contextmanager
def session(request: Request, read_only: bool = False) -> Iterator[Session]:
    """The session of this request: read-only for GET and HEAD (or when asked), else a transaction that commits at
    the end of `with`. Inside an open one it is the same session again."""
    if getattr(request.state, "open", False):
        yield request.state.visit.db
        return
    if request.method not in SAFE and not hasattr(request.state, "form"):
        # Before the transaction: a slow sender must not hold up the other writers.
        request.state.form = anyio.from_thread.run(_read_form, request)
    read_only = read_only or request.method in SAFE
    store = site_of(request).registry.store(request.state.entry.slug)
    with (store.read if read_only else store.write)() as db, _visiting(request, db):
        yield db


@contextmanager
def fresh_session(request: Request) -> Iterator[Session]:
    """A read-only session for an error page: of what failed nothing is used again, not even the form."""
    request.scope.pop("plugin", None)
    store = site_of(request).registry.store(request.state.entry.slug)
    with store.read() as db, _visiting(request, db):
        yield db


@contextmanager
def _visiting(request: Request, db: Session) -> Iterator[None]:
    visit = begin(request, db)
    request.state.visit, request.state.open = visit, True
    with speaking(visit.speech):
        try:
            yield
        finally:
            request.state.open = False


def begin(request: Request, db: Session) -> Visit:
    """Find out who asks and what is switched on: two queries. Raises NotFound for pages of a plugin that is off."""
    site = site_of(request)
    decided = chosen(db)
    plugin = request.scope.get("plugin")
    token = request.cookies.get(session_cookie(request), "")
    now = site.now()
    actor = session_user(db, token, now) if token else None
    enabled = decided.enabled.intersection(site.plugins.by_name)
    visit = Visit(
        db=db,
        entry=request.state.entry,
        chosen=decided,
        hooks=site.plugins.hooks(enabled),
        kinds={kind.name: kind for name in (CORE, *sorted(enabled)) for kind in site.kinds.get(name, ())},
        actor=actor,
        token=token,
        speech=_speech(request, site, decided, actor),
        now=_rehearsed(request, actor) or now,
    )
    if plugin is not None and plugin not in enabled:
        request.state.visit = visit
        raise NotFound(f"{plugin} is off here")
    return visit


async def _read_form(request: Request) -> FormData:
    try:
        form = await request.form(max_files=10, max_fields=200)
    except UnicodeError as error:  # a charset that can decode nothing
        raise HTTPException(400) from error
    await form.close()  # no form of ours takes files
    return form


def session_cookie(request: Request) -> str:
    """The cookie's name; behind TLS one that browsers accept only from this host, over TLS, for the whole site."""
    return "__Host-codesign" if request.url.scheme == "https" else "codesign"


def _speech(request: Request, site: Site, decided: Chosen, actor: User | None) -> Speech:
    town = decided.town
    wanted = request.cookies.get(LANGUAGE_COOKIE) or (actor.locale if actor else None)
    locale = wanted if wanted in {town.locale, *town.other_locales} else town.locale
    return site.catalogues.speech(locale, town.zone)


def _rehearsed(request: Request, actor: User | None) -> datetime | None:
    """`?at=2026-05-01T12:00` shows an administrator the pages as they will be then."""
    at = request.query_params.get("at")
    if not at or actor is None or actor.role is not Role.ADMINISTRATOR or request.method not in SAFE:
        return None
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
