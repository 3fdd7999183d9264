"""What a search found, shown: the words that matched are marked, and a text is cut around the first of them."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from markupsafe import Markup, escape

from codesign.core.search import WORDS, bare, words_of

CUT_BEFORE = 0.3
"""The share of an excerpt that stands before what was found."""
_CHUNK = re.compile(r"(?:[^\x00-\x7f]|[A-Za-z0-9])+")
"""What certainly holds whole words: signs of ASCII end them, of the others only a closer look tells."""
_WORD = re.compile(r"[^\W_]+")


def highlighted(text: str, query: str) -> Markup:
    """The text as HTML, with what the words of a search found in it in `<mark>`."""
    parts, end = [], 0
    for start, stop in _found(text, query):
        parts += [escape(text[end:start]), Markup("<mark>"), escape(text[start:stop]), Markup("</mark>")]
        end = stop
    return Markup().join([*parts, escape(text[end:])])


def excerpt_around(text: str, query: str, length: int) -> str:
    """At most `length` characters of a text without markup: around the first word that a search found, else its start."""
    first = next(_found(text, query), (0, 0))[0]
    start = max(0, min(first - int(length * CUT_BEFORE), len(text) - length + 1))
    if start:
        start = min(_after_space(text, start), first)
    room = length - (start > 0)
    if len(text) - start <= room:
        return ("…" if start else "") + text[start:]
    cut = text[start : start + room - 1]
    blank = cut.rfind(" ", first - start + 1)
    cut = cut[:blank] if blank > room // 2 else cut
    return ("…" if start else "") + cut.rstrip(" ,.;:") + "…"


def _after_space(text: str, start: int) -> int:
    """The beginning of the next word, or here when there is none near."""
    blank = text.find(" ", start - 1, start + 40)
    return blank + 1 if blank >= 0 else start


def _found(text: str, query: str) -> Iterator[tuple[int, int]]:
    """Where the words of a search are, in order: the last one may be a beginning, as where things are found."""
    wanted = [word.casefold() for word in words_of(query)[:WORDS]]
    if not wanted:
        return
    whole, beginning = frozenset(wanted), wanted[-1]
    for chunk in _CHUNK.finditer(text):
        end = 0
        for word, start, stop in _words(chunk[0]):
            if start >= end and (word in whole or word.startswith(beginning)):
                yield chunk.start() + start, chunk.start() + stop
                end = stop


@lru_cache(4096)
def _words(chunk: str) -> tuple[tuple[str, int, int], ...]:
    """The words of a chunk as the search knows them, and from where to where each is written."""
    if chunk.isascii():
        return ((chunk.casefold(), 0, len(chunk)),)
    clusters = _clusters(chunk)
    folded = [bare(chunk[start:stop]) for start, stop in clusters]
    owner = [place for place, signs in enumerate(folded) for _sign in signs]
    return tuple(
        (word[0].casefold(), clusters[owner[word.start()]][0], clusters[owner[word.end() - 1]][1])
        for word in _WORD.finditer("".join(folded))
    )


def _clusters(chunk: str) -> list[tuple[int, int]]:
    """Letters with the accents that follow them."""
    starts = [place for place, sign in enumerate(chunk) if not place or not unicodedata.combining(sign)]
    return list(zip(starts, [*starts[1:], len(chunk)], strict=True))
