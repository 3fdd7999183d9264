"""Answers in people's own words: listed without names, in the order of their random keys, after the count."""

import json
from collections.abc import Sequence
from heapq import nsmallest
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign_polls.box import STREAMED
from codesign_polls.polls import Box, Poll


class Texts(NamedTuple):
    """Some of the answers to a question, and the key behind which the next ones stand ("" at the end)."""

    answers: list[str]
    after: str


def texts(db: Session, poll: Poll, questions: Sequence[int], size: int, after: str = "") -> dict[int, Texts]:
    """For each of these questions the next `size` answers behind a key; blank ones are left out.

    The box is read in one look, and of each part of it only what may be shown is kept in memory.
    """
    found: dict[int, list[tuple[str, str]]] = {place: [] for place in questions}
    if not found:
        return {}
    query = select(Box.question, Box.entries).where(Box.poll_id == poll.id, Box.question.in_(questions))
    for place, part in db.execute(query.execution_options(yield_per=STREAMED)):
        further = [(key, answer) for key, answer in json.loads(part) if answer is not None and key > after]
        found[place] = nsmallest(size + 1, [*found[place], *further[: size + 1]])
    return {place: _cut(entries, size) for place, entries in found.items()}


def _cut(entries: list[tuple[str, str]], size: int) -> Texts:
    shown = entries[:size]
    return Texts([answer for _key, answer in shown], shown[-1][0] if len(entries) > size else "")
