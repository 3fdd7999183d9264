"""What changed between two texts: nothing is lost, nothing is invented, and it is never slow."""

import random
import re
from html import unescape
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.testing import Town, World
from codesign_proposals.comparing import MOST_PIECES, Change, changes
from codesign_proposals.tests.making import proposal_id, supported

WORDS = st.lists(st.sampled_from(["bus", "roof", "rain", "a", ",", "\n\n", " ", "Жаңа", "<b>", "&amp;"])).map(" ".join)


def old_of(found: list[Change]) -> str:
    return "".join(change.text for change in found if change.sort != "added")


def new_of(found: list[Change]) -> str:
    return "".join(change.text for change in found if change.sort != "removed")


@given(st.text() | WORDS, st.text() | WORDS)
@settings(max_examples=300, deadline=None)
def test_both_texts_can_be_read_from_what_changed(old: str, new: str) -> None:
    found = changes(old, new)
    assert (old_of(found), new_of(found)) == (old, new)
    assert all(change.text for change in found)


@given(st.text() | WORDS)
def test_a_text_compared_with_itself_has_not_changed(text: str) -> None:
    assert {change.sort for change in changes(text, text)} <= {"same"}


def test_words_are_compared_and_not_letters_or_whole_lines() -> None:
    found = changes("A roof and a bench would help.", "A roof and two benches would help.")
    assert found == [
        Change("same", "A roof and "),
        Change("removed", "a bench "),
        Change("added", "two benches "),
        Change("same", "would help."),
    ]


@pytest.mark.parametrize("words", [2, 40, 100, 1000, 5000])
def test_the_longest_texts_are_compared_in_no_time_however_they_are_made(words: int) -> None:
    signs = [chr(0x4E00 + number) for number in range(words)]
    chance = random.Random(words)
    old, new = (" ".join(chance.choice(signs) for _place in range(10_000)) for _text in range(2))
    lines = old.replace(" ", "\n"), new.replace(" ", "\n")
    alternating = " ".join(signs[: MOST_PIECES // 2 - 5]), " x ".join(signs[: MOST_PIECES // 4 - 5])
    start = perf_counter()
    for pair in ((old, new), lines, alternating):
        found = changes(*pair)
        assert (old_of(found), new_of(found)) == pair
    assert perf_counter() - start < 5


def shown(html: str) -> list[Change]:
    """The changes of the text, as the page shows them."""
    body = re.search(r'<div class="compared"[^>]*>(.*?)</div>', html, re.DOTALL)
    assert body is not None
    spoken = re.sub(r'<span class="ds-sr-only">.*?</span>', "", body[1])
    pieces = re.findall(r"<(ins|del)>(.*?)</\1>|([^<]+)", spoken, re.DOTALL)
    sorts = {"ins": "added", "del": "removed", "": "same"}
    return [Change(sorts[tag], unescape(inner or outer)) for tag, inner, outer in pieces]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<script>alert(1)</script> and so on, as it was.", "<script>alert(2)</script> and so on, as it is."),
        (
            "One line of the text.\nAnother line.\n\nA paragraph.",
            "One line of a text.\n\nA paragraph & more <ins>of it</ins>.",
        ),
        ("Көшеге шатыр керек, жаңбыр көп жауады.", "Көшеге екі шатыр керек, қар да жауады."),
    ],
)
def test_the_page_shows_both_texts_safely(world: World, alder: Town, old: str, new: str) -> None:
    alder.enable("proposals")
    id = proposal_id(alder, text=old)
    supported(alder, id, "boris")
    anna = alder.client("anna")
    stamp = re.search(r'name="loaded"[^>]*value="(\w+)"', anna.get(f"/proposals/{id}/edit").text)
    assert stamp is not None
    form = {"title": "A roof for the bus stop at the market", "text": new, "loaded": stamp[1]}
    assert anna.post(f"/proposals/{id}/edit", data=form).status_code == 303
    html = alder.client().get(f"/proposals/{id}/revisions").text
    assert (old_of(shown(html)), new_of(shown(html))) == (old, new)
    assert ("[added:]" in html, "[removed:]" in html) == (True, True)
