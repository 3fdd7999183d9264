"""Atom feeds (RFC 4287): of the town, a topic, a life situation, an authority and a contribution."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from feedgenerator import Atom1Feed
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from codesign.core.authorities import get_authority
from codesign.core.cards import Card, card_rows, cards
from codesign.core.contributions import NEWEST, Contribution
from codesign.core.life import get_situation
from codesign.core.topics import get_topic
from codesign.events import Event
from codesign.i18n import gettext as _
from codesign.markup import clean
from codesign.pages.contributions import visible
from codesign.paging import beside_order, cut
from codesign.timelines import happened
from codesign.web.pages import VARY, absolute, keep, kept, public_events
from codesign.web.session import session
from codesign.web.site import visit_of

FEED = 30
"""Entries of a feed."""
MEDIA_TYPE = "application/atom+xml"
BEGINNING = ".started"
"""How the events end with which a contribution begins: its own entry tells of it already."""


@dataclass(frozen=True)
class Entry:
    id: str
    """Whole and lasting: a reader shows each id once."""
    title: str
    url: str
    summary: str
    author: str
    at: datetime


def town_feed(request: Request) -> Response:
    """The newest contributions of the town."""
    with session(request) as db:
        town = visit_of(request).chosen.town
        found = _contributions(request, db, _anywhere(request, db))
        return _feed(request, town.title, "/", town.about, found)


def topic_feed(request: Request) -> Response:
    with session(request) as db:
        topic = get_topic(db, request.path_params["slug"])
        query = card_rows().where(Contribution.topic_id == topic.id, Contribution.kind.in_(_kinds(request)))
        entries = [*_contributions(request, db, query), *_events(request, db, Event.topic_id == topic.id)]
        return _feed(request, topic.title, topic.url, topic.summary, entries)


def situation_feed(request: Request) -> Response:
    with session(request) as db:
        situation = get_situation(db, request.path_params["slug"])
        query = card_rows().where(Contribution.situation_id == situation.id, Contribution.kind.in_(_kinds(request)))
        entries = [*_contributions(request, db, query), *_events(request, db, Event.situation_id == situation.id)]
        return _feed(request, situation.title, situation.url, situation.summary, entries)


def authority_feed(request: Request) -> Response:
    """What happened to contributions that this authority has to do with."""
    with session(request) as db:
        authority = get_authority(db, request.path_params["slug"])
        entries = _events(request, db, Event.authority_id == authority.id)
        return _feed(request, authority.title, authority.url, authority.summary, entries)


def contribution_feed(request: Request) -> Response:
    """What happened to one contribution, from its beginning on."""
    with session(request) as db:
        thing = visible(request, db, request.path_params["id"])
        url = absolute(request, thing.url)
        first = Entry(url, thing.title, url, thing.excerpt, thing.author_name or "", thing.created_at)
        entries = [*_events(request, db, Event.contribution_id == thing.id)[: FEED - 1], first]
        return _feed(request, thing.title, thing.url, thing.excerpt, entries)


def _kinds(request: Request) -> list[str]:
    return list(visit_of(request).kinds)


def _anywhere(request: Request, db: Session) -> Select[Any]:
    return card_rows().where(beside_order(db, Contribution.kind).in_(_kinds(request)))


def _contributions(request: Request, db: Session, query: Select[Any]) -> list[Entry]:
    rows = cut(db, query, NEWEST, None, FEED).rows
    return [_entry(request, card) for card in cards(rows, visit_of(request).kinds)]


def _entry(request: Request, card: Card) -> Entry:
    url = absolute(request, card.url)
    return Entry(url, card.title, url, card.excerpt, card.author_name or "", card.created_at)


def _events(request: Request, db: Session, where: ColumnElement[bool]) -> list[Entry]:
    """The newest public events, each with what happened in the reader's language."""
    visit = visit_of(request)
    known = public_events(request)
    names = [name for name in known if not name.endswith(BEGINNING)]
    entries = []
    for row in happened(db, names, list(visit.kinds), where, FEED):
        id = absolute(request, f"/contributions/{row.contribution_id}#event-{row.id}")
        url, sentence = absolute(request, visit.kinds[row.kind].url_of(row.contribution_id)), _(known[row.name])
        entries.append(Entry(id, f"{row.title} · {sentence}", url, sentence, row.actor_name or "", row.at))
    return entries


def _feed(request: Request, title: str, path: str, about: str, entries: Iterable[Entry]) -> Response:
    """The newest entries as Atom, kept as pages are. What XML cannot hold is left out."""
    visit, town = visit_of(request), visit_of(request).chosen.town
    whole = path == "/"
    atom = Atom1Feed(
        title=clean(title if whole else f"{title} · {town.title}"), link=absolute(request, path),
        description=clean(about), language=visit.speech.locale, feed_url=absolute(request, request.url.path),
        feed_guid=None if whole else absolute(request, request.url.path),
    )  # fmt: skip
    for entry in sorted(entries, key=lambda entry: entry.at, reverse=True)[:FEED]:
        atom.add_item(
            title=clean(entry.title), link=entry.url, description=escape(clean(entry.summary)), unique_id=entry.id,
            pubdate=entry.at, updateddate=entry.at, author_name=clean(entry.author) or clean(town.title),
        )  # fmt: skip
    answer = Response(atom.writeString("utf-8"), media_type=MEDIA_TYPE, headers={"Vary": VARY})
    return kept(request, answer, keep())


routes = [
    Route("/feed.atom", town_feed),
    Route("/topics/{slug}/feed.atom", topic_feed),
    Route("/situations/{slug}/feed.atom", situation_feed),
    Route("/authorities/{slug}/feed.atom", authority_feed),
    Route("/contributions/{id:int}/feed.atom", contribution_feed),
]
