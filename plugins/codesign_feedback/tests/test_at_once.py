"""Two at the same moment: one wins and the other is told in a sentence; no rung is climbed twice and no reply is lost."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from codesign.app import make_site
from codesign.kit import Invalid
from codesign.testing import Town
from codesign.worker import tick
from codesign_feedback.loop import Code, State
from codesign_feedback.loops import get_loop
from codesign_feedback.tests.making import events, loop_in, more_people, next_rung, opened, standing, take_part
from codesign_feedback.tests.walking import answer, appeal, asked, decline, reply, take_back, walked

NAMES = tuple(f"voter{number}" for number in range(6))


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("feedback")


def together(*deeds: Callable[[], None]) -> list[str]:
    """Done at the same moment, each in a thread: what each of them was refused with, "" when it was done."""
    barrier = Barrier(len(deeds))

    def do(deed: Callable[[], None]) -> str:
        barrier.wait()
        try:
            deed()
        except Invalid as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))


def test_of_two_officials_who_answer_at_once_one_is_told_that_the_other_was_quicker(town: Town) -> None:
    id = opened(town)
    said = together(lambda: answer(town, id), lambda: answer(town, id, Code.PARTIALLY, by="maya"))
    assert sorted(said) == ["", "The answer was yes already. Now say who will do what by when."]
    assert Counter(events(town, id))["answered"] == 1


def test_of_a_yes_and_a_no_at_once_each_is_an_answer_of_its_own_or_refused(town: Town) -> None:
    id = opened(town)
    said = together(lambda: answer(town, id, Code.FORWARDED), lambda: decline(town, id, by="maya"))
    assert sorted(said)[1] in (
        "",
        "This is no longer possible: the state is “Declined” meanwhile. Load the page again.",
    )
    assert standing(town, id) is State.DECLINED
    assert len(events(town, id)) == 3 + (said == ["", ""])


def test_all_who_reply_at_once_are_counted_and_the_last_one_decides_it(town: Town) -> None:
    more_people(town, *NAMES)
    id = opened(town)
    take_part(town, id, *NAMES)
    asked(town, id)
    said = together(*(lambda name=name: reply(town, id, name, name != "voter0") for name in NAMES))  # type: ignore[misc]
    loop = loop_in(town, id)
    assert (set(said), loop.solved_count, loop.unsolved_count, loop.asked_count) == ({""}, 5, 1, 7)
    reply(town, id, "anna")
    assert (standing(town, id), Counter(events(town, id))["verified"]) == (State.VERIFIED, 1)


def test_a_reply_sent_twice_at_once_counts_once(town: Town) -> None:
    id = opened(town)
    take_part(town, id, "boris")
    asked(town, id)
    together(*[lambda: reply(town, id, "boris")] * 4)
    assert (loop_in(town, id).solved_count, loop_in(town, id).unsolved_count) == (1, 0)


def test_workers_that_tick_at_once_climb_each_rung_once(town: Town) -> None:
    ids = [opened(town) for _number in range(12)]
    sites = [make_site(town.world.settings, now=town.world.clock.now) for _worker in range(3)]
    for _rung in range(3):
        town.world.clock.moment = next_rung(town, "answer")
        together(*(lambda site=site: tick(site, town.slug) for site in sites))  # type: ignore[misc]
    for site in sites:
        site.registry.close()
    counts = {id: Counter(events(town, id)) for id in ids}
    expected = Counter(received=1, acknowledged=1, reminded=2, escalated=2)
    assert counts == dict.fromkeys(ids, expected)


def test_when_the_clock_closes_it_while_somebody_appeals_one_of_both_happens(town: Town) -> None:
    for _attempt in range(3):
        id = walked(town, State.DECLINED)
        loop = loop_in(town, id)
        moment = next_rung(town, "appeal", id)

        def appeal_in_time(id: int = id) -> None:
            appeal(town, id)

        assert loop.due_at is not None
        town.world.clock.moment = moment
        said = together(appeal_in_time, town.tick)
        assert said[0] != ""  # too late in any case, and never an error
        assert standing(town, id) is State.CLOSED


def test_when_its_author_withdraws_while_the_town_answers_and_the_clock_ticks_nobody_waits_in_a_circle(
    town: Town,
) -> None:
    for _attempt in range(3):
        id = opened(town)
        town.world.clock.moment = next_rung(town, "transfer", id)
        said = together(lambda id=id: take_back(town, id), lambda id=id: answer(town, id), town.tick)  # type: ignore[misc]
        assert (said[0], said[2], standing(town, id)) == ("", "", State.WITHDRAWN)
        with town.read() as db:
            assert get_loop(db, id).due_at is None
