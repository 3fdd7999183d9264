"""The town's special days: holidays, and weekends on which it works. Administrators edit them."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.kit import NotFound, gettext, insert, page, redirect, require, session, typed, value, visit_of
from codesign_feedback.calendar import SpecialDay
from codesign_feedback.official_forms import YEARS, DayForm

URL = "/feedback/calendar"
LEAP_DAY = (2, 29)


def index(request: Request) -> Response:
    with session(request) as db:
        require(request, "feedback.calendar")
        return _page(request, db, _year(request), DayForm())


def save(request: Request) -> Response:
    """A new special day; one that is known already gets the new name."""
    with session(request) as db:
        require(request, "feedback.calendar")
        form = DayForm(typed(request)).translate()
        if not form.validate():
            return _page(request, db, _year(request), form, 422)
        told = {"works": form.works.data == "yes", "title": form.title.data.strip()}
        new = insert(db, SpecialDay).values(day=form.day.data, **told)
        db.execute(new.on_conflict_do_update(index_elements=["day"], set_=told))
        return redirect(request, f"{URL}?year={form.day.data.year}", gettext("The day is in the calendar."))


def remove(request: Request) -> Response:
    with session(request) as db:
        require(request, "feedback.calendar")
        day = _day(value(request, "day"))
        db.execute(delete(SpecialDay).where(SpecialDay.day == day))
        return redirect(request, f"{URL}?year={day.year}", gettext("It is an ordinary day again."))


def copy(request: Request) -> Response:
    """The days of the year before, on the same dates; what is there already stays."""
    with session(request) as db:
        require(request, "feedback.calendar")
        year = _year(request)
        before = [row for row in days_of(db, year - 1) if (row.day.month, row.day.day) != LEAP_DAY]
        for row in before:
            new = insert(db, SpecialDay).values(day=row.day.replace(year=year), works=row.works, title=row.title)
            db.execute(new.on_conflict_do_nothing())
        sentence = gettext("The days of %(year)s are taken over. Look at those that move from year to year.")
        return redirect(request, f"{URL}?year={year}", sentence % {"year": year - 1})


def days_of(db: Session, year: int) -> list[SpecialDay]:
    within = SpecialDay.day.between(date(year, 1, 1), date(year, 12, 31))
    return list(db.scalars(select(SpecialDay).where(within).order_by(SpecialDay.day)))


def _year(request: Request) -> int:
    """The one of the address, or the present one in the town."""
    asked, visit = request.query_params.get("year", ""), visit_of(request)
    known = asked.isascii() and asked.isdecimal() and len(asked) == 4 and int(asked) in YEARS
    return int(asked) if known else visit.now.astimezone(ZoneInfo(visit.chosen.town.zone)).year


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotFound("not a day") from error


def _page(request: Request, db: Session, year: int, form: DayForm, status: int = 200) -> Response:
    shown: dict[str, Any] = {
        "year": year,
        "days": days_of(db, year),
        "copies": len(days_of(db, year - 1)) if year - 1 in YEARS else 0,
    }
    years = [one for one in (year - 1, year + 1) if one in YEARS]
    return page(request, "feedback/calendar.html", status, form=form.translate(), years=years, url=URL, **shown)


routes: list[BaseRoute] = [
    Route("/calendar", index, methods=["GET"]),
    Route("/calendar", save, methods=["POST"]),
    Route("/calendar/remove", remove, methods=["POST"]),
    Route("/calendar/copy", copy, methods=["POST"]),
]
