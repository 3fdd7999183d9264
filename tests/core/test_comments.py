"""The comment tree: in whatever order replies come, it reads from top to bottom and its counters are right."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from codesign.core.comments import (
    DEEPEST,
    SEGMENT,
    Comment,
    Standing,
    edit_comment,
    get_comment,
    segment,
    set_standing,
    visible_comment,
)
from codesign.core.contributions import Contribution
from codesign.testing import Town
from codesign.types import NotFound
from tests.making import a_comment, a_story, a_thread

SHAPES = st.lists(st.integers(0, 30), max_size=14)
"""A tree: each number says to which earlier comment a new one replies, past the end to none."""


def grow(town: Town, db: Session, shape: Sequence[int]) -> tuple[int, list[tuple[int, int | None]]]:
    """A story with comments of that shape; (id, parent) of each in the order of posting."""
    thread_id = a_thread(town, db).id
    posted: list[tuple[int, int | None]] = []
    for choice in shape:
        parent = posted[choice][0] if choice < len(posted) else None
        posted.append((a_comment(town, db, thread_id, parent=parent).id, parent))
    return thread_id, posted


def preorder(posted: Sequence[tuple[int, int | None]], below: int | None = None) -> list[int]:
    """The order of reading, by the definition: each comment, then its replies from the oldest on."""
    return [found for id, parent in posted if parent == below for found in [id, *preorder(posted, id)]]


def descendants(posted: Sequence[tuple[int, int | None]], id: int) -> int:
    return len(preorder(posted, id))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None)
@given(shape=SHAPES)
def test_a_tree_reads_in_preorder_and_its_counters_equal_a_recount(alder: Town, shape: list[int]) -> None:
    with alder.write() as db:
        thread_id, posted = grow(alder, db, shape)
        db.expire_all()
        found = db.scalars(select(Comment).where(Comment.contribution_id == thread_id)).all()
        by_root = {id: number for number, id in enumerate(id for id, parent in posted if parent is None)}
        read = sorted(found, key=lambda comment: (by_root[comment.root_id or comment.id], comment.path))
        assert [comment.id for comment in read] == preorder(posted)
        for comment in found:
            direct = sum(parent == comment.id for _id, parent in posted)
            assert comment.reply_count == (direct if comment.root_id else descendants(posted, comment.id))
            assert comment.depth == len(comment.path) // SEGMENT - 1
        assert db.scalar(select(Contribution.comment_count).where(Contribution.id == thread_id)) == len(shape)


@given(st.integers(0, 36**SEGMENT - 1), st.integers(0, 36**SEGMENT - 1))
def test_segments_sort_as_their_numbers_do(one: int, other: int) -> None:
    assert (segment(one) < segment(other)) == (one < other)
    assert (len(segment(one)), int(segment(one), 36)) == (SEGMENT, one)


def test_very_deep_replies_stay_at_the_deepest_level_and_in_their_branch(alder: Town) -> None:
    with alder.write() as db:
        thread_id = a_thread(alder, db).id
        chain: list[Comment] = []
        for _depth in range(DEEPEST + 4):
            chain.append(a_comment(alder, db, thread_id, parent=chain[-1].id if chain else None))
        assert [comment.depth for comment in chain] == [*range(DEEPEST + 1), DEEPEST, DEEPEST, DEEPEST]
        assert [comment.parent_id for comment in chain] == [None, *(comment.id for comment in chain[:-1])]
        assert sorted(chain, key=lambda comment: comment.path) == chain
        assert max(len(comment.path) for comment in chain) == SEGMENT * (DEEPEST + 1)


def test_a_comment_raises_the_version_of_what_it_is_on(alder: Town) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db)
        comment = a_comment(alder, db, thread.id, text="**Yes**")
        db.refresh(thread)
        assert (comment.html, thread.comment_count, thread.version) == ("<p><strong>Yes</strong></p>", 1, 2)
        edit_comment(db, comment, "*No*", alder.world.clock.now())
        db.refresh(thread)
        assert (comment.html, thread.version) == ("<p><em>No</em></p>", 3)


@pytest.mark.parametrize("gone", [Standing.HIDDEN, Standing.REMOVED])
def test_only_what_can_be_read_is_counted(alder: Town, gone: Standing) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db)
        comment = a_comment(alder, db, thread.id)
        a_comment(alder, db, thread.id, parent=comment.id)
        counts = []
        for standing in (gone, gone, Standing.VISIBLE):
            set_standing(db, comment, thread, standing)
            db.refresh(thread)
            counts.append(thread.comment_count)
            seen = db.scalar(select(func.count()).where(Comment.standing == Standing.VISIBLE))
            assert thread.comment_count == seen
        assert counts == [1, 1, 2]


def test_what_is_hidden_or_removed_is_not_found_by_readers(alder: Town) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db)
        comment = a_comment(alder, db, thread.id)
        assert visible_comment(db, comment.id) is comment
        for standing in (Standing.HIDDEN, Standing.REMOVED):
            set_standing(db, comment, thread, standing)
            with pytest.raises(NotFound):
                visible_comment(db, comment.id)
            assert get_comment(db, comment.id) is comment


def test_a_comment_of_another_town_is_not_here(alder: Town, birch: Town) -> None:
    with alder.write() as db:
        comment = a_comment(alder, db, a_thread(alder, db).id)
    with birch.read() as db, pytest.raises(NotFound):
        get_comment(db, comment.id)


def test_a_person_who_is_unknown_has_no_name(alder: Town) -> None:
    id = a_story(alder)
    with alder.write() as db:
        comment = a_comment(alder, db, id)
        comment.author = None
        db.flush()
        assert (comment.author_id, comment.author_name) == (None, None)
