"""The public list of what is overdue, longest first, and its Atom feed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from feedgenerator import Atom1Feed
from sqlalchemy import Row, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.authorities import Authority
from codesign.core.contributions import Contribution
from codesign.kit import (
    AnySelect,
    Key,
    absolute,
    changes_at,
    clean,
    cut,
    gettext,
    here,
    is_htmx,
    keep,
    kept,
    page,
    session,
    visit_of,
)
from codesign.paging import beside_order
from codesign_feedback import clock_words
from codesign_feedback.calendar import Calendar
from codesign_feedback.loop import OPEN, State
from codesign_feedback.loops import Loop
from codesign_feedback.words import STATE_LABELS

LONGEST = (Key(Loop.overdue_at), Key(Loop.contribution_id))
PAGE = 30
FEED = 30
COLUMNS: tuple[Any, ...] = (
    Loop.contribution_id, Loop.overdue_at, Loop.due_at, Loop.clock, Loop.state, Loop.answered_at, Loop.answer_due_at,
    Contribution.title, Contribution.kind, Contribution.number, Contribution.language,
    Authority.title.label("authority"), Authority.slug.label("authority_slug"),
)  # fmt: skip


@dataclass(frozen=True)
class Overdue:
    title: str
    url: str
    number: str
    kind_label: str
    language: str
    authority: str | None
    authority_url: str
    over: str
    """`46 days over`."""
    what: str
    """What is missing."""
    since: date
    """The last day on which it would have been in time."""
    listed_at: datetime


def index(request: Request) -> Response:
    with session(request) as db:
        visit = visit_of(request)
        calendar = Calendar(ZoneInfo(visit.chosen.town.zone), 0, {})
        part = cut(db, _query(request, db), LONGEST, request.query_params.get("after"), PAGE)
        changes_at(request, calendar.end_of(calendar.today(visit.now)))
        rows = [_overdue(request, row, calendar) for row in part.rows]
        next_url = here(request, after=part.after) if part.after else None
        template = "feedback/_overdue_rows.html" if _more(request) else "feedback/overdue.html"
        return page(request, template, keep=keep(), rows=rows, next_url=next_url)


def feed(request: Request) -> Response:
    """What came onto the list last, newest first."""
    with session(request) as db:
        visit = visit_of(request)
        town, calendar = visit.chosen.town, Calendar(ZoneInfo(visit.chosen.town.zone), 0, {})
        newest = _query(request, db).order_by(Loop.overdue_at.desc(), Loop.contribution_id.desc()).limit(FEED)
        atom = Atom1Feed(
            title=clean(f"{gettext('Overdue')} · {town.title}"), link=absolute(request, "/feedback/overdue"),
            description=clean(gettext("What the town should have done by now")), language=visit.speech.locale,
            feed_url=absolute(request, request.url.path), feed_guid=absolute(request, request.url.path),
        )  # fmt: skip
        for row in db.execute(newest):
            one = _overdue(request, row, calendar)
            url = absolute(request, one.url)
            atom.add_item(
                title=clean(one.title), link=url, description=clean(one.what), author_name=clean(one.authority or town.title),
                unique_id=f"{url}#overdue-{one.listed_at:%Y%m%d}", pubdate=one.listed_at, updateddate=one.listed_at,
            )  # fmt: skip
        answer = Response(atom.writeString("utf-8"), media_type="application/atom+xml")
        changes_at(request, calendar.end_of(calendar.today(visit.now)))
        return kept(request, answer, keep())


def _more(request: Request) -> bool:
    return is_htmx(request) and "after" in request.query_params


def _query(request: Request, db: Session) -> AnySelect:
    """What is on the list, and still open: neither hidden nor of a kind that is off."""
    query: AnySelect = select(*COLUMNS).join(Contribution, Contribution.id == Loop.contribution_id)
    query = query.outerjoin(Authority, Authority.id == Loop.authority_id)
    here = beside_order(db, Contribution.kind).in_(list(visit_of(request).kinds))
    return query.where(Loop.overdue_at.is_not(None), Loop.state.in_(OPEN), Contribution.hidden_at.is_(None), here)


def _overdue(request: Request, row: Row[Any], calendar: Calendar) -> Overdue:
    now, kind = visit_of(request).now, visit_of(request).kinds[row.kind]
    due_at = row.due_at
    if due_at is None:  # it lapsed: no clock runs any more
        due_at = row.answer_due_at if row.answered_at is None and row.answer_due_at else row.overdue_at
    lapsed = row.state is State.LAPSED or row.clock not in clock_words.LATE
    return Overdue(
        title=row.title, url=kind.url_of(row.contribution_id), number=row.number, kind_label=gettext(kind.label),
        language=row.language, authority=row.authority,
        authority_url=f"/authorities/{row.authority_slug}" if row.authority_slug else "",
        over=clock_words.in_days(calendar.days_left(due_at, now)),
        what=gettext(STATE_LABELS[row.state] if lapsed else clock_words.LATE[row.clock]),
        since=calendar.last_day(due_at), listed_at=row.overdue_at,
    )  # fmt: skip


routes: list[BaseRoute] = [Route("/overdue", index, name="overdue"), Route("/overdue.atom", feed, name="overdue_feed")]
