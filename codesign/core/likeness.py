"""What is already here and like something that is about to be written: contributions that share words with it."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nlargest
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from codesign.core.common_words import COMMON
from codesign.core.search import TABLE, words_of

WORDS = 8
NEWEST = 1000
"""Of a word that more contributions hold, the newest so many are looked at."""
MOST = 300
"""So many contributions, those with the most and the rarest words, are worth a look at their titles."""
ALIKE = 0.4
"""What `likeness` is at least among things worth showing to whoever writes."""
BESIDE = 0.001
"""What each word takes away that a title says beside it."""
IN_TEXT = 0.3
"""What a word counts that stands in a text and not in its title."""


@dataclass(frozen=True)
class Shared:
    """The words of a title that mean something, and where else they are."""

    weights: Mapping[str, float]
    """By beginning of a word: the rarer, the heavier."""
    holders: Mapping[int, frozenset[str]]
    """What each of some contributions holds of them, by its id."""


def sharing(db: Session, title: str) -> Shared:
    """Contributions of any kind that hold words of a title: one query, of bounded cost."""
    asked = stems(title)
    newest, found = _holders(db, asked) if asked else (0, {})
    counts = Counter(stem for held in found.values() for stem in held)
    weights = {stem: math.log(1 + min(newest, NEWEST) / max(counts[stem], 1)) for stem in asked}
    best = nlargest(MOST, found, key=lambda id: (sum(weights[stem] for stem in found[id]), id))
    return Shared(weights, {id: found[id] for id in best})


def likeness(shared: Shared, id: int, title: str) -> float:
    """How like what was asked for a contribution of this title is: 0 to 1, and less than ALIKE for what only chance
    has in common with it.

    The share of the words it has, by their weight; those in its text count less than those in its title. Where both
    titles have several words that mean something, they must share two of them.
    """
    held, own = shared.holders.get(id, frozenset()), meaningful(title)
    if len(held) < min(2, len(shared.weights), len(own)):
        return 0.0
    in_title = [stem for stem in held if any(word.startswith(stem) for word in own)]
    beside = sum(not word.startswith(tuple(held)) for word in own)
    weight = sum(shared.weights[stem] * (1 if stem in in_title else IN_TEXT) for stem in held)
    mine = weight / sum(shared.weights.values())
    # A short title that is wholly part of a long one is like it as well; of two that say it all, the shorter is liker.
    mine = max(mine, len(in_title) / len(own) * ALIKE) if len(in_title) > 1 else mine
    return mine - BESIDE * beside


def meaningful(title: str) -> list[str]:
    """The words of a title that say what it is about, in small letters, none twice."""
    words = (word.casefold() for word in words_of(title))
    return list(dict.fromkeys(word for word in words if word not in COMMON and len(word) > 2))


def stems(title: str) -> list[str]:
    """Beginnings of such words, none twice: what their inflections have in common.

    Cut at a fixed length, which does about as well as a stemmer in languages with many endings (Can et al. 2008,
    "Information retrieval on Turkish texts").
    """
    return list(dict.fromkeys(_stem(word) for word in meaningful(title)))[:WORDS]


def _stem(word: str) -> str:
    if len(word) < (6 if word.isascii() else 7):
        return word[:4]
    return word[: 5 + (len(word) > 8)]


def _holders(db: Session, asked: list[str]) -> tuple[int, dict[int, frozenset[str]]]:
    """The newest id of all, and by id what contributions hold: each word has a bit, and they the sum of theirs."""
    small = db.get_bind().dialect.name == "sqlite"
    id, match = ("rowid", TABLE) if small else ("id", "words")
    sign, given = ("MATCH", ":word_{}") if small else ("@@", "to_tsquery('simple', :word_{})")
    parts = [
        f"SELECT * FROM (SELECT {id} AS id, {1 << place} AS bit FROM {TABLE} WHERE {match} {sign} {given.format(place)} "  # noqa: S608
        f"ORDER BY {id} DESC LIMIT {NEWEST}) AS part_{place}"
        for place in range(len(asked))
    ]
    together = " UNION ALL ".join([*parts, "SELECT coalesce(max(id), 0), 0 FROM contribution"])
    query = text(f"SELECT id, sum(bit) FROM ({together}) AS parts GROUP BY id")  # noqa: S608
    quoted = {f"word_{place}": f'"{stem}"*' if small else f"'{stem}':*" for place, stem in enumerate(asked)}
    rows: Any = db.execute(query, quoted).all()
    held: dict[int, int] = dict(rows)
    sets = [frozenset(stem for place, stem in enumerate(asked) if bits >> place & 1) for bits in range(1 << len(asked))]
    return max(held), {id: sets[bits] for id, bits in held.items() if bits}
