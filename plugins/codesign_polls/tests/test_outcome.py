"""Counting a closed poll: once, completely, and without telling of anybody."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from codesign.core.residents import Residence
from codesign.core.users import User
from codesign.events import Event
from codesign.testing import Town
from codesign_polls.ballots import cast
from codesign_polls.codes import find_code, make_codes
from codesign_polls.groups import SMALLEST_GROUP, Group, age_label, without_small
from codesign_polls.outcome import Outcome, counted_again, outcome_of, store
from codesign_polls.polls import Box, OpenBallot, Poll, PublishedBox
from codesign_polls.published import unpacked
from codesign_polls.tests.making import a_question, poll_id
from codesign_polls.verifying import recount

WEEK = timedelta(days=7)


def people(town: Town, number: int, area_id: int | None = None, born: int | None = None) -> list[int]:
    now = town.world.clock.now()
    with town.write() as db:
        new = [User(name=f"Resident {place}", created_at=now, confirmed_at=now) for place in range(number)]
        db.add_all(new)
        db.flush()
        ids = [person.id for person in new]
        if area_id is not None or born is not None:
            born_on = date(born, 1, 1) if born else None
            db.add_all(Residence(user_id=id, area_id=area_id, born_on=born_on, verified_at=now) for id in ids)
        return ids


def vote(town: Town, id: int, voters: list[int], *answers: object) -> None:
    with town.write() as db:
        poll = db.get_one(Poll, id)
        for voter in voters:
            cast(db, poll, f"u{voter}", voter, list(answers), town.world.clock.now())


def end(town: Town, id: int) -> Outcome:
    town.world.clock.advance(WEEK)
    town.tick()
    with town.read() as db:
        found = outcome_of(db.get_one(Poll, id))
        assert found is not None
        return found


@pytest.mark.parametrize("secret", [True, False])
def test_a_closed_poll_is_counted_published_and_told_of_once(alder: Town, secret: bool) -> None:
    alder.enable("polls")
    id = poll_id(alder, a_question(), a_question("ranked"), a_question("text"), secret=secret)
    vote(alder, id, people(alder, 3), 1, (2, 1), "Shade")
    vote(alder, id, people(alder, 2), 0, None, None)
    outcome = end(alder, id)
    alder.tick()
    tallies = [outcome.tally(place) for place in range(3)]
    assert [tally and (tally.ballots, tally.blank, tally.winners) for tally in tallies] == [
        (5, 0, (1,)), (5, 2, (2,)), None,
    ]  # fmt: skip
    with alder.read() as db:
        [event] = db.scalars(select(Event).where(Event.name == "polls.counted"))
        file = db.get_one(PublishedBox, id)
        found = recount(unpacked(file.packed))
        assert (event.contribution_id, found.problems, found.voters) == (id, [], 5)
        assert db.scalars(select(func.sum(Box.size)).where(Box.poll_id == id)).one() == 15
        assert db.scalars(select(func.count()).select_from(OpenBallot)).one() == 0


def test_nothing_is_counted_before_the_close(alder: Town) -> None:
    alder.enable("polls")
    id = poll_id(alder)
    alder.world.clock.advance(WEEK - timedelta(seconds=1))
    alder.tick()
    with alder.read() as db:
        assert outcome_of(db.get_one(Poll, id)) is None


def test_two_workers_at_the_same_moment_count_once(alder: Town) -> None:
    alder.enable("polls")
    id = poll_id(alder)
    vote(alder, id, people(alder, 2), 1)
    alder.world.clock.advance(WEEK)
    ready = Barrier(3)

    def work() -> None:
        ready.wait()
        alder.tick()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with alder.read() as db:
        events = select(func.count()).select_from(Event).where(Event.name == "polls.counted")
        assert (db.scalars(events).one(), db.get_one(Poll, id).voter_count) == (1, 2)


def test_a_ballot_that_comes_in_while_counting_is_not_lost(alder: Town) -> None:
    """It was begun before the close: the count that missed it is not stored, the next one has it."""
    alder.enable("polls")
    id = poll_id(alder)
    first, second = people(alder, 2)
    vote(alder, id, [first], 1)
    with alder.read() as db:
        early = counted_again(db, db.get_one(Poll, id))
    vote(alder, id, [second], 1)
    with alder.write() as db:
        assert store(db, id, early, alder.world.clock.now()) is False
    assert end(alder, id).voters == 2


def test_turnout_quorum_and_codes_are_told(alder: Town) -> None:
    alder.enable("polls")
    id = poll_id(alder, by_code=True, quorum_share=500)
    with alder.write() as db:
        poll = db.get_one(Poll, id)
        codes = make_codes(db, poll, alder.person(db, "chen"), "Desk", 3, None, alder.world.clock.now())
        digest = find_code(db, poll, codes[1].lower())
        cast(db, poll, f"c{digest}", None, [2], alder.world.clock.now())
    vote(alder, id, people(alder, 2), 1)
    outcome = end(alder, id)
    assert (outcome.voters, outcome.eligible, outcome.codes, outcome.codes_used) == (3, 6, 3, 1)
    assert (outcome.quorum, outcome.quorum_reached) == (5, False), "half of 6 accounts and 3 codes"


def test_areas_and_ages_are_told_when_nobody_can_be_found_out(alder: Town) -> None:
    alder.enable("polls")
    north, south = alder.area("North"), alder.area("South")
    id = poll_id(alder)
    for area, born, number in ((north, 2000, 8), (south, 1950, 7), (None, None, 4)):
        vote(alder, id, people(alder, number, area, born), 0)
    outcome = end(alder, id)
    assert (outcome.areas.shown, outcome.areas.hidden) == ([Group(label="North", voters=8)], 2)
    assert (outcome.ages.shown, outcome.ages.hidden) == ([Group(label="25-34", voters=8)], 2)


@given(st.lists(st.integers(0, 40), max_size=9))
def test_no_hidden_group_can_be_worked_out_from_what_is_shown(sizes: list[int]) -> None:
    groups = [Group(label=str(place), voters=size) for place, size in enumerate(sizes)]
    told = without_small(groups)
    assert all(group.voters >= SMALLEST_GROUP for group in told.shown)
    assert len(told.shown) + told.hidden == sum(size > 0 for size in sizes)
    rest = sum(sizes) - sum(group.voters for group in told.shown)
    if told.hidden and told.shown:
        assert told.hidden >= 2 and rest >= SMALLEST_GROUP


@given(st.dates(date(1900, 1, 1), date(2026, 5, 4)))
def test_every_date_of_birth_has_one_age_group(born: date) -> None:
    label = age_label(born, date(2026, 5, 4))
    least, _dash, most = label.replace("+", "-200").partition("-")
    assert (
        int(least) <= (date(2026, 5, 4) - born).days / 365.2425 + 0.01
        and int(most) + 1 >= (date(2026, 5, 4) - born).days / 365.2425 - 0.01
    )


def test_a_vote_that_is_changed_while_it_is_counted_is_not_counted_as_it_was(alder: Town) -> None:
    """In an open vote: the number of voters stays, the ballot does not."""
    alder.enable("polls")
    id = poll_id(alder, secret=False)
    [voter] = people(alder, 1)
    vote(alder, id, [voter], 1)
    with alder.read() as db:
        early = counted_again(db, db.get_one(Poll, id))
    vote(alder, id, [voter], 2)
    with alder.write() as db:
        assert store(db, id, early, alder.world.clock.now()) is False
    outcome = end(alder, id)
    with alder.read() as db:
        found = recount(unpacked(db.get_one(PublishedBox, id).packed))
    tally = outcome.tally(0)
    assert tally is not None and (tally.winners, outcome.voters, found.problems) == ((2,), 1, [])
