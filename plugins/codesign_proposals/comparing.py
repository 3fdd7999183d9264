"""What changed between two texts, word by word."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal, NamedTuple, TypeAlias

Sort: TypeAlias = Literal["same", "removed", "added"]
MOST_PIECES = 4_000
"""So many words of both texts, beyond what they begin and end with alike, are compared; of more, only lines."""
_WORD = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")


class Change(NamedTuple):
    sort: Sort
    text: str


def changes(old: str, new: str) -> list[Change]:
    """The old text is what is the same or removed, the new one what is the same or added; both in their order."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    head = _alike(before, after)
    tail = _alike(before[head:][::-1], after[head:][::-1])
    middle = slice(head, len(before) - tail), slice(head, len(after) - tail)
    found = [
        Change("same", "".join(before[:head])),
        *_compared(before[middle[0]], after[middle[1]]),
        Change("same", "".join(before[len(before) - tail :])),
    ]
    return [change for change in found if change.text]


def _alike(before: list[str], after: list[str]) -> int:
    """With how many equal pieces both begin."""
    pairs = zip(before, after, strict=False)
    return next((place for place, (one, other) in enumerate(pairs) if one != other), min(len(before), len(after)))


def _compared(before: list[str], after: list[str]) -> Iterator[Change]:
    if len(before) + len(after) > MOST_PIECES:
        before, after = (("".join(pieces)).splitlines(keepends=True) for pieces in (before, after))
    if len(before) + len(after) > MOST_PIECES:
        yield Change("removed", "".join(before))
        yield Change("added", "".join(after))
        return
    for sort, from_, to, from_after, to_after in SequenceMatcher(None, before, after).get_opcodes():
        if sort == "equal":
            yield Change("same", "".join(before[from_:to]))
        else:
            yield Change("removed", "".join(before[from_:to]))
            yield Change("added", "".join(after[from_after:to_after]))
