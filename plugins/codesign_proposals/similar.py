"""What others have proposed already, shown to whoever writes a title, so that people join instead of repeating."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.core.cards import card_rows, cards
from codesign.core.contributions import TITLE_LENGTHS, Contribution
from codesign.core.likeness import ALIKE, likeness, sharing
from codesign.kit import clean, page, session, visit_of
from codesign_proposals.finding import COLUMNS, NOW, PROPOSALS, P, in_state
from codesign_proposals.proposals import KIND
from codesign_proposals.rows import listed

MOST = 5
_OPEN = (
    card_rows(*COLUMNS)
    .join(PROPOSALS, P.id == Contribution.id)
    .where(Contribution.id.in_(bindparam("ids", expanding=True)), in_state("gathering", NOW) | in_state("reached", NOW))
)


def similar(request: Request) -> Response:
    """A part of a page, asked for while a title is typed."""
    with session(request) as db:
        title = clean(request.query_params.get("title", ""))[: TITLE_LENGTHS[1]]
        return page(request, "proposals/_similar.html", similar=similar_to(db, title, visit_of(request).now))


def similar_to(db: Session, title: str, now: datetime, limit: int = MOST, but: int = 0) -> list[Mapping[str, Any]]:
    """Proposals like one of this title that can be supported or were, the likest first, as `_similar.html` shows them.

    Archived, withdrawn and joined ones are left out, and the one with the id `but`. Two queries.
    """
    shared = sharing(db, title)
    ids = [id for id in shared.holders if id != but]
    if not ids:
        return []
    found = cards(db.execute(_OPEN, {"ids": ids, "now": now}).all(), {KIND.name: KIND})
    alike = [(likeness(shared, card.id, card.title), card.id, card) for card in found]
    best = sorted((one for one in alike if one[0] >= ALIKE), key=lambda one: one[:2], reverse=True)
    return [listed(card, now) for _likeness, _id, card in best[:limit]]


routes: list[BaseRoute] = [Route("/similar", similar, name="similar")]
