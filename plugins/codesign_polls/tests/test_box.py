"""The box: nothing is lost or doubled in it, and nothing in it tells who came when."""

import json
from collections import Counter
from itertools import count as numbers

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from codesign.kit import Base
from codesign_polls.box import BIGGEST, SMALLEST, drop, pour
from codesign_polls.polls import Box
from codesign_polls.receipts import key_of, new_code, normal_code

NUMBER = "2026-00001"


def an_empty_box() -> Session:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine, tables=[Base.metadata.tables["polls_box"]], checkfirst=False)
    return Session(engine)


def buckets(db: Session) -> list[list[list[object]]]:
    return [json.loads(text) for text in db.scalars(select(Box.entries).order_by(Box.bucket))]


def key() -> str:
    return key_of(NUMBER, 0, new_code())


def test_every_ballot_is_in_the_box_once_and_buckets_stay_small() -> None:
    with an_empty_box() as db:
        keys = [key() for _ in range(2 * BIGGEST + 30)]
        pour(db, 1, 0, zip(keys[: 2 * BIGGEST - 30], range(2 * BIGGEST), strict=False))
        for place, one in list(enumerate(keys))[2 * BIGGEST - 30 :]:
            drop(db, 1, 0, one, place)
        found = buckets(db)
        assert sorted(entry for bucket in found for entry in bucket) == sorted([one, n] for n, one in enumerate(keys))
        assert all(SMALLEST // 2 <= len(bucket) <= BIGGEST for bucket in found)
        assert [len(bucket) for bucket in found] == list(db.scalars(select(Box.size).order_by(Box.bucket)))


def test_entries_of_a_bucket_are_sorted_by_their_random_keys_alone() -> None:
    with an_empty_box() as db:
        for place in range(BIGGEST + 50):
            drop(db, 1, 0, key(), place)
        assert all(bucket == sorted(bucket, key=lambda entry: str(entry[0])) for bucket in buckets(db))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2000))
def test_pouring_divides_any_number_of_entries_evenly(number: int) -> None:
    with an_empty_box() as db:
        pour(db, 1, 0, ((f"{place:032x}", place) for place in range(number)))
        sizes = [len(bucket) for bucket in buckets(db)]
        assert sum(sizes) == number and max(sizes) - min(sizes) <= 1 and max(sizes) <= BIGGEST


def test_the_place_of_a_ballot_tells_nothing_of_the_time_it_came() -> None:
    """In which third of the box the first of 12 ballots stands: chi square with 2 degrees of freedom, p = 0.00001."""
    thirds: Counter[int] = Counter()
    for _ in range(90):
        with an_empty_box() as db:
            for place in range(12):
                drop(db, 1, 0, key(), place)
            order = [answer for _key, answer in buckets(db)[0]]
            thirds[order.index(0) // 4] += 1
    assert sum((thirds[third] - 30) ** 2 / 30 for third in range(3)) < 23.03


def test_of_several_buckets_each_gets_ballots_of_all_times() -> None:
    with an_empty_box() as db:
        pour(db, 1, 0, ((key(), 0) for _ in range(2 * BIGGEST)))
        for _ in range(80):
            drop(db, 1, 0, key(), 1)
        halves = [sum(entry[1] == 0 for entry in bucket) / len(bucket) for bucket in buckets(db)]
        assert all(0.5 < early < 1 for early in halves), halves


def test_receipts_never_come_twice_and_survive_careless_typing() -> None:
    made = {new_code() for _ in range(2000)}
    assert len(made) == 2000
    for code in list(made)[:50]:
        careless = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
        assert normal_code(careless) == code
    assert [normal_code(wrong) for wrong in ("", "ABCD", "U" * 16, "0" * 17)] == [""] * 4


def test_keys_of_one_receipt_have_nothing_in_common() -> None:
    receipt = new_code()
    keys = [key_of(NUMBER, question, receipt) for question, _ in zip(numbers(), range(50), strict=False)]
    assert len(set(keys)) == 50 and all(len(one) == 32 for one in keys)
