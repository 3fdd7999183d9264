"""The list of polls, the open ones first, and those the town decides now, on the front page."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from codesign.core.cards import Card, cards
from codesign.core.contributions import NEWEST, PAGE
from codesign.core.topics import busiest_topics
from codesign.kit import (
    Link,
    Section,
    allowed,
    changes_at,
    clean,
    cut,
    gettext,
    here,
    is_htmx,
    keep,
    mark,
    page,
    session,
    visit_of,
)
from codesign_polls.finding import CLOSING_SOON, NOT_OPEN, OPEN, Current, current, polls_of
from codesign_polls.polls import KIND, PHASES, phase
from codesign_polls.wording import time_left

ORDERS = {"closing": mark("Closing soon"), "newest": mark("Newest")}
"""Of the open polls; all others are shown the newest first."""
PHASE_LABELS = {"open": mark("Open"), "upcoming": mark("Upcoming"), "closed": mark("Closed")}
ON_HOME = 3
TOPICS = 20
WORDS_LENGTH = 200


def index(request: Request) -> Response:
    """Without a phase: the open ones in a part of their own, then all others."""
    with session(request) as db:
        visit, asked = visit_of(request), request.query_params
        wanted = asked.get("phase", "")
        wanted = wanted if wanted in PHASES else ""
        order = "newest" if asked.get("order") == "newest" or wanted != OPEN else "closing"
        found = current(db, visit.now)
        rows, after = _listed(request, db, found, wanted or NOT_OPEN, order, asked.get("after"))
        changes_at(request, found.turns_at, *(row["changes_at"] for row in rows))
        next_url = here(request, after=after) if after else None
        if is_htmx(request) and "after" in asked:
            return page(request, "polls/_rows.html", keep=keep(), rows=rows, next_url=next_url)
        first = not wanted and "after" not in asked
        now_open, more = _listed(request, db, found, OPEN, "closing", None) if first else ([], None)
        changes_at(request, *(row["changes_at"] for row in now_open))
        context: dict[str, Any] = {
            "rows": rows,
            "next_url": next_url,
            "now_open": now_open,
            "more_open": more is not None,
        }
        return page(request, "polls/index.html", keep=keep(), **context, **_choices(request, db, wanted, order))


def _listed(
    request: Request, db: Session, found: Current, phase: str, order: str, after: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    asked = request.query_params
    words = clean(asked.get("q", ""))[:WORDS_LENGTH]
    query, given = polls_of(db, found, phase, clean(asked.get("topic", "")), words)
    part = cut(db, query, CLOSING_SOON if order == "closing" else NEWEST, after, PAGE, given)
    return [_row(card, found.now) for card in cards(part.rows, visit_of(request).kinds)], part.after


def _row(card: Card, now: datetime) -> dict[str, Any]:
    more = card.more
    now_in = phase(more["opens_at"], more["closes_at"], now)
    left, next_words = time_left(more["closes_at"], now) if now_in == OPEN else ("", None)
    own = {name: more[name] for name in ("opens_at", "closes_at", "voter_count", "secret")}
    return {**card.__dict__, **own, "phase": now_in, "left": left, "changes_at": next_words}


def _choices(request: Request, db: Session, phase: str, order: str) -> dict[str, Any]:
    """The orders and filters as links, and what the search form keeps."""
    topic = request.query_params.get("topic")
    orders = [_choice(request, "order", name, gettext(label), order) for name, label in ORDERS.items()]
    return {
        "orders": orders if phase == OPEN else [],
        "topics": [_choice(request, "topic", row.slug, row.title, topic) for row in busiest_topics(db, TOPICS)],
        "all_topics": _choice(request, "topic", None, gettext("All topics"), topic or None),
        "phases": [
            _choice(request, "phase", None, gettext("All"), phase or None),
            *(_choice(request, "phase", name, gettext(label), phase) for name, label in PHASE_LABELS.items()),
        ],
        "q": clean(request.query_params.get("q", ""))[:WORDS_LENGTH],
        "topic": topic or "",
        "phase": phase,
        "order": order if phase == OPEN else "",
        "all_open": here(request, phase=OPEN, after=None, order=None),
        "may_prepare": allowed(request, "polls.prepare"),
    }


def _choice(request: Request, name: str, value: str | None, label: str, chosen: str | None) -> Link:
    """A link to the same list with another order or filter, from its first page."""
    dropped = {"order": None} if name == "phase" else {}
    return Link(label, here(request, **{**dropped, name: value, "after": None}), current=value == chosen)


def home_sections(db: Session, now: datetime) -> list[Section]:
    """What the town decides now: the polls that close soonest. Nothing to see when none is open."""
    found = current(db, now)
    query, given = polls_of(db, found, OPEN)
    part = cut(db, query, CLOSING_SOON, None, ON_HOME, given)
    rows = [_row(card, now) for card in cards(part.rows, {KIND.name: KIND})]
    moments = [found.turns_at, *(row["changes_at"] for row in rows)]
    return [Section("polls/_home.html", {"rows": rows}, weight=-10, same_for_residents=True, moments=moments)]
