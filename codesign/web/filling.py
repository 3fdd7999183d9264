"""Filling a mould for the person who asks: who they are, what holds for them, and their page."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

from sqlalchemy.orm import Session
from starlette.requests import Request

from codesign.core.users import Role
from codesign.core.viewers import facts_of, viewer_of
from codesign.editions import Editions
from codesign.i18n import speaking
from codesign.web.asked import Asked
from codesign.web.finished import Headers
from codesign.web.moulds import Mould
from codesign.web.pages import own_context, render
from codesign.web.site import Site, Visit


@dataclass(frozen=True)
class Filled:
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class Wanted:
    """There is no mould that stands: one must be made for residents with this language of their own."""

    locale: str
    editions: Editions


class Nobody:
    """The session has ended: to be answered as if there were none."""


class Alone:
    """Somebody with a role, or who did not confirm an address yet: their pages are their own."""


def fill(
    site: Site, request: Request, asked: Asked, slug: str, contribution_id: int, find: Callable[[str], Mould | None]
) -> Filled | Wanted | Nobody | Alone:
    """The page for one resident: two queries and the parts that are theirs. `find` gives the mould for a language."""
    now = site.now()
    with site.registry.store(slug).direct() as direct:
        viewer = viewer_of(direct, asked.token, contribution_id, now)
        if viewer is None:
            return Nobody()
        if viewer.user.role is not Role.RESIDENT or viewer.user.confirmed_at is None:
            return Alone()
        locale = viewer.user.locale or ""
        mould = find(locale)
        if mould is None or now >= mould.made.until or not mould.made.stands(viewer.editions, viewer.version):
            return Wanted(locale, viewer.editions)
        facts = facts_of(direct, viewer.user, mould.questions)
    visit = replace(mould.visit, actor=viewer.user, token=asked.token, now=now, unread=viewer.unread, moments=[])
    request.state.visit, request.state.entry, request.state.open = visit, visit.entry, True
    with speaking(visit.speech):
        visit.context = {**visit.context, **own_context(request)}
        body = mould.fill(facts, lambda template, values: render(request, template, values))
    return Filled([*mould.headers, (b"content-length", str(len(body)).encode())], body)


def without_reader(visit: Visit) -> Visit:
    """A visit to keep with a mould: its session is closed, and nobody is in it. What pages say of the town stays."""
    return replace(visit, db=cast(Session, None), actor=None, token="", moments=[])


def headers_of(headers: Headers) -> Headers:
    """The headers of a mould: those of the answer it was made of, but for the length."""
    return [pair for pair in headers if pair[0] != b"content-length"]
