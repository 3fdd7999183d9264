"""Contributions: numbers, counters, versions."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from codesign.core.cards import card_rows, cards
from codesign.core.comments import Comment
from codesign.core.contributions import (
    Contribution,
    get_contribution,
    get_of_kind,
    move,
    next_in_series,
    revise,
)
from codesign.core.threads import Thread
from codesign.core.topics import create_topic
from codesign.testing import Town
from codesign.types import Kind, NotFound
from tests.making import TEXT, a_comment, a_situation, a_story, a_thread

KINDS = {"thread": Kind("thread", Thread)}


def test_numbers_count_up_from_one_each_year(alder: Town) -> None:
    with alder.write() as db:
        numbers = [a_thread(alder, db).number for _story in range(3)]
        alder.world.clock.advance(timedelta(days=366))
        numbers.append(a_thread(alder, db).number)
    assert numbers == ["2026-00001", "2026-00002", "2026-00003", "2027-00001"]


def test_a_contribution_that_failed_leaves_no_gap(alder: Town) -> None:
    a_story(alder)

    def fail() -> None:
        with alder.write() as db:
            a_thread(alder, db)
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        fail()
    with alder.write() as db:
        again = a_thread(alder, db)
        assert (again.number, again.ordinal) == ("2026-00002", 2)


def test_towns_number_on_their_own(alder: Town, birch: Town) -> None:
    a_story(alder)
    with birch.write() as db:
        assert a_thread(birch, db, "dora").number == "2026-00001"


def test_a_series_can_be_taken_in_steps(alder: Town) -> None:
    with alder.write() as db:
        assert [next_in_series(db, "x", step) for step in (1, 5, 1)] == [1, 6, 7]
        assert next_in_series(db, "y") == 1


def test_publishing_renders_counts_and_stores(alder: Town) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db, title="Title", text="**Loud** & clear <b>")
        assert thread.html == "<p><strong>Loud</strong> &amp; clear &lt;b&gt;</p>"
        assert (thread.excerpt, thread.version, thread.url) == ("Loud & clear <b>", 1, f"/threads/{thread.id}")
        db.refresh(a_situation(db))
        assert a_situation(db).thread_count == 1


def test_revising_renders_anew_and_raises_the_version(alder: Town) -> None:
    later = alder.world.clock.now() + timedelta(hours=1)
    with alder.write() as db:
        thread = a_thread(alder, db)
        number, created = thread.number, thread.created_at
        revise(db, thread, "New title", "*New* text", later)
        db.refresh(thread)
        assert (thread.title, thread.html, thread.excerpt) == ("New title", "<p><em>New</em> text</p>", "New text")
        assert (thread.version, thread.edited_at, thread.created_at, thread.number) == (2, later, created, number)


def test_moving_keeps_the_counters_of_both_topics(alder: Town) -> None:
    with alder.write() as db:
        parks, schools = create_topic(db, "Parks"), create_topic(db, "Schools")
        thread = a_thread(alder, db)
        counts = []
        for topic_id in (parks.id, parks.id, schools.id, None):
            move(db, thread, topic_id)
            db.refresh(parks)
            db.refresh(schools)
            db.refresh(thread)
            counts.append((parks.contribution_count, schools.contribution_count, thread.version))
    assert counts == [(1, 0, 2), (1, 0, 2), (0, 1, 3), (0, 0, 4)]


def test_numbers_of_nothing_are_not_found(alder: Town) -> None:
    with alder.read() as db:
        for id in (0, -1, 999, 2**63 - 1, 2**63, 10**30):
            with pytest.raises(NotFound):
                get_contribution(db, KINDS, id)
            with pytest.raises(NotFound):
                get_of_kind(db, Thread, id)


def test_a_kind_that_is_not_enabled_here_is_not_found_and_not_listed(alder: Town) -> None:
    id = a_story(alder)
    with alder.read() as db:
        assert get_contribution(db, KINDS, id).title == "Three visits"
        with pytest.raises(NotFound):
            get_contribution(db, {}, id)
        rows = db.execute(card_rows()).all()
        assert ([card.id for card in cards(rows, KINDS)], cards(rows, {})) == ([id], [])


def test_a_row_can_be_locked_while_it_is_changed(alder: Town) -> None:
    id = a_story(alder)
    with alder.write() as db:
        comment = a_comment(alder, db, id)
        db.expunge_all()
        assert get_contribution(db, KINDS, id, lock=True).author_name == "Anna"
        assert get_of_kind(db, Thread, id, lock=True).author_name == "Anna"
        assert db.get(Comment, comment.id) is not None


def test_a_card_shows_what_a_list_needs_and_no_hidden_row(alder: Town) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db, text=TEXT)
        a_thread(alder, db, title="Hidden").hidden_at = alder.world.clock.now()
        db.flush()
        (card,) = cards(db.execute(card_rows()).all(), KINDS)
        assert (card.id, card.title, card.author_name, card.kind_label) == (thread.id, "Three visits", "Anna", "Story")
        assert (card.url, card.topic_url, card.excerpt) == (f"/threads/{thread.id}", None, TEXT)


def test_a_moment_without_a_zone_is_never_stored(alder: Town) -> None:
    with pytest.raises(Exception, match="without a zone"), alder.write() as db:
        a_thread(alder, db).edited_at = datetime(2026, 5, 4)


def test_a_reader_cannot_write(alder: Town) -> None:
    id = a_story(alder)
    with pytest.raises(Exception, match=r"read.?only"), alder.read() as db:
        get_of_kind(db, Thread, id).title = "Changed"
        db.flush()
    with alder.read() as db:
        assert db.scalar(select(Contribution.title)) == "Three visits"
