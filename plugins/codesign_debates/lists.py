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
from codesign.core.topics import Topic, topics
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
DEBATES = Debate.__table__
COLUMNS = (DEBATES.c.opens_at, DEBATES.c.closes_at, DEBATES.c.concluded_at, DEBATES.c.conclusion)


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
    summed_up = excerpt(more["conclusion"], 160) if more["conclusion"] else ""
    return {**card.__dict__, **dates, "phase": now_in, "conclusion_excerpt": summed_up, "state_label": ""}


def _choices(request: Request, db: Session, order: str) -> dict[str, Any]:
    """The orders and filters as links."""
    topic = request.query_params.get("topic")
    phase_now = request.query_params.get("phase")
    return {
        "orders": [
            Link(gettext(label), here(request, order=name, after=None), current=name == order)
            for name, label in ORDERS.items()
        ],
        "topics": [
            Link(
                row.title,
                here(request, topic=row.slug, after=None),
                current=row.slug == topic,
                count=row.contribution_count,
            )
            for row in topics(db, 30)
            if row.contribution_count
        ],
        "all_topics": Link(gettext("All topics"), here(request, topic=None, after=None), current=not topic),
        "phases": [
            Link(gettext("All"), here(request, phase=None, after=None), current=phase_now not in PHASES),
            *(
                Link(gettext(label), here(request, phase=name, after=None), current=name == phase_now)
                for name, label in PHASE_LABELS.items()
            ),
        ],
        "q": clean(request.query_params.get("q", ""))[:200],
        "order": order,
        "topic": topic or "",
        "phase": phase_now or "",
        "may_start": not objection(request, "debates.start"),
    }


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
