"""The inbox of the town: what awaits it, by deadline, for officials."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.authorities import authorities
from codesign.core.cards import Card, cards
from codesign.core.topics import topics
from codesign.kit import Link, clean, gettext, here, is_htmx, page, require, session, visit_of
from codesign_feedback.calendar import Calendar
from codesign_feedback.cases import official_of
from codesign_feedback.clock_words import left
from codesign_feedback.inbox import GROUPS, NOBODY, SCOPES, Wanted, waiting
from codesign_feedback.loop import ANSWERABLE
from codesign_feedback.state_words import state_words

Q_LENGTH = 200
ID_DIGITS = 18


def index(request: Request) -> Response:
    with session(request) as db:
        require(request, "feedback.inbox")
        visit, wanted = visit_of(request), _wanted(request)
        found, after = waiting(
            db, wanted, official_of(request), list(visit.kinds), visit.now, request.query_params.get("after")
        )
        context: dict[str, Any] = {
            "rows": _shown(request, cards(found, visit.kinds)),
            "next_url": here(request, after=after) if after else None,
        }
        if is_htmx(request) and "after" in request.query_params:
            return page(request, "feedback/_inbox_rows.html", **context)
        return page(request, "feedback/inbox.html", wanted=wanted, **context, **_choices(request, db, wanted))


def _wanted(request: Request) -> Wanted:
    """The filters of the address; what makes no sense filters nothing."""
    asked = {name: clean(value) for name, value in request.query_params.items()}
    group, scope, authority = asked.get("group", ""), asked.get("scope", ""), asked.get("authority", "")
    known = authority == NOBODY or (authority.isascii() and authority.isdecimal() and len(authority) <= ID_DIGITS)
    return Wanted(
        group=group if group in GROUPS else "",
        scope=scope if scope in SCOPES else "",
        authority=authority if known else "",
        topic=asked.get("topic", ""),
        kind=asked.get("kind", "") if asked.get("kind", "") in visit_of(request).kinds else "",
        overdue=asked.get("overdue") == "1",
        words=asked.get("q", "")[:Q_LENGTH],
    )


def _shown(request: Request, found: list[Card]) -> list[Mapping[str, Any]]:
    visit = visit_of(request)
    calendar = Calendar(ZoneInfo(visit.chosen.town.zone), 0, {})
    return [_row(card, calendar, visit.now) for card in found]


def _row(card: Card, calendar: Calendar, now: Any) -> Mapping[str, Any]:
    more, due_at = card.more, card.more["due_at"]
    told = {
        name: more[name] for name in ("authority_title", "owner_name", "draft_at", "appealing", "due_at", "state_at")
    }
    return {
        **card.__dict__,
        **told,
        "state_label": state_words(more["state"], more["outcome"]),
        "left": left(more["clock"], due_at, calendar, now) if due_at else None,
        "votes": card.agree_count + card.disagree_count,
        "can_answer": more["state"] in ANSWERABLE and not more["appealing"],
    }


def _choices(request: Request, db: Session, wanted: Wanted) -> dict[str, Any]:
    """The filters, as links and as the fields of the search form."""
    visit = visit_of(request)
    return {
        "scopes": [_choice(request, "scope", name, label, wanted.scope) for name, label in SCOPES.items()],
        "groups": [_choice(request, "group", name, label, wanted.group) for name, (label, _test) in GROUPS.items()],
        "authorities": [(str(one.id), one.title) for one in authorities(db)],
        "topics": [(topic.slug, topic.title) for topic in topics(db)],
        "kinds": [(kind.name, gettext(kind.label)) for kind in visit.kinds.values() if kind.answerable],
        "filtered": any((wanted.authority, wanted.topic, wanted.kind, wanted.overdue, wanted.words)),
    }


def _choice(request: Request, name: str, value: str, label: str, chosen: str) -> Link:
    """A link to the same list with another filter, from its first page."""
    return Link(gettext(label), here(request, **{name: value or None, "after": None}), current=value == chosen)


routes: list[BaseRoute] = [Route("/inbox", index, methods=["GET"])]
