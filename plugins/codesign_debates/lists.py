"""The list of debates: its orders and filters, and the newest ones on the front page."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from codesign.core.cards import Card, cards
from codesign.core.contributions import MOST_DISCUSSED, MOST_VOTED, NEWEST, PAGE
from codesign.core.shuffle import cut_shuffled
from codesign.core.topics import busiest_topics
from codesign.kit import (
    Link,
    Section,
    changes_at,
    clean,
    cookie_of,
    cut,
    excerpt,
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
from codesign_debates.debates import KIND, PHASES, phase
from codesign_debates.finding import debates_of

ORDERS = {
    "newest": mark("Newest"),
    "voted": mark("Most voted"),
    "discussed": mark("Most discussed"),
    "random": mark("Random"),
}
KEYS = {"newest": NEWEST, "voted": MOST_VOTED, "discussed": MOST_DISCUSSED}
PHASE_LABELS = {"upcoming": mark("Upcoming"), "open": mark("Open"), "closed": mark("Closed")}
SEED_COOKIE = "shuffle"
SEED_SECONDS = 7 * 24 * 3600
ON_HOME = 3
TOPICS = 20


def index(request: Request) -> Response:
    with session(request) as db:
        order = request.query_params.get("order", "newest")
        order = order if order in ORDERS else "newest"
        seed = _seed(request) if order == "random" else 0
        rows, after = _listed(request, db, order, seed)
        context: dict[str, Any] = {"rows": rows, "next_url": here(request, after=after, order=order) if after else None}
        changes_at(request, *(row[moment] for row in rows for moment in ("opens_at", "closes_at")))
        if is_htmx(request) and "after" in request.query_params:
            return page(request, "debates/_rows.html", keep=keep(), **context)
        response = page(request, "debates/index.html", keep=keep(), **context, **_choices(request, db, order))
        if order == "random":
            secure = request.url.scheme == "https"
            response.set_cookie(SEED_COOKIE, str(seed), SEED_SECONDS, httponly=True, samesite="lax", secure=secure)
        return response


def _listed(request: Request, db: Session, order: str, seed: int) -> tuple[list[dict[str, Any]], str | None]:
    visit, asked = visit_of(request), request.query_params
    wanted = asked.get("phase", "")
    words = clean(asked.get("q", ""))[:200]
    query, given = debates_of(db, visit.now, wanted if wanted in PHASES else "", clean(asked.get("topic", "")), words)
    if order == "random":
        found = cut_shuffled(db, query, "debate", seed, asked.get("after"), PAGE, given)
    else:
        found = cut(db, query, KEYS[order], asked.get("after"), PAGE, given)
    return [_row(card, visit.now) for card in cards(found.rows, visit.kinds)], found.after


def _row(card: Card, now: datetime) -> dict[str, Any]:
    more = card.more
    dates = {"opens_at": more["opens_at"], "closes_at": more["closes_at"]}
    now_in = phase(more["opens_at"], more["closes_at"], more["concluded_at"], now)
    summed_up = excerpt(more["conclusion_html"], 160)
    return {**card.__dict__, **dates, "phase": now_in, "conclusion_excerpt": summed_up, "state_label": ""}


def _choices(request: Request, db: Session, order: str) -> dict[str, Any]:
    """The orders and filters as links, and what the search form keeps."""
    topic = request.query_params.get("topic")
    wanted = request.query_params.get("phase")
    return {
        "orders": [_choice(request, "order", name, gettext(label), order) for name, label in ORDERS.items()],
        "topics": [
            _choice(request, "topic", row.slug, row.title, topic, row.contribution_count)
            for row in busiest_topics(db, TOPICS)
        ],
        "all_topics": _choice(request, "topic", None, gettext("All topics"), topic or None),
        "phases": [
            _choice(request, "phase", None, gettext("All"), wanted if wanted in PHASES else None),
            *(_choice(request, "phase", name, gettext(label), wanted) for name, label in PHASE_LABELS.items()),
        ],
        "q": clean(request.query_params.get("q", ""))[:200],
        "order": order,
        "topic": topic or "",
        "phase": wanted or "",
        "may_start": not objection(request, "debates.start"),
    }


def _choice(
    request: Request, name: str, value: str | None, label: str, chosen: str | None, count: int | None = None
) -> Link:
    """A link to the same list with another order or filter, from its first page."""
    return Link(label, here(request, **{name: value, "after": None}), current=value == chosen, count=count)


def _seed(request: Request) -> int:
    """The visitor's own seed of the random order, kept in a cookie for a week."""
    kept = cookie_of(request, SEED_COOKIE)
    return int(kept) if kept.isascii() and kept.isdecimal() and len(kept) < 10 else secrets.randbelow(10**9)


def home_sections(db: Session, now: datetime) -> list[Section]:
    """The newest open debates, for the front page."""
    query, given = debates_of(db, now, "open")
    found = cut(db, query, NEWEST, None, ON_HOME, given)
    rows = [_row(card, now) for card in cards(found.rows, {KIND.name: KIND})]
    moments = [row["closes_at"] for row in rows]
    return [Section("debates/_home.html", {"rows": rows}, same_for_residents=True, moments=moments)]
