"""The ballot box: entries `[key, answer]` of each question, in buckets that are written anew as a whole.

A database keeps traces of the order in which rows come: row ids, their place in the file, and in PostgreSQL the
transaction that wrote them, which would be the same as that of the voter's row in the roll. So ballots are no rows.
Two buckets are taken at random, the new entry is mixed among all of theirs, and they are divided anew by the random
source of the operating system: whoever sees the database at one moment knows of the last voter only that the ballot
is one of those in two buckets, at least `2 * SMALLEST`, or all there are. Within a bucket entries are sorted by key.
"""

import heapq
import json
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, TypeAlias

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from codesign.kit import insert
from codesign_polls.definition import Method, definition_of
from codesign_polls.polls import Box, OpenBallot, Poll

BIGGEST = 256
"""Entries of a bucket; with more it is divided."""
SMALLEST = BIGGEST // 2
POURED_AT_ONCE = 50
"""Buckets in one statement."""
STREAMED = 500
Entry: TypeAlias = tuple[str, Any]
"""A key, and an answer as `read_answer` gives it."""

_random = secrets.SystemRandom()


def drop(db: Session, poll_id: int, question: int, key: str, answer: Any) -> None:
    """Put one entry in. The caller holds the lock on the poll's row, so that nobody else writes to its box."""
    numbers = list(db.scalars(select(Box.bucket).where(Box.poll_id == poll_id, Box.question == question)))
    taken = _random.sample(numbers, min(2, len(numbers)))
    of_these = (Box.poll_id == poll_id) & (Box.question == question) & Box.bucket.in_(taken)
    texts = db.scalars(select(Box.entries).where(of_these)).all()
    entries = [entry for text in texts for entry in json.loads(text)]
    db.execute(delete(Box).where(of_these))
    places = taken or [0]
    if len(entries) + 1 > len(places) * BIGGEST:
        places.append(max(numbers) + 1)
    _write(db, poll_id, question, places, [*entries, [key, answer]])


def pour(db: Session, poll_id: int, question: int, entries: Iterable[Entry]) -> None:
    """Fill an empty box with many entries at once: an import, or the ballots of an open vote at its end."""
    every = [list(entry) for entry in entries]
    _write(db, poll_id, question, list(range(max(1, len(every) // SMALLEST))), every)


def _write(db: Session, poll_id: int, question: int, places: list[int], entries: list[list[Any]]) -> None:
    """Divide entries among buckets, by lot and evenly."""
    _random.shuffle(entries)
    rows = []
    for turn, place in enumerate(places):
        part = sorted(entries[turn :: len(places)], key=_key)
        text = json.dumps(part, ensure_ascii=False, separators=(",", ":"))
        rows.append({"poll_id": poll_id, "question": question, "bucket": place, "size": len(part), "entries": text})
    for start in range(0, len(rows), POURED_AT_ONCE):
        db.execute(insert(db, Box), rows[start : start + POURED_AT_ONCE])


def entries(db: Session, poll: Poll, question: int) -> Iterator[Entry]:
    """Every entry of a question, sorted by key. What is in memory at once are the texts of one question."""
    method = definition_of(poll.definition).questions[question].method
    if not poll.secret and poll.counted_at is None:
        found: Iterable[list[Any]] = sorted(_open_entries(db, poll, question), key=_key)
    else:
        texts = db.scalars(select(Box.entries).where(Box.poll_id == poll.id, Box.question == question))
        found = heapq.merge(*(json.loads(text) for text in texts), key=_key)
    return ((key, read_answer(method, answer)) for key, answer in found)


def grouped(db: Session, poll: Poll, question: int) -> dict[Any, int]:
    """How many entries say the same, by their answer: what the counting rules take. No order, so none is made."""
    method = definition_of(poll.definition).questions[question].method
    if not poll.secret and poll.counted_at is None:
        return Counter(read_answer(method, answer) for _key, answer in _open_entries(db, poll, question))
    query = select(Box.entries).where(Box.poll_id == poll.id, Box.question == question)
    parts = (json.loads(text) for text in db.scalars(query.execution_options(yield_per=STREAMED)))
    return Counter(read_answer(method, answer) for _key, answer in chain.from_iterable(parts))


def entry_count(db: Session, poll_id: int, question: int) -> int:
    size = select(func.coalesce(func.sum(Box.size), 0)).where(Box.poll_id == poll_id, Box.question == question)
    return int(db.scalars(size).one())


def close_open_box(db: Session, poll: Poll) -> None:
    """Pour the ballots of an open vote into its box. From then on nobody needs to know whose they were."""
    for question in range(len(definition_of(poll.definition).questions)):
        pour(db, poll.id, question, ((key, answer) for key, answer in _open_entries(db, poll, question)))
    db.execute(delete(OpenBallot).where(OpenBallot.poll_id == poll.id))


def read_answer(method: Method, raw: Any) -> Any:
    """An answer as counting rules know it, of what JSON made of it: equal answers become equal. None is blank."""
    if raw is None or method in (Method.SINGLE, Method.YES_NO, Method.TEXT):
        return raw
    if method is Method.RANKED:
        return tuple(raw)
    if method is Method.MULTIPLE:
        return tuple(sorted(raw))
    return tuple(sorted((option, points) for option, points in raw))


def _open_entries(db: Session, poll: Poll, question: int) -> Iterator[list[Any]]:
    query = select(OpenBallot.keys, OpenBallot.answers).where(OpenBallot.poll_id == poll.id)
    for keys, answers in db.execute(query.execution_options(yield_per=STREAMED)):
        yield [keys[question], answers[question]]


def _key(entry: list[Any]) -> str:
    key: str = entry[0]
    return key
