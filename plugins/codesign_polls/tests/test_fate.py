"""A poll that is counted is owed an answer: the contract of the loop."""

from codesign.testing import Town
from codesign.testing.loops import assert_loop
from codesign_polls.tests.counted import WEEK
from codesign_polls.tests.making import poll_id


def start(town: Town, author: str) -> int:
    """Officials ask, whoever is meant to."""
    return poll_id(town)


def count(town: Town, id: int) -> None:
    town.world.clock.advance(WEEK)
    town.tick()


def test_a_counted_poll_is_answered_promised_delivered_and_checked(alder: Town) -> None:
    assert_loop(alder.enable("polls"), start, count)
