"""A random order that is fair, stable for one visitor and paged by key.

Each visitor has a seed. A Feistel network over the seed (Luby and Rackoff 1988) permutes the places 0 .. 2^k - 1,
so that every visitor has their own order, every contribution is equally likely at every place, and page n is found
without sorting: the places of a page are turned into ordinals and read by index.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Integer, Row, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from codesign.core.contributions import Contribution
from codesign.db import BIGGEST_ID
from codesign.paging import NOTHING, AnySelect, Slice, derived

ROUNDS = 6
SMALL = 1000
"""Lists up to this length are ordered in memory; longer ones are read place by place."""
USUALLY = 6
"""At most every fourth place is taken where nothing is filtered out: so many places give one row, with some to spare."""
BATCH = 1000
_MASK = 2**64 - 1


def permutation(seed: int, bits: int) -> Callable[[int], int]:
    """A permutation of 0 .. 2**bits - 1 (bits even), another one for every seed."""
    half = bits // 2
    low = 2**half - 1
    mixed = _mixer(seed, low)

    def permute(place: int) -> int:
        left, right = place >> half, place & low
        for round in range(ROUNDS):
            left, right = right, left ^ mixed(round, right)
        return int(left << half | right)

    return permute


def inverse(seed: int, bits: int) -> Callable[[int], int]:
    """The place at which `permutation` puts a number."""
    half = bits // 2
    low = 2**half - 1
    mixed = _mixer(seed, low)

    def place_of(number: int) -> int:
        left, right = number >> half, number & low
        for round in reversed(range(ROUNDS)):
            left, right = right ^ mixed(round, left), left
        return int(left << half | right)

    return place_of


def _mixer(seed: int, low: int) -> Callable[[int, int], int]:
    """The function of a round, by its number and one half of a place; halves are few, so each is computed once."""

    @cache
    def mixed(round: int, value: int) -> int:
        # The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
        bits = (seed * 0x9E3779B97F4A7C15 + (round + 1) * 0xD1B54A32D192ED03 + value * 0x8CB92BA72F3D8DD7) & _MASK
        bits = ((bits ^ bits >> 30) * 0xBF58476D1CE4E5B9) & _MASK
        bits = ((bits ^ bits >> 27) * 0x94D049BB133111EB) & _MASK
        return (bits ^ bits >> 31) & low

    return mixed


def cut_shuffled(
    db: Session,
    query: AnySelect,
    kind: str,
    seed: int,
    after: str | None,
    size: int,
    given: Mapping[str, Any] = NOTHING,
) -> Slice[Row[Any]]:
    """The next `size` rows of `query` (of `card_rows`, one kind) in the order of `seed`, behind the cursor `after`.

    The cursor is the place of the last row seen. What is added later takes places of its own and moves nothing.
    `given` are the values of the query's parameters.
    """
    start = int(after) + 1 if after and after.isdecimal() and len(after) < 19 else 0
    asked = {**given, "shuffle_kind": kind, "shuffle_most": SMALL + 1}
    few = db.execute(derived(query, "ordinals", lambda: _ordinals(query)), asked).all()
    bits = _bits(few[0].last if few else 0)
    if len(few) <= SMALL:
        return _cut_few(db, query, [row.ordinal for row in few], inverse(seed, bits), start, size, asked)
    return _cut_many(db, query, permutation(seed, bits), 2**bits, start, size, asked)


def _ordinals(query: AnySelect) -> AnySelect:
    """The ordinals of a list that is not too long, each with the last one that was given out in its kind."""
    every = aliased(Contribution)
    last = select(func.max(every.ordinal)).where(every.kind == bindparam("shuffle_kind")).scalar_subquery()
    found = query.with_only_columns(Contribution.ordinal, last.label("last")).order_by(None)
    return found.limit(bindparam("shuffle_most", type_=Integer))


def _bits(last: int) -> int:
    # Even, and with room to grow: the order changes only when the list outgrows it fourfold.
    bits = max(12, min(last, BIGGEST_ID).bit_length())
    return bits + bits % 2


def _cut_few(
    db: Session,
    query: AnySelect,
    ordinals: Sequence[int],
    place_of: Callable[[int], int],
    start: int,
    size: int,
    asked: Mapping[str, Any],
) -> Slice[Row[Any]]:
    places = sorted((place, ordinal) for ordinal in ordinals if (place := place_of(ordinal)) >= start)
    rows = _read(db, query, [ordinal for _place, ordinal in places[:size]], asked)
    return Slice(rows, str(places[size - 1][0]) if len(places) > size else None)


def _cut_many(
    db: Session,
    query: AnySelect,
    permute: Callable[[int], int],
    end: int,
    start: int,
    size: int,
    asked: Mapping[str, Any],
) -> Slice[Row[Any]]:
    rows: list[Row[Any]] = []
    places: list[int] = []
    step = USUALLY * (size + 1)
    while start < end and len(rows) <= size:
        step = min(step, BATCH)
        ordinals = {permute(place): place for place in range(start, min(start + step, end))}
        found = _read(db, query, list(ordinals), asked)
        rows += found
        places += [ordinals[row.ordinal] for row in found]
        start, step = start + step, step * 2
    return Slice(rows[:size], str(places[size - 1]) if len(rows) > size else None)


def _read(db: Session, query: AnySelect, ordinals: list[int], asked: Mapping[str, Any]) -> list[Row[Any]]:
    part = derived(query, "these ordinals", lambda: _these(query))
    by_ordinal = {row.ordinal: row for row in db.execute(part, {**asked, "shuffle_ordinals": ordinals})}
    return [by_ordinal[ordinal] for ordinal in ordinals if ordinal in by_ordinal]


def _these(query: AnySelect) -> AnySelect:
    chosen = Contribution.ordinal.in_(bindparam("shuffle_ordinals", expanding=True))
    return query.order_by(None).where(Contribution.kind == bindparam("shuffle_kind"), chosen)
