"""The contract of the loop, by the core's own stories: who hears of each step, and why."""

import pytest

from codesign.core.contributions import Contribution
from codesign.core.topics import ensure_topic
from codesign.testing import Town
from codesign.testing.loops import assert_loop
from codesign_feedback.tests.making import happen
from tests.making import a_thread


def start(town: Town, author: str) -> int:
    """A story of a situation, and here under a topic too."""
    with town.write() as db:
        thread = a_thread(town, db, author)
        thread.topic_id = ensure_topic(db, "Roofs")
        return thread.id


def owe(town: Town, id: int) -> None:
    with town.write() as db:
        thread = db.get_one(Contribution, id)
        happen(town, db, "threads.started", thread, thread.author, author="Anna", excerpt="")


def test_a_story_goes_through_the_whole_loop_and_the_right_people_hear_of_each_step(alder: Town) -> None:
    assert_loop(alder, start, owe)


def test_a_kind_that_is_never_owed_an_answer_breaks_the_contract(alder: Town) -> None:
    with pytest.raises(AssertionError):
        assert_loop(alder, start, lambda _town, _id: _never())


def _never() -> None:
    raise AssertionError("it never happened")
