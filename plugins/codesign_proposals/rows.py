"""Proposals as their lists show them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from codesign.core.cards import Card
from codesign.core.files import Attached, first_pictures
from codesign.core.highlights import excerpt_around, highlighted
from codesign.kit import plain
from codesign.markup import EXCERPT_LENGTH
from codesign_proposals.proposals import State, state
from codesign_proposals.term import days_left, next_day


def listed(card: Card, now: datetime, words: str = "", picture: Attached | None = None) -> Mapping[str, Any]:
    """One row of a list; what a search for `words` found is marked in it."""
    more = card.more
    standing = state(more["reached_at"], more["archives_at"], more["withdrawn_at"], more["merged_at"], now)
    gathering = standing is State.GATHERING
    return {
        **card.__dict__,
        **{name: more[name] for name in ("threshold", "archives_at", "reached_at")},
        "state": standing.value,
        "days_left": days_left(more["archives_at"], now) if gathering else None,
        "changes_at": next_day(more["archives_at"], now) if gathering else None,
        "filled": min(100, 100 * card.agree_count / max(more["threshold"], 1)),
        "title": highlighted(card.title, words) if words else card.title,
        "excerpt": _found(more["html"], words) if words else card.excerpt,
        "picture": picture,
    }


def listed_with_pictures(db: Session, found: Sequence[Card], now: datetime, words: str = "") -> list[Mapping[str, Any]]:
    """The rows of a list; one query for all pictures."""
    pictures = first_pictures(db, [card.id for card in found]) if found else {}
    return [listed(card, now, words, pictures.get(card.id)) for card in found]


def _found(html: str, words: str) -> str:
    return highlighted(excerpt_around(plain(html), words, EXCERPT_LENGTH), words)
