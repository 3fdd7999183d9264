"""Pages with a fate, made once for all who read them."""

from datetime import timedelta

import pytest

from codesign.core.contributions import Contribution
from codesign.testing import Town, World
from codesign_debates.tests.making import debate_id
from codesign_feedback.loop import State
from codesign_feedback.tests import walking
from codesign_feedback.tests.making import happen, opened, take_part
from codesign_feedback.tests.walking import walked

STATE = "X-Codesign-Fragment"
PEOPLE = ["anna", None, "boris", "chen", "maya"]
LIVELY = [State.RETURNED, State.DECLINED, State.COMMITTED, State.VERIFIED, State.DISPUTED, State.CLOSED]


def compare(world: World, alder: Town, url: str) -> None:
    """Kept for everybody it must be what it is made anew."""
    with world.again(fragments_mb=0) as plain:
        states = set()
        for name in PEOPLE:
            kept, fresh = alder.client(name), plain.towns["alder"].client(name)
            for _time in range(3):
                answer = kept.get(url)
                assert answer.text == fresh.get(url).text, f"{url} for {name}"
                states.add(answer.headers.get(STATE))
        assert states >= {"hit", "filled"}, url


@pytest.mark.parametrize("state", LIVELY)
def test_every_state_walked_by_everybody_is_what_it_would_be_without_keeping_any(
    world: World, alder: Town, state: State
) -> None:
    alder.enable("feedback")
    compare(world, alder, f"/threads/{walked(alder, state, 'boris')}")


def test_being_asked_is_different_for_each_and_right_for_all(world: World, alder: Town) -> None:
    id = opened(alder.enable("feedback"))
    take_part(alder, id, "boris")
    walking.asked(alder, id)
    compare(world, alder, f"/threads/{id}")
    walking.reply(alder, id, "boris", solved=False)
    compare(world, alder, f"/threads/{id}")


def test_the_page_of_another_plugins_kind_stays_kept_with_its_fate(world: World, alder: Town) -> None:
    id = debate_id(alder.enable("feedback", "debates"))
    with alder.write() as db:
        happen(alder, db, "debates.closed", db.get_one(Contribution, id), alder.person(db, "chen"), conclusion="So.")
    compare(world, alder, f"/debates/{id}")
    assert "An answer is owed" in alder.client("anna").get(f"/debates/{id}").text


def test_a_reply_is_on_everybodys_page_at_once(alder: Town) -> None:
    id = opened(alder.enable("feedback"))
    take_part(alder, id, "boris")
    walking.asked(alder, id)
    clients = {name: alder.client(name) for name in PEOPLE}
    for _time in range(3):
        assert all("Nobody has said anything yet" in client.get(f"/threads/{id}").text for client in clients.values())
    clients["anna"].post(f"/feedback/{id}/reply", data={"solved": "yes"})
    assert {"1 of 1 says it is done" in client.get(f"/threads/{id}").text for client in clients.values()} == {True}


def test_the_time_to_open_it_again_ends_on_kept_pages_too(alder: Town) -> None:
    alder.enable("feedback")
    id = walked(alder, State.CLOSED, "boris")
    clients = [alder.client(), alder.client("anna")] * 3
    assert {"/reopen" in client.get(f"/threads/{id}").text for client in clients} == {True}
    alder.world.clock.advance(timedelta(days=366))
    clients = [alder.client(), alder.client("anna")] * 3  # nobody stays signed in for a year
    assert {"/reopen" in client.get(f"/threads/{id}").text for client in clients} == {False}
