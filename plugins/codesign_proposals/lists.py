"""The list of proposals: its orders and filters, and those that need a few more supporters on the front page."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.areas import areas
from codesign.core.cards import cards
from codesign.core.contributions import MOST_VOTED, NEWEST, PAGE, Contribution
from codesign.core.shuffle import cut_shuffled
from codesign.core.tags import Tag
from codesign.core.topics import busiest_topics
from codesign.kit import (
    Link,
    Section,
    changes_at,
    clean,
    cookie_of,
    cut,
    gettext,
    here,
    is_htmx,
    keep,
    mark,
    objection,
    page,
    session,
    visit_of,
)
from codesign_proposals.finding import CLOSEST, STATES, Wanted, proposals_of
from codesign_proposals.proposals import KIND
from codesign_proposals.rows import listed, listed_with_pictures

ORDERS = {
    "newest": mark("Newest"),
    "supported": mark("Most supported"),
    "close": mark("Close to the threshold"),
    "random": mark("Random"),
}
KEYS = {"newest": NEWEST, "supported": MOST_VOTED, "close": CLOSEST}
STATE_LABELS = {
    "gathering": mark("Gathering support"),
    "reached": mark("Reached the threshold"),
    "archived": mark("Archived"),
    "other": mark("Withdrawn or joined"),
}
SEED_COOKIE = "shuffle"
SEED_SECONDS = 7 * 24 * 3600
ON_HOME = 3
TOPICS = 20
Rows = list[Mapping[str, Any]]


def index(request: Request) -> Response:
    with session(request) as db:
        order, wanted = _asked(request)
        seed = _seed(request) if order == "random" else 0
        rows, after = _listed(request, db, order, wanted, seed)
        context: dict[str, Any] = {"rows": rows, "next_url": here(request, after=after, order=order) if after else None}
        changes_at(request, *(row["changes_at"] for row in rows))
        if is_htmx(request) and "after" in request.query_params:
            return page(request, "proposals/_rows.html", keep=keep(), **context)
        context |= _choices(request, db, order, wanted)
        response = page(request, "proposals/index.html", keep=keep(), **context)
        if order == "random":
            secure = request.url.scheme == "https"
            response.set_cookie(SEED_COOKIE, str(seed), SEED_SECONDS, httponly=True, samesite="lax", secure=secure)
        return response


def _asked(request: Request) -> tuple[str, Wanted]:
    """The order and the filters of the URL. Close to the threshold are only those that gather support."""
    asked = {name: clean(request.query_params.get(name, "")).strip()[:200] for name in ("topic", "area", "tag", "q")}
    order, state = (request.query_params.get(name, "") for name in ("order", "state"))
    order = order if order in ORDERS else "newest"
    state = "gathering" if order == "close" else state if state in STATES else ""
    return order, Wanted(state, asked["topic"], asked["area"], asked["tag"], asked["q"])


def _listed(request: Request, db: Session, order: str, wanted: Wanted, seed: int) -> tuple[Rows, str | None]:
    visit, after = visit_of(request), request.query_params.get("after")
    query, given = proposals_of(db, visit.now, wanted, order == "close")
    query = query.add_columns(Contribution.html) if wanted.words else query
    if order == "random":
        found = cut_shuffled(db, query, KIND.name, seed, after, PAGE, given)
    else:
        found = cut(db, query, KEYS[order], after, PAGE, given)
    return listed_with_pictures(db, cards(found.rows, visit.kinds), visit.now, wanted.words), found.after


def _choices(request: Request, db: Session, order: str, wanted: Wanted) -> dict[str, Any]:
    """The orders and filters as links, and what the search form keeps."""
    topics = [(row.slug, row.title, row.contribution_count) for row in busiest_topics(db, TOPICS)]
    # Of a state that is not gathering, none is close to the threshold: that order and these filters end each other.
    ends = {"order": None} if order == "close" else {}
    states = [(name, gettext(label), None) for name, label in STATE_LABELS.items()]
    return {
        "orders": [
            Link(gettext(label), here(request, order=name, after=None, **_without_state(name)), current=name == order)
            for name, label in ORDERS.items()
        ],
        "topics": _links(request, "topic", gettext("All topics"), topics, wanted.topic),
        "areas": _links(
            request, "area", gettext("All areas"), [(row.slug, row.title, None) for row in areas(db)], wanted.area
        ),
        "states": _links(request, "state", gettext("All"), states, wanted.state, **ends),
        "tag": _tag(request, db, wanted.tag),
        "kept": {"order": order, "state": wanted.state, "topic": wanted.topic, "area": wanted.area, "tag": wanted.tag},
        "q": wanted.words,
        "may_write": not objection(request, "proposals.write"),
    }


def _without_state(order: str) -> dict[str, None]:
    return {"state": None} if order == "close" else {}


def _links(
    request: Request, name: str, every: str, offered: Sequence[tuple[str, str, int | None]], chosen: str, **more: None
) -> list[Link]:
    """Links to the same list with another filter, from its first page; the first one takes the filter away."""
    target = {"after": None, **more}
    first = Link(every, here(request, **{name: None}, **target), current=not chosen)
    links = [
        Link(label, here(request, **{name: value}, **target), current=value == chosen, count=count)
        for value, label, count in offered
    ]
    return [first, *links] if links else []


def _tag(request: Request, db: Session, slug: str) -> Link | None:
    """The tag of the list, as a link that takes it away."""
    name = db.scalar(select(Tag.name).where(Tag.slug == slug)) if slug else None
    return Link(name, here(request, tag=None, after=None)) if name else None


def _seed(request: Request) -> int:
    """The visitor's own seed of the random order, kept in a cookie for a week."""
    kept = cookie_of(request, SEED_COOKIE)
    return int(kept) if kept.isascii() and kept.isdecimal() and len(kept) < 10 else secrets.randbelow(10**9)


def home_sections(db: Session, now: datetime) -> list[Section]:
    """Proposals that are close to the support they need, for the front page."""
    query, given = proposals_of(db, now, Wanted(), closest=True)
    found = cut(db, query, CLOSEST, None, ON_HOME, given)
    rows = [listed(card, now) for card in cards(found.rows, {KIND.name: KIND})]
    moments = [row["changes_at"] for row in rows]
    return [Section("proposals/_home.html", {"rows": rows}, same_for_residents=True, moments=moments)]


routes: list[BaseRoute] = [Route("/", index, name="index")]
