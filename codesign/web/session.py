"""The transaction of a request: one session on the municipality's store, with the visitor and what is enabled."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy.orm import Session
from starlette.requests import Request

from codesign.core.settings import CORE, Chosen
from codesign.core.users import Role, User
from codesign.core.viewers import visitor_of
from codesign.i18n import Speech, speaking
from codesign.stores import Store
from codesign.types import NotFound
from codesign.web.cookies import LANGUAGE_COOKIE, session_cookie
from codesign.web.site import Site, Visit, site_of

SAFE = {"GET", "HEAD"}


@contextmanager
def session(request: Request, read_only: bool = False) -> Iterator[Session]:
    """The session of this request: read-only for GET and HEAD (or when asked), else a transaction that commits at
    the end of `with`. Inside an open one it is the same session again."""
    if getattr(request.state, "open", False):
        yield request.state.visit.db
        return
    read_only = read_only or request.method in SAFE
    store = site_of(request).registry.store(request.state.entry.slug)
    ours = getattr(request.state, "shared_session", None)
    if ours is not None:  # small writes that share a transaction: see codesign/web/writes.py
        with _visiting(request, store, ours):
            yield ours
        return
    with (store.read if read_only else store.write)() as db, _visiting(request, store, db):
        yield db


@contextmanager
def fresh_session(request: Request) -> Iterator[Session]:
    """A read-only session for an error page: of what failed nothing is used again, not even the form."""
    request.scope.pop("plugin", None)
    store = site_of(request).registry.store(request.state.entry.slug)
    with store.read() as db, _visiting(request, store, db):
        yield db


@contextmanager
def _visiting(request: Request, store: Store, db: Session) -> Iterator[None]:
    visit = begin(request, store, db)
    request.state.visit, request.state.open = visit, True
    with speaking(visit.speech):
        try:
            yield
        finally:
            request.state.open = False


def begin(request: Request, store: Store, db: Session) -> Visit:
    """Find out who asks and what is switched on: one query. Raises NotFound for pages of a plugin that is off."""
    site = site_of(request)
    plugin = request.scope.get("plugin")
    token = request.cookies.get(session_cookie(request), "")
    now = site.now()
    actor, edition, unread = visitor_of(db, token, now)
    moulding = getattr(request.state, "moulding", None)
    actor = moulding.resident if moulding else actor
    decided = site.decided(store, db, edition)
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
        unread=unread,
    )
    if plugin is not None and plugin not in enabled:
        request.state.visit = visit
        raise NotFound(f"{plugin} is off here")
    return visit


def _speech(request: Request, site: Site, decided: Chosen, actor: User | None) -> Speech:
    town = decided.town
    wanted = (request.cookies.get(LANGUAGE_COOKIE), actor.locale if actor else None)
    offered = {town.locale, *town.other_locales}
    locale = next((locale for locale in wanted if locale in offered), town.locale)
    return site.catalogues.speech(locale or town.locale, town.zone)


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
