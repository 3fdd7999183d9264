"""What a debate has concluded is owed an answer: the contract of the loop."""

from codesign.testing import Town
from codesign.testing.loops import assert_loop
from codesign_debates.tests.making import debate_id


def start(town: Town, author: str) -> int:
    return debate_id(town, author=author, topic="Markets")


def conclude(town: Town, id: int) -> None:
    answer = town.client("boris").post(f"/debates/{id}/close", data={"conclusion": "The market moves to Saturday."})
    assert answer.status_code == 303


def test_a_concluded_debate_is_answered_promised_delivered_and_checked(alder: Town) -> None:
    assert_loop(alder.enable("debates"), start, conclude)
