"""The front page, the search and the town's sign."""

from dataclasses import replace
from html import escape
from typing import Any

from sqlalchemy import Select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from codesign.core.cards import Card, card_rows, cards
from codesign.core.contributions import NEWEST, Contribution
from codesign.core.highlights import excerpt_around, highlighted
from codesign.core.life import situations
from codesign.core.search import matching
from codesign.core.topics import busiest_topics
from codesign.markup import EXCERPT_LENGTH, clean, plain
from codesign.paging import beside_order, cut
from codesign.web.pages import here, keep, page
from codesign.web.session import session
from codesign.web.site import visit_of

LATEST = 6
TOPICS = 12
PAGE = 20
QUERY_LENGTH = 200
ACCENTS = {
    "blue": "#1f4e8c", "teal": "#0b5d5e", "green": "#2d5f2b", "plum": "#6b2e6b", "brick": "#93391f", "ochre": "#7a5200",
}  # fmt: skip


def index(request: Request) -> Response:
    with session(request) as db:
        visit = visit_of(request)
        latest = cut(db, _here(request), NEWEST, None, LATEST)
        return page(
            request,
            "home/index.html",
            keep=keep(),
            situations=situations(db, 12),
            topics=[
                {"title": t.title, "url": t.url, "count": t.contribution_count} for t in busiest_topics(db, TOPICS)
            ],
            latest=cards(latest.rows, visit.kinds),
        )


def search(request: Request) -> Response:
    with session(request) as db:
        words = clean(request.query_params.get("q", ""))[:QUERY_LENGTH].strip()
        rows: list[Card] = []
        next_url = None
        if words:
            query = _here(request).add_columns(Contribution.html).where(matching(db, Contribution.id, words))
            found = cut(db, query, NEWEST, request.query_params.get("after"), PAGE)
            rows = [_marked(card, words) for card in cards(found.rows, visit_of(request).kinds)]
            next_url = here(request, after=found.after) if found.after else None
        return page(request, "search/index.html", keep=keep(), q=words, rows=rows, next_url=next_url)


def _marked(card: Card, words: str) -> Card:
    """What the search found, marked in the title and in the part of the text where it is."""
    around = excerpt_around(plain(card.more["html"]), words, EXCERPT_LENGTH)
    return replace(card, title=highlighted(card.title, words), excerpt=highlighted(around, words))


def favicon(request: Request) -> Response:
    """The town's crest: its first letter in a speech bubble of its colour."""
    with session(request):
        town = visit_of(request).chosen.town
        letter = escape(town.title[:1].upper() or "·")
        drawing = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
            f'<path fill="{ACCENTS[town.accent]}" d="M16 1a15 15 0 1 1 0 30H4a3 3 0 0 1-3-3V16A15 15 0 0 1 16 1z"/>'
            '<text x="16" y="22" font-family="Noto Sans, sans-serif" font-size="17" font-weight="700" '
            f'text-anchor="middle" fill="#fff">{letter}</text></svg>'
        )
        return Response(drawing, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=3600"})


def _here(request: Request) -> Select[Any]:
    """Visible contributions of the kinds that are enabled here."""
    visit = visit_of(request)
    return card_rows().where(beside_order(visit.db, Contribution.kind).in_(list(visit.kinds)))


routes = [
    Route("/", index, name="home"),
    Route("/search", search),
    Route("/favicon.svg", favicon),
]
