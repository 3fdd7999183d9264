"""The public page "Listening": the figures of the town per authority, topic or life situation, and as a file."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.kit import Link, changes_at, gettext, here, keep, kept, mark, page, session, visit_of
from codesign_feedback.calendar import Calendar
from codesign_feedback.charts import chart
from codesign_feedback.exporting import MEDIA_TYPE, csv_text, lines
from codesign_feedback.figures import EVER, By
from codesign_feedback.listening import Listening, listening

TABS = {By.AUTHORITY: mark("Authorities"), By.TOPIC: mark("Topics"), By.SITUATION: mark("Life situations")}
WINDOWS = {"3": mark("3 months"), "12": mark("12 months"), "all": mark("All years")}
DAYS = {"3": 92, "12": 365}
USUAL = "12"


@dataclass(frozen=True)
class View:
    """What a reader wants to see. What makes no sense in the URL means the usual."""

    by: By
    window: str
    since: datetime
    midnight: datetime
    """The next one: figures of today change with the day."""


def index(request: Request) -> Response:
    with session(request) as db:
        view, found = _asked(request, db)
        return page(
            request,
            "feedback/listening.html",
            keep=keep(),
            charts=[chart(figures, view.by) for figures in found.figures],
            anything=found.total > 0,
            since=view.since if view.since != EVER else None,
            csv_url=f"/feedback/listening.csv?by={view.by.value}&window={view.window}",
            **_choices(request, view),
        )


def export(request: Request) -> Response:
    """The same figures as a file; what is hidden on the page is hidden here."""
    with session(request) as db:
        view, found = _asked(request, db)
        name = f"listening-{view.by.value}-{view.window}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}
        answer = Response(csv_text(lines(found, view.by)), media_type=MEDIA_TYPE, headers=headers)
        return kept(request, answer, keep())


def _asked(request: Request, db: Session) -> tuple[View, Listening]:
    visit = visit_of(request)
    view = view_of(request.query_params, visit.chosen.town.zone, visit.now)
    changes_at(request, view.midnight)
    return view, listening(db, view.by, visit.now, view.since)


def view_of(asked: Any, zone: str, now: datetime) -> View:
    by = By(asked.get("by")) if asked.get("by") in set(By) else By.AUTHORITY
    window = asked.get("window") if asked.get("window") in WINDOWS else USUAL
    calendar = Calendar(ZoneInfo(zone), 0, {})
    today = calendar.today(now)
    first = today - timedelta(days=DAYS.get(window, 0))
    since = datetime.combine(first, time(), calendar.zone) if window in DAYS else EVER
    return View(by, window, since, calendar.end_of(today))


def _choices(request: Request, view: View) -> dict[str, Any]:
    tabs = [Link(gettext(label), here(request, by=by.value), current=by is view.by) for by, label in TABS.items()]
    windows = [
        Link(gettext(label), here(request, window=window), current=window == view.window)
        for window, label in WINDOWS.items()
    ]
    return {"tabs": tabs, "windows": windows}


routes: list[BaseRoute] = [
    Route("/", index, name="listening"),
    Route("/listening.csv", export, name="listening_csv"),
]
