"""Casting ballots: one person one vote, by the clock, told in sentences."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select, update

from codesign.kit import Forbidden
from codesign.testing import Clock, Town
from codesign_polls.ballots import AlreadyVoted, cast, has_voted, my_ballot, voter_of
from codesign_polls.box import entries, entry_count, grouped
from codesign_polls.polls import Box, OpenBallot, Poll, Roll
from codesign_polls.receipts import key_of
from codesign_polls.tests.making import a_question, poll_id


def vote(town: Town, id: int, name: str, *answers: object, after: timedelta = timedelta()) -> str:
    with town.write() as db:
        poll, person = db.get_one(Poll, id), town.person(db, name)
        return cast(db, poll, voter_of(person), person.id, list(answers), town.world.clock.now() + after)


def rows(town: Town, *tables: type) -> list[int]:
    with town.read() as db:
        return [db.scalars(select(func.count()).select_from(table)).one() for table in tables]


def test_a_ballot_enters_the_roll_the_box_and_the_counter(alder: Town) -> None:
    alder.enable("polls")
    id = poll_id(alder, a_question(), a_question("ranked"))
    receipt = vote(alder, id, "anna", 1, (2, 0))
    with alder.read() as db:
        poll = db.get_one(Poll, id)
        assert (poll.voter_count, has_voted(db, poll, voter_of(alder.person(db, "anna")))) == (1, True)
        assert list(entries(db, poll, 0)) == [(key_of(poll.number, 0, receipt), 1)]
        assert list(entries(db, poll, 1)) == [(key_of(poll.number, 1, receipt), (2, 0))]


def test_in_a_secret_vote_a_second_ballot_is_refused_and_the_first_one_stands(alder: Town) -> None:
    alder.enable("polls")
    id = poll_id(alder)
    vote(alder, id, "anna", 1)
    with pytest.raises(AlreadyVoted, match="already counted"):
        vote(alder, id, "anna", 2)
    with alder.read() as db:
        assert grouped(db, db.get_one(Poll, id), 0) == {1: 1}


def test_in_an_open_vote_the_last_ballot_counts_and_is_known(alder: Town) -> None:
    alder.enable("polls")
    id = poll_id(alder, secret=False)
    first, second = vote(alder, id, "anna", 1), vote(alder, id, "anna", 2)
    assert first != second
    with alder.read() as db:
        poll = db.get_one(Poll, id)
        assert (poll.voter_count, grouped(db, poll, 0)) == (1, {2: 1})
        assert my_ballot(db, poll, voter_of(alder.person(db, "anna"))) == [2]


@pytest.mark.parametrize("secret", [True, False])
def test_voting_ends_to_the_second(alder: Town, clock: Clock, secret: bool) -> None:
    alder.enable("polls")
    id = poll_id(alder, secret=secret, closes_at=clock.now() + timedelta(hours=1))
    vote(alder, id, "anna", 0, after=timedelta(hours=1) - timedelta(seconds=1))
    for late in (timedelta(hours=1), timedelta(hours=1, seconds=1)):
        with pytest.raises(Forbidden, match="came too late and is not counted"):
            vote(alder, id, "boris", 0, after=late)
    assert rows(alder, Roll) == [1]


def test_voting_does_not_begin_a_second_early(alder: Town, clock: Clock) -> None:
    alder.enable("polls")
    id = poll_id(alder, opens_at=clock.now() + timedelta(hours=1), closes_at=clock.now() + timedelta(days=1))
    with pytest.raises(Forbidden, match="Voting opens on"):
        vote(alder, id, "anna", 0, after=timedelta(minutes=59, seconds=59))
    vote(alder, id, "anna", 0, after=timedelta(hours=1))


def test_a_ballot_that_fails_half_way_leaves_no_trace(alder: Town) -> None:
    alder.enable("polls")
    id = poll_id(alder)
    with pytest.raises(RuntimeError), alder.write() as db:
        person = alder.person(db, "anna")
        cast(db, db.get_one(Poll, id), voter_of(person), person.id, [1], alder.world.clock.now())
        raise RuntimeError("the power went out")
    assert rows(alder, Roll, Box, OpenBallot) == [0, 0, 0]
    vote(alder, id, "anna", 2)


@pytest.mark.parametrize("secret", [True, False])
def test_two_requests_of_one_person_at_the_same_moment_are_one_vote(alder: Town, secret: bool) -> None:
    alder.enable("polls")
    id = poll_id(alder, secret=secret)
    clients = [alder.client("anna") for _ in range(4)]
    ready = Barrier(len(clients))

    def send(place: int) -> int:
        ready.wait()
        return clients[place].post(f"/polls/{id}/ballot", data={"q0": str(place % 3), "step": "cast"}).status_code

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = sorted(pool.map(send, range(len(clients))))
    assert answers == ([200, 409, 409, 409] if secret else [200, 200, 200, 200])
    assert rows(alder, Roll) == [1]
    with alder.read() as db:
        poll = db.get_one(Poll, id)
        assert (poll.voter_count, sum(grouped(db, poll, 0).values())) == (1, 1)


def test_many_people_at_the_same_moment_are_all_counted(alder: Town) -> None:
    alder.enable("polls")
    id = poll_id(alder, a_question(), a_question("multiple"))
    names = ["anna", "boris", "chen", "maya"]
    ready = Barrier(len(names))

    def send(place: int) -> str:
        ready.wait()
        return vote(alder, id, names[place], place % 3, (0, 1))

    with ThreadPoolExecutor(len(names)) as pool:
        receipts = set(pool.map(send, range(len(names))))
    assert len(receipts) == len(names)
    with alder.read() as db:
        poll = db.get_one(Poll, id)
        assert poll.voter_count == entry_count(db, id, 0) == entry_count(db, id, 1) == len(names)
        assert grouped(db, poll, 1) == {(0, 1): len(names)}


def test_a_ballot_for_questions_that_were_changed_in_the_last_moment_is_not_taken(alder: Town) -> None:
    """The paper was read, then the poll changed, then the ballot came: it answers what is no longer asked."""
    alder.enable("polls")
    id = poll_id(alder)
    with alder.write() as db:
        poll, person = db.get_one(Poll, id), alder.person(db, "anna")
        changed = {"questions": [a_question("single", "Maple", "Oak").model_dump(mode="json")]}
        db.execute(update(Poll.__table__).where(Poll.__table__.c.id == id).values(definition=changed))  # type: ignore[arg-type]
        with pytest.raises(Forbidden, match="changed just now"):
            cast(db, poll, voter_of(person), person.id, [2], alder.world.clock.now())
    assert rows(alder, Roll, Box) == [0, 0]


def test_a_ballot_that_comes_when_the_poll_has_been_counted_leaves_no_trace(alder: Town) -> None:
    """It was begun before the close and waited: whoever counted was quicker."""
    alder.enable("polls")
    id = poll_id(alder)
    with alder.write() as db:
        db.get_one(Poll, id).counted_at = alder.world.clock.now()
    answer = alder.client("anna").post(f"/polls/{id}/ballot", data={"q0": "1", "step": "cast"})
    assert (answer.status_code, rows(alder, Roll, Box)) == (403, [0, 0])
