"""A random order that is fair, stable for one visitor and paged by key.

Each visitor has a seed. A Feistel network over the seed (Luby and Rackoff 1988) permutes the places 0 .. 2^k - 1,
so that every visitor has their own order, every contribution is equally likely at every place, and page n is found
without sorting: the places of a page are turned into ordinals and read by index.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution
from codesign.db import BIGGEST_ID
from codesign.paging import Slice

ROUNDS = 6
SMALL = 1000
"""Lists up to this length are ordered in memory; longer ones are read place by place."""
BATCH = 400
_MASK = 2**64 - 1


def permutation(seed: int, bits: int) -> Callable[[int], int]:
    """A permutation of 0 .. 2**bits - 1 (bits even), another one for every seed."""
    half = bits // 2
    low = 2**half - 1

    def permute(place: int) -> int:
        left, right = place >> half, place & low
        for round in range(ROUNDS):
            left, right = right, left ^ (_mix(seed, round, right) & low)
        return int(left << half | right)

    return permute


def inverse(seed: int, bits: int) -> Callable[[int], int]:
    """The place at which `permutation` puts a number."""
    half = bits // 2
    low = 2**half - 1

    def place_of(number: int) -> int:
        left, right = number >> half, number & low
        for round in reversed(range(ROUNDS)):
            left, right = right ^ (_mix(seed, round, left) & low), left
        return int(left << half | right)

    return place_of


def _mix(seed: int, round: int, value: int) -> int:
    # The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
    mixed = (seed * 0x9E3779B97F4A7C15 + (round + 1) * 0xD1B54A32D192ED03 + value * 0x8CB92BA72F3D8DD7) & _MASK
    mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & _MASK
    return mixed ^ mixed >> 31


def cut_shuffled(
    db: Session, query: Select[Any], kind: str, seed: int, after: str | None, size: int
) -> Slice[Row[Any]]:
    """The next `size` rows of `query` (of `card_rows`, one kind) in the order of `seed`, behind the cursor `after`.

    The cursor is the place of the last row seen. What is added later takes places of its own and moves nothing.
    """
    start = int(after) + 1 if after and after.isdecimal() and len(after) < 19 else 0
    few = db.scalars(query.with_only_columns(Contribution.ordinal).order_by(None).limit(SMALL + 1)).all()
    if len(few) <= SMALL:
        last = max(few, default=0)
        return _cut_few(db, query, few, inverse(seed, _bits(last)), start, size)
    last = db.scalar(select(func.max(Contribution.ordinal)).where(Contribution.kind == kind)) or 0
    return _cut_many(db, query, permutation(seed, _bits(last)), 2 ** _bits(last), start, size)


def _bits(last: int) -> int:
    # Even, and with room to grow: the order changes only when the list outgrows it fourfold.
    bits = max(12, min(last, BIGGEST_ID).bit_length())
    return bits + bits % 2


def _cut_few(
    db: Session, query: Select[Any], ordinals: Sequence[int], place_of: Callable[[int], int], start: int, size: int
) -> Slice[Row[Any]]:
    places = sorted((place, ordinal) for ordinal in ordinals if (place := place_of(ordinal)) >= start)
    chosen = [ordinal for _place, ordinal in places[:size]]
    rows = _read(db, query, chosen)
    return Slice(rows, str(places[size - 1][0]) if len(places) > size else None)


def _cut_many(
    db: Session, query: Select[Any], permute: Callable[[int], int], end: int, start: int, size: int
) -> Slice[Row[Any]]:
    rows: list[Row[Any]] = []
    places: list[int] = []
    while start < end and len(rows) <= size:
        ordinals = {permute(place): place for place in range(start, min(start + BATCH, end))}
        found = _read(db, query, list(ordinals))
        rows += found
        places += [ordinals[row.ordinal] for row in found]
        start += BATCH
    return Slice(rows[:size], str(places[size - 1]) if len(rows) > size else None)


def _read(db: Session, query: Select[Any], ordinals: list[int]) -> list[Row[Any]]:
    condition: ColumnElement[bool] = Contribution.ordinal.in_(ordinals)
    by_ordinal = {row.ordinal: row for row in db.execute(query.order_by(None).where(condition))}
    return [by_ordinal[ordinal] for ordinal in ordinals if ordinal in by_ordinal]
