"""The figures of an official's own authorities: what waits, what is late, and how it went in the last twelve months."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.authorities import authorities_of
from codesign.core.users import Role, User
from codesign.kit import gettext, page, require, session, visit_of
from codesign_feedback.cases import official_of
from codesign_feedback.figures import By, Tally, figures_by, places, together

WINDOW = timedelta(days=365)
PERCENT = 100


def index(request: Request) -> Response:
    with session(request) as db:
        require(request, "feedback.inbox")
        actor, now = official_of(request), visit_of(request).now
        own = _own(db, actor)
        tallies = figures_by(db, By.AUTHORITY, now, now - WINDOW, own)
        rows = [
            {
                "title": place.title or gettext("Without an authority"),
                "inbox": _inbox(place.id),
                **figures(tallies[place.id]),
            }
            for place in places(db, By.AUTHORITY, list(tallies))
        ]
        total = figures(together(tallies.values())) if tallies else None
        return page(request, "feedback/dashboard.html", rows=rows, total=total, everything=own is None)


def _own(db: Session, actor: User) -> Collection[int] | None:
    """The authorities for which somebody works; all (None) for administrators, and for who works at none."""
    found = authorities_of(db, actor)
    return None if actor.role is Role.ADMINISTRATOR or not found else found


def _inbox(authority_id: int | None) -> str:
    return f"/feedback/inbox?authority={authority_id if authority_id is not None else 'none'}"


def figures(tally: Tally) -> dict[str, Any]:
    """As the page shows them: shares in percent, None where there is nothing to share."""
    return {
        "unanswered": tally.unanswered,
        "overdue": tally.overdue,
        "due_soon": tally.due_soon,
        "open": tally.open,
        "answered": tally.answered,
        "due": tally.due,
        "in_time": _share(tally.in_time, tally.due),
        "median_days": tally.median_days,
        "decided": tally.decided,
        "verified": _share(tally.verified, tally.decided),
        "disputed": tally.disputed,
        "reopened": tally.reopened,
    }


def _share(part: int, whole: int) -> int | None:
    return round(part * PERCENT / whole) if whole else None


routes: list[BaseRoute] = [Route("/dashboard", index, methods=["GET"])]
