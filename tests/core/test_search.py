"""Search: the same words find the same things on both databases, and no text breaks it."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from codesign.core.contributions import Contribution, revise
from codesign.core.search import matching
from codesign.testing import Town
from tests.making import a_thread

TITLE = "Parks/schools: and-or e-mail x@example.org under_score 3.14 Қоғамдық Йод Ñandú"


def found(town: Town, words: str) -> list[str]:
    with town.read() as db:
        query = select(Contribution.title).where(matching(db, Contribution.id, words))
        return list(db.scalars(query.order_by(Contribution.id)))


WORDS = [
    "parks", "PARKS", "schools", "school", "schools parks", "or", "mail", "example", "org", "score", "under_score", "14",
    "3.14", "e-mail", "қоғамдық", "ҚОҒАМ", "йод", "ñandú", "parks/schools", "x@example.org", '"parks', "parks & schools",
    "n\u0303andu\u0301",
]  # fmt: skip


def test_every_word_of_a_title_finds_it(alder: Town) -> None:
    with alder.write() as db:
        a_thread(alder, db, title=TITLE, text="nothing else in here at all")
        a_thread(alder, db, title="Another", text="quite different things")
    assert {words: found(alder, words) for words in WORDS} == {words: [TITLE] for words in WORDS}


def test_all_words_must_be_there_in_title_or_text_and_the_last_may_be_a_beginning(alder: Town) -> None:
    with alder.write() as db:
        a_thread(alder, db, title="Playgrounds", text="swings for small children")
    asked = ["playgrounds swings", "swings play", "play swings", "swings trees", "ground"]
    assert {words: len(found(alder, words)) for words in asked} == dict(zip(asked, [1, 1, 0, 0, 0], strict=True))


def test_an_edited_text_is_found_by_its_new_words_only(alder: Town) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db, title="Swings", text="old words")
        revise(db, thread, "Slides", "new words", alder.world.clock.now())
    assert [found(alder, words) for words in ("swings", "old", "slides", "new")] == [[], [], ["Slides"], ["Slides"]]


def test_no_words_mean_everything_and_only_signs_mean_nothing(alder: Town) -> None:
    with alder.write() as db:
        a_thread(alder, db, title="Swings")
    assert [found(alder, words) for words in ("", "  ", "!?", "_", '"*', "'")] == [
        ["Swings"],
        ["Swings"],
        [],
        [],
        [],
        [],
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(words=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200))
def test_no_text_breaks_the_search(alder: Town, words: str) -> None:
    assert found(alder, words) == []
