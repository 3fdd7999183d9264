"""Roll and box cannot be joined: not by a key, an order, a time, a transaction or the state of a random source."""

import json
import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from codesign.core.users import User
from codesign.testing import Town
from codesign_polls.ballots import cast, voter_of
from codesign_polls.box import BIGGEST, pour
from codesign_polls.polls import Box, Poll, Roll
from codesign_polls.receipts import key_of, new_code
from codesign_polls.tests.making import a_question, poll_id

VOTERS = 24


def residents(town: Town, number: int) -> list[int]:
    with town.write() as db:
        people = [
            User(name=f"Resident {place}", created_at=town.world.clock.now(), confirmed_at=town.world.clock.now())
            for place in range(number)
        ]
        db.add_all(people)
        db.flush()
        return [person.id for person in people]


def hold(town: Town, id: int, votes: list[tuple[int, Any]], pause: timedelta = timedelta(seconds=7)) -> None:
    """Each vote in a transaction of its own, as in a real town."""
    for user_id, answer in votes:
        with town.write() as db:
            cast(db, db.get_one(Poll, id), f"u{user_id}", user_id, [answer], town.world.clock.now())
        town.world.clock.advance(pause)


def test_stores_of_differently_dealt_votes_are_indistinguishable(alder: Town) -> None:
    """The same people, the same answers, dealt and ordered otherwise: nothing that can be asked tells them apart."""
    alder.enable("polls")
    people = residents(alder, VOTERS)
    answers = [place % 3 for place in range(VOTERS)]
    chance = random.Random(5)
    found = []
    for _ in range(2):
        id = poll_id(alder, closes_at=alder.world.clock.now() + timedelta(days=30))
        votes = list(zip(people, chance.sample(answers, VOTERS), strict=True))
        chance.shuffle(votes)
        hold(alder, id, votes)
        with alder.read() as db:
            found.append(stores_of(db, id))
    assert found[0] == found[1]


def stores_of(db: Session, id: int) -> dict[str, Any]:
    """Everything that a query can see of a vote, but for the random keys themselves."""
    poll = db.get_one(Poll, id)
    box = db.execute(select(Box.question, Box.bucket, Box.size, Box.entries).where(Box.poll_id == id)).all()
    parts = [(row.question, row.bucket, row.size, len(row.entries)) for row in box]
    answers = Counter(entry[1] for row in box for entry in json.loads(row.entries))
    roll = sorted(tuple(row) for row in db.execute(select(Roll.voter, Roll.user_id).where(Roll.poll_id == id)))
    return {"roll": roll, "box": parts, "answers": answers, "voters": poll.voter_count, "edited": poll.edited_at}


def test_a_secret_vote_writes_no_time_no_event_and_no_letter(alder: Town) -> None:
    alder.enable("polls")
    [voter] = residents(alder, 1)
    id = poll_id(alder)
    before = dump(alder)
    hold(alder, id, [(voter, 1)])
    after = dump(alder)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"contribution", "edition", "polls_box", "polls_poll", "polls_roll"}
    with alder.read() as db:
        columns = {c.name: type(c.type).__name__ for c in (*Roll.__table__.columns, *Box.__table__.columns)}
        poll = db.get_one(Poll, id)
        assert poll.edited_at is None and poll.counted_at is None
    assert not {name for name, sort in columns.items() if sort in ("UTCDateTime", "DateTime")}
    assert columns.keys() == {"poll_id", "voter", "user_id", "question", "bucket", "size", "entries"}


def dump(town: Town) -> dict[str, list[str]]:
    """All rows of all tables, as text."""
    with town.read() as db:
        names = inspect(db.connection()).get_table_names(schema=town.store.schema)
        names = [name for name in names if not name.startswith("contribution_words_")]
        return {name: sorted(map(str, db.execute(text(f'SELECT * FROM "{name}"')))) for name in names}


