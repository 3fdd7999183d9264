"""Answers: pages and parts of pages, redirects with a word to the reader, and what plugins add to them."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from codesign import timelines
from codesign.i18n import LANGUAGES
from codesign.plugins import ordered
from codesign.types import Forbidden, Link, Section
from codesign.web.cookies import FLASH_COOKIE
from codesign.web.moulds import Moulding
from codesign.web.signing import signature, signed_by_us
from codesign.web.site import Keep, Visit, site_of, visit_of

FLASH_SECONDS = 60
VARY = "Cookie, HX-Request, HX-Request-Type"


def page(request: Request, template: str, status: int = 200, keep: Keep | None = None, **context: Any) -> Response:
    """Render a template for this visit. Call it inside `with session(request)`: templates may ask for more.

    With `keep` the page is made once for everybody: it may differ from person to person only in its `mine` parts.
    """
    flash = read_flash(request)
    html = render(request, template, {**context, "flash": flash, "status": status})
    response = HTMLResponse(html, status, headers={"Cache-Control": "private, no-cache", "Vary": VARY})
    if flash and not is_htmx(request):
        response.delete_cookie(FLASH_COOKIE)
    return kept(request, response, keep) if keep and not flash else response


def kept(request: Request, response: Response, keep: Keep) -> Response:
    """Let this answer be given to others as well, unless something in it turned out to be for this visitor alone."""
    visit = visit_of(request)
    if not getattr(request.state, "personal", False):
        request.state.keep = replace(keep, until=min(visit.moments, default=None))
        if visit.actor is None:
            response.headers["Cache-Control"] = "no-cache"
    return response


def keep(thing: Any = None) -> Keep:
    """What a kept page shows: one contribution in the town's frame, or, without, anything of the town."""
    return Keep(thing.id, thing.version) if thing is not None else Keep()


def changes_at(request: Request, *moments: datetime | None) -> None:
    """Say when the clock alone will change what this page shows; past moments and None do not count."""
    visit = visit_of(request)
    visit.moments += [moment for moment in moments if moment is not None and moment > visit.now]


def mine(request: Request, template: str, **values: Any) -> Markup:
    """A part of a kept page that differs from person to person; `Site.personal` says on what it depends."""
    moulding: Moulding | None = getattr(request.state, "moulding", None)
    if moulding is None:
        return Markup(render(request, template, values))  # noqa: S704
    return moulding.open(template, values, lambda: render(request, template, values))


def render(request: Request, template: str, context: Mapping[str, Any]) -> str:
    visit = visit_of(request)
    visit.context = visit.context or visit_context(request)
    return site_of(request).templates.get_template(template).render({**visit.context, **context})


def redirect(request: Request, url: str, flash: str = "") -> Response:
    """303 to a path of this site, with a sentence shown once on the next page."""
    response = RedirectResponse(url, 303)
    if flash:
        payload = base64.urlsafe_b64encode(flash.encode()).decode()
        value = f"{payload}.{signature(request, 'flash', flash)}"
        response.set_cookie(FLASH_COOKIE, value, FLASH_SECONDS, httponly=True, samesite="lax", secure=_tls(request))
    return response


def absolute(request: Request, path: str) -> str:
    """The whole URL of a path of this site, for letters and feeds."""
    return f"{request.url.scheme}://{request.url.netloc}{path}"


