"""What the fate costs the page of a contribution: two questions, however much has happened."""

import pytest

from codesign.testing import Town
from codesign_feedback.loop import State
from codesign_feedback.tests import walking
from codesign_feedback.tests.making import opened, take_part
from codesign_feedback.tests.walking import walked

MORE = 2
SIZES = (1, 3, 100)


def asked(town: Town, url: str, name: str | None) -> int:
    """The number of questions for the page made anew."""
    with town.world.again(fragments_mb=0) as plain:
        fresh = plain.towns["alder"]
        client = fresh.client(name)
        client.get("/")
        with fresh.counted() as statements:
            assert client.get(url).status_code == 200
    return len(statements)


@pytest.mark.parametrize("name", [None, "anna", "chen"])
def test_the_fate_asks_two_questions_more_the_same_with_100_steps_and_many_promises(
    alder: Town, name: str | None
) -> None:
    id = opened(alder.enable("feedback"))
    alder.disable("feedback")
    before = asked(alder, f"/threads/{id}", name)
    alder.enable("feedback")
    walking.assign(alder, id)
    walking.answer(alder, id)
    numbers, done = [], 0
    for size in SIZES:
        for number in range(done, size):
            walking.commit(alder, id) if number < 15 else walking.progress(alder, id)
        numbers.append(asked(alder, f"/threads/{id}", name))
        done = size
    assert [number - before <= MORE + (name == "chen") for number in numbers] == [True] * 3
    assert numbers == [numbers[0]] * 3


@pytest.mark.parametrize("state", [State.ACKNOWLEDGED, State.DECLINED, State.DELIVERED, State.CLOSED])
def test_a_resident_who_reads_the_kept_page_asks_for_two_small_facts_at_most(alder: Town, state: State) -> None:
    alder.enable("feedback")
    id = walked(alder, state, "boris")
    client = alder.client("anna")
    for _time in range(3):
        client.get(f"/threads/{id}")
    with alder.counted() as statements:
        assert client.get(f"/threads/{id}").headers["X-Codesign-Fragment"] == "filled"
    assert len(statements) <= 4


def test_being_asked_costs_the_reader_one_question(alder: Town) -> None:
    id = opened(alder.enable("feedback"))
    take_part(alder, id, "boris")
    walking.asked(alder, id)
    client = alder.client("anna")
    for _time in range(3):
        client.get(f"/threads/{id}")
    with alder.counted() as statements:
        assert 'name="solved"' in client.get(f"/threads/{id}").text
    assert len([statement for statement in statements if "feedback_reply" in statement]) == 1
