"""The list of debates: its orders and filters, and the newest ones on the front page."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from codesign.core.contributions import (
    MOST_DISCUSSED,
    MOST_VOTED,
    NEWEST,
    PAGE,
    Card,
    Contribution,
    card_rows,
    cards,
)
from codesign.core.search import matching
from codesign.core.shuffle import cut_shuffled
from codesign.core.topics import Topic, busiest_topics
from codesign.kit import (
    AnySelect,
    Link,
    Section,
    clean,
    cut,
    excerpt,
    gettext,
    here,
    is_htmx,
    mark,
    objection,
    page,
    session,
    visit_of,
)
from codesign_debates.debates import KIND, PHASES, Debate, in_phase, phase

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
DEBATES = Debate.__table__
COLUMNS = (DEBATES.c.opens_at, DEBATES.c.closes_at, DEBATES.c.concluded_at, DEBATES.c.conclusion_html)


def index(request: Request) -> Response:
    with session(request) as db:
        order = request.query_params.get("order", "newest")
        order = order if order in ORDERS else "newest"
        seed = _seed(request)
        rows, after = _listed(request, db, order, seed)
        context: dict[str, Any] = {"rows": rows, "next_url": here(request, after=after, order=order) if after else None}
        if is_htmx(request) and "after" in request.query_params:
            return page(request, "debates/_rows.html", **context)
        response = page(request, "debates/index.html", **context, **_choices(request, db, order))
        if order == "random":
            secure = request.url.scheme == "https"
            response.set_cookie(SEED_COOKIE, str(seed), SEED_SECONDS, httponly=True, samesite="lax", secure=secure)
        return response


def _listed(request: Request, db: Session, order: str, seed: int) -> tuple[list[dict[str, Any]], str | None]:
    query = _filtered(request, db)
    after = request.query_params.get("after")
    if order == "random":
        found = cut_shuffled(db, query, "debate", seed, after, PAGE)
    else:
        found = cut(db, query, KEYS[order], after, PAGE)
    visit = visit_of(request)
    return [_row(card, visit.now) for card in cards(found.rows, visit.kinds)], found.after


def _filtered(request: Request, db: Session) -> AnySelect:
    now = visit_of(request).now
    query = card_rows(*COLUMNS).join(DEBATES, DEBATES.c.id == Contribution.id).where(Contribution.kind == "debate")
    wanted = request.query_params.get("phase")
    if wanted in PHASES:
        query = query.where(in_phase(wanted, now))
    if slug := clean(request.query_params.get("topic", "")):
        query = query.where(Topic.slug == slug)
    words = clean(request.query_params.get("q", ""))[:200]
    return query.where(matching(db, Contribution.id, words)) if words.strip() else query


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
    kept = request.cookies.get(SEED_COOKIE, "")
    return int(kept) if kept.isascii() and kept.isdecimal() and len(kept) < 10 else secrets.randbelow(10**9)


def home_sections(db: Session, now: datetime) -> list[Section]:
    """The newest open debates, for the front page."""
    query = card_rows(*COLUMNS).join(DEBATES, DEBATES.c.id == Contribution.id).where(in_phase("open", now))
    found = cut(db, query, NEWEST, None, ON_HOME)
    rows = [_row(card, now) for card in cards(found.rows, {KIND.name: KIND})]
    return [Section("debates/_home.html", {"rows": rows})]