def test_neither_row_ids_nor_places_nor_transactions_join_roll_and_box(alder: Town) -> None:
    """The attacker sees the whole database once, in the order in which it gives its rows, with all hidden columns."""
    alder.enable("polls")
    people = residents(alder, VOTERS)
    id = poll_id(alder, closes_at=alder.world.clock.now() + timedelta(days=30))
    hold(alder, id, [(person, place % 3) for place, person in enumerate(people)])
    with alder.read() as db:
        if alder.store.schema is None:
            for table in ("polls_roll", "polls_box"):
                with pytest.raises(Exception, match="no such column"):
                    db.execute(text(f"SELECT rowid FROM {table}"))
        else:
            box = db.execute(text("SELECT xmin::text, size FROM polls_box WHERE poll_id = :id"), {"id": id}).all()
            roll = db.scalars(text("SELECT xmin::text FROM polls_roll WHERE poll_id = :id"), {"id": id}).all()
            assert len(set(roll)) == VOTERS, "each vote was a transaction of its own"
            # The one row of the box was written by the last voter, and holds the ballots of all.
            assert [row.size for row in box] == [VOTERS]
            assert sum(row.xmin in roll for row in box) == 1


def test_in_a_large_vote_the_last_transaction_hides_among_two_buckets(alder: Town) -> None:
    alder.enable("polls")
    [last] = residents(alder, 1)
    id = poll_id(alder, closes_at=alder.world.clock.now() + timedelta(days=30))
    with alder.write() as db:
        pour(db, id, 0, ((key_of("2026-00001", 0, new_code()), place % 3) for place in range(2 * BIGGEST + 39)))
    with alder.read() as db:
        before = dict(db.execute(select(Box.bucket, Box.entries).where(Box.poll_id == id)).all())
    hold(alder, id, [(last, 2)])
    with alder.read() as db:
        after = dict(db.execute(select(Box.bucket, Box.entries).where(Box.poll_id == id)).all())
        sizes = dict(db.execute(select(Box.bucket, Box.size).where(Box.poll_id == id)).all())
    written = [bucket for bucket in after if after[bucket] != before.get(bucket)]
    assert len(written) == 2 and sum(sizes[bucket] for bucket in written) >= BIGGEST


def test_no_predictable_random_source_has_a_part_in_receipts_and_shuffling(alder: Town) -> None:
    """With the same seed in Python's own generator two votes come out with other receipts and another order."""
    alder.enable("polls")
    found = []
    for _ in range(2):
        random.seed(1)
        id = poll_id(alder)
        with alder.write() as db:
            poll, person = db.get_one(Poll, id), alder.person(db, "anna")
            found.append(cast(db, poll, voter_of(person), person.id, [1], alder.world.clock.now()))
    assert found[0] != found[1]


def test_answers_of_one_ballot_to_several_questions_cannot_be_put_together(alder: Town) -> None:
    alder.enable("polls")
    people = residents(alder, 12)
    id = poll_id(alder, a_question(), a_question("multiple"), closes_at=alder.world.clock.now() + timedelta(days=9))
    for place, person in enumerate(people):
        with alder.write() as db:
            cast(db, db.get_one(Poll, id), f"u{person}", person, [place % 3, (place % 3,)], alder.world.clock.now())
    with alder.read() as db:
        texts = db.execute(select(Box.question, Box.entries).where(Box.poll_id == id).order_by(Box.question)).all()
    first, second = (json.loads(row.entries) for row in texts)
    assert not {key for key, _ in first} & {key for key, _ in second}
    order = [answer for _key, answer in first], [answer[0] for _key, answer in second]
    assert order[0] != order[1], "one in 369,600 shuffles would agree"


def test_a_file_store_overwrites_what_it_deletes(alder: Town) -> None:
    """Earlier contents of a bucket do not stay readable in the free pages of the file."""
    if alder.store.schema is not None:
        pytest.skip("PostgreSQL keeps dead rows until it vacuums; the page on secrecy says so")
    with alder.write() as db:
        assert db.scalar(text("PRAGMA secure_delete")) == 1
