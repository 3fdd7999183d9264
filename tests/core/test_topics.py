"""Topics, tags and life situations: names become addresses, and one name is one thing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.core.life import create_situation, describe, get_situation, situations
from codesign.core.tags import ensure_tag, tag, tags_of
from codesign.core.topics import (
    SLUG_LENGTH,
    busiest_topics,
    create_topic,
    ensure_topic,
    get_topic,
    slug_of,
    topics,
)
from codesign.testing import Town
from codesign.types import Invalid, NotFound
from tests.making import a_thread


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Parks and gardens", "parks-and-gardens"), ("  Café — Niño!  ", "cafe-nino"), ("Қоғамдық көлік", "қоғамдық-көлік"),
        ("Йод", "йод"), ("საჯარო", "საჯარო"), ("A/B?c#d", "a-b-c-d"), ("!!!", "topic"), ("under_score", "under-score"),
        ("x" * 99, "x" * SLUG_LENGTH),
    ],
)  # fmt: skip
def test_a_title_becomes_a_readable_address(title: str, slug: str) -> None:
    assert slug_of(title) == slug


@settings(deadline=None)
@given(st.text())
def test_every_title_has_an_address_that_fits_one_part_of_a_url(title: str) -> None:
    slug = slug_of(title)
    assert 0 < len(slug) <= SLUG_LENGTH
    assert all(letter.isalnum() or letter == "-" or not letter.isascii() for letter in slug)
    assert (slug[0], slug[-1]) != ("-", "-")


def test_two_topics_cannot_have_one_name(alder: Town) -> None:
    with alder.write() as db:
        made = create_topic(db, "  Parks ", " Trees ")
        assert (made.title, made.summary, made.url) == ("Parks", "Trees", "/topics/parks")
        with pytest.raises(Invalid, match="already a topic") as refusal:
            create_topic(db, "PARKS!")
        assert refusal.value.field == "title"
        assert get_topic(db, "parks") is made


def test_an_import_finds_the_topic_or_makes_it(alder: Town) -> None:
    with alder.write() as db:
        made = create_topic(db, "Parks")
        assert ensure_topic(db, " parks ") == made.id
        schools = ensure_topic(db, "Schools")
        assert ensure_topic(db, "schools") == schools != made.id


def test_topics_that_nobody_uses_come_last(alder: Town) -> None:
    with alder.write() as db:
        for title, count in (("Air", 0), ("Water", 3), ("Parks", 5)):
            create_topic(db, title).contribution_count = count
        db.flush()
        assert [topic.title for topic in topics(db)] == ["Parks", "Water", "Air"]
        assert [topic.title for topic in busiest_topics(db, 5)] == ["Parks", "Water"]
        assert [topic.title for topic in busiest_topics(db, 1)] == ["Parks"]


def test_what_is_not_there_is_not_found(alder: Town) -> None:
    with alder.read() as db:
        with pytest.raises(NotFound):
            get_topic(db, "parks")
        with pytest.raises(NotFound):
            get_situation(db, "parks")


def test_a_situation_is_described_in_markdown_and_listed_by_place(alder: Town) -> None:
    with alder.write() as db:
        child, work = create_situation(db, "A child", "s", "**Yes**"), create_situation(db, "Work", "s")
        assert (child.url, child.html) == ("/situations/a-child", "<p><strong>Yes</strong></p>")
        child.position = 9
        describe(db, work, "<script>x</script>")
        assert "<script>" not in work.html
        assert [situation.title for situation in situations(db)] == ["Work", "A child"]
        with pytest.raises(Invalid, match="already a life situation"):
            create_situation(db, "a child", "s")


def test_a_tag_is_one_tag_however_it_is_written_and_sits_once_on_a_thing(alder: Town) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db)
        trees = ensure_tag(db, " Trees ")
        assert ensure_tag(db, "trees") == trees
        tag(db, thread.id, [trees, trees, ensure_tag(db, "Air")])
        tag(db, thread.id, [trees])
        tag(db, thread.id, [])
        assert tags_of(db, thread.id) == ["Air", "Trees"]