def is_htmx(request: Request) -> bool:
    """htmx asks for a part of the page (restoring history and boosted links want it whole)."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-request-type") != "full"


def local_path(url: str | None, default: str = "/") -> str:
    """`url` when it is a path of this site, else `default`: nobody is sent elsewhere by a crafted link."""
    if not url or not url.startswith("/") or url.startswith(("//", "/\\")) or not url.isprintable() or "\\" in url:
        return default
    parts = urlsplit(url)
    return url if not parts.scheme and not parts.netloc else default


def allowed(request: Request, action: str, thing: Any = None) -> bool:
    visit = visit_of(request)
    return site_of(request).permissions.allowed(visit.actor, action, thing, visit.now)


def require(request: Request, action: str, thing: Any = None, within: Any = None) -> None:
    """Raises Forbidden when the visitor may not do this, or when an enabled plugin objects to it now.

    Plugins object on account of `within`, when it is given: the contribution that a comment belongs to.
    """
    if not allowed(request, action, thing):
        raise Forbidden("")
    sentence = objection(request, action, within or thing)
    if sentence:
        raise Forbidden(sentence)


def objection(request: Request, action: str, thing: Any = None) -> str:
    """Why an action may not be done just now, or "" when nobody objects."""
    visit = visit_of(request)
    answers = visit.hooks.objections(db=visit.db, actor=visit.actor, action=action, subject=thing, now=visit.now)
    return next((objection.sentence for objection in ordered(answers)), "")


def links(request: Request, slot: str, subject: Any = None) -> list[Link]:
    visit = visit_of(request)
    return ordered(visit.hooks.links(slot=slot, subject=subject, actor=visit.actor))


def sections(request: Request, slot: str, subject: Any = None) -> list[Markup]:
    """What the enabled plugins show in a slot of a page, rendered."""
    visit = visit_of(request)
    answers = visit.hooks.sections(slot=slot, db=visit.db, subject=subject, actor=visit.actor, now=visit.now)
    found: list[Section] = ordered(answers)
    if visit.actor is not None and not all(section.same_for_residents for section in found):
        request.state.personal = True
    changes_at(request, *(moment for section in found for moment in section.moments))
    return [Markup(render(request, section.template, section.context)) for section in found]  # noqa: S704


def timeline(request: Request, thing: Any) -> list[timelines.Moment]:
    """What happened to a contribution, as far as everybody may read of it, oldest first: one query."""
    visit = visit_of(request)
    return timelines.timeline(visit.db, public_events(request), thing.id)


def public_events(request: Request) -> Mapping[str, str]:
    """The events of timelines and feeds of this town, each with its sentence, not translated yet."""
    return timelines.sentences(site_of(request).plugins, visit_of(request).chosen.enabled)


def visit_context(request: Request) -> dict[str, Any]:
    """What every template knows; documented in docs/templates.md."""
    visit = visit_of(request)
    path = request.url.path
    return {
        "town": visit.chosen.town,
        "locale": visit.speech.locale,
        "languages": _languages(visit, path),
        "path": path,
        "nav": _marked(links(request, "nav"), path),
        "development": site_of(request).settings.development,
        "base_url": absolute(request, ""),
        **own_context(request),
    }


def own_context(request: Request) -> dict[str, Any]:
    """The part of it that differs from visit to visit."""
    visit = visit_of(request)
    return {
        "actor": visit.actor,
        "unread": visit.unread,
        "now": visit.now,
        "flash": None,
        "account_nav": _marked(links(request, "account"), request.url.path),
        "here": partial(here, request),
        "allowed": partial(allowed, request),
        "objection": partial(objection, request),
        "sections": partial(sections, request),
        "timeline": partial(timeline, request),
        "links": partial(links, request),
        "mine": partial(mine, request),
    }


def here(request: Request, **changes: str | None) -> str:
    """The present URL with some query parameters changed; None takes one away."""
    query = {**request.query_params, **changes}
    text = urlencode({name: value for name, value in query.items() if value is not None})
    return f"{request.url.path}?{text}" if text else request.url.path


def read_flash(request: Request) -> str | None:
    signed = request.cookies.get(FLASH_COOKIE, "")
    payload, _dot, found = signed.partition(".")
    try:
        text = base64.urlsafe_b64decode(payload.encode()).decode()
    except ValueError:
        return None
    return text if text and signed_by_us(request, "flash", text, found) else None


def _tls(request: Request) -> bool:
    return request.url.scheme == "https"


def _marked(found: list[Link], path: str) -> list[Link]:
    """The same links, with the one that leads to the present page or above it marked as current."""
    return [
        Link(link.label, link.href, link.icon, path.startswith(link.href), link.count, link.lang, link.weight)
        for link in found
    ]


def _languages(visit: Visit, path: str) -> list[Link]:
    town = visit.chosen.town
    offered = list(dict.fromkeys([town.locale, *town.other_locales]))
    if len(offered) < 2:
        return []
    target = urlencode({"next": path})
    current = visit.speech.locale
    return [Link(LANGUAGES[code], f"/language/{code}?{target}", lang=code, current=code == current) for code in offered]
