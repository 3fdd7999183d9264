"""What a search found is marked, in the words as they are written, and no text breaks it."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markupsafe import Markup, escape

from codesign.core.highlights import excerpt_around, highlighted
from codesign.core.search import words_of
from tests.nasty import strings

TEXTS = st.text(max_size=300) | st.text("ab ñÑи\u0306\u0301é½ﬁ<>&_-'", max_size=120)
LONG = "word " * 60


def marked(text: str, query: str) -> list[str]:
    return re.findall(r"<mark>(.*?)</mark>", highlighted(text, query), re.DOTALL)


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("More trees, and trees again", "trees", ["trees", "trees"]),
        ("More trees in the street", "TREES stre", ["trees", "street"]),
        ("More trees in the street", "tree street", ["street"]),
        ("Más árboles en la calle Ñandú", "arbol", ["árboles"]),
        ("Más arboles", "ÁRBOLES", ["arboles"]),
        ("n\u0303andu\u0301!", "ñandú", ["n\u0303andu\u0301"]),
        ("Қоғамдық көлік", "көлік қоғам", ["Қоғамдық", "көлік"]),
        ("Йод и иод", "йод", ["Йод"]),
        ("under_score", "score", ["score"]),
        ("“Trees”—and so on", "trees", ["Trees"]),
        ("a <b>tree</b>", "b tree", ["b", "tree", "b"]),
        ("R&D", "amp", []),
        ("½ ﬁne", "fine 1", ["½", "ﬁne"]),
        ("Trees", "", []),
        ("Trees", "!?", []),
    ],
)
def test_the_words_of_a_search_are_marked_as_the_search_knows_words(text: str, query: str, found: list[str]) -> None:
    assert marked(text, query) == found


@settings(deadline=None, max_examples=300)
@given(TEXTS, TEXTS)
@example("<script>alert(1)</script>", "script alert")
def test_without_its_tags_a_marked_text_is_the_text(text: str, query: str) -> None:
    assert without_tags(highlighted(text, query)) == escape(text)


def without_tags(html: Markup) -> str:
    return str(html).replace("<mark>", "").replace("</mark>", "")


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_every_word_of_a_text_is_found_in_it(text: str) -> None:
    for word in words_of(text)[:3]:
        if words_of(word) == [word]:
            assert marked(text, word), word


@settings(deadline=None, max_examples=300)
@given(TEXTS, TEXTS, st.integers(20, 200))
def test_an_excerpt_is_a_part_of_the_text_and_not_too_long(text: str, query: str, length: int) -> None:
    excerpt = excerpt_around(text, query, length)
    assert len(excerpt) <= length
    assert excerpt == text or excerpt.removeprefix("…").removesuffix("…") in text


@pytest.mark.parametrize("before", [0, 1, 40, 300])
def test_an_excerpt_shows_what_was_found_wherever_it_is(before: int) -> None:
    text = LONG[: 5 * before] + "a needle here " + LONG
    excerpt = excerpt_around(text, "needle", 100)
    assert marked(excerpt, "needle") == ["needle"]
    assert excerpt.startswith("…") == (before > 1)
    assert excerpt.removeprefix("…").split()[0] in {"word", "a"}


def test_an_excerpt_without_a_find_is_the_beginning() -> None:
    assert excerpt_around(LONG, "needle", 30) == "word word word word word…"
    assert excerpt_around("short", "needle", 30) == "short"


def test_no_nasty_string_breaks_it(shared_data: Path) -> None:
    for text in strings(shared_data):
        assert without_tags(highlighted(text, text)) == escape(text)
        assert len(excerpt_around(text * 30, text, 80)) <= 80
