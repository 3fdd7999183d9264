"""Residents: one document, one account; levels, ages and counts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from codesign.core.residents import (
    Level,
    Residence,
    age_on,
    document_digest,
    level_of,
    registered_residents,
    residence_of,
    verified_residents,
    verify,
    withdraw_verification,
)
from codesign.core.users import User
from codesign.db import BIGGEST_ID
from codesign.testing import Town
from codesign.types import Invalid
from tests.making import neighbours

SECRET = b"of the operator"
BORN = date(1985, 4, 23)
DOCUMENT = "AB 123 456"
days = st.dates(date(1900, 1, 1), date(2199, 12, 31))


def levels(town: Town) -> dict[str, Level]:
    with town.read() as db:
        return {name: level_of(db, town.person(db, name)) for name in ("anna", "boris", "chen", "maya")}


def naive_age(born_on: date, day: date) -> int:
    """Count the birthdays one by one."""
    age, year = 0, born_on.year + 1
    while True:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        leapling = (born_on.month, born_on.day) == (2, 29)
        birthday = date(year, 3, 1) if leapling and not leap else born_on.replace(year=year)
        if birthday > day:
            return age
        age, year = age + 1, year + 1


@given(days, days)
def test_an_age_is_the_number_of_birthdays(one: date, other: date) -> None:
    born_on, day = sorted((one, other))
    assert age_on(born_on, day) == naive_age(born_on, day)


@given(st.sampled_from(range(1904, 2100, 4)), st.integers(0, 120), st.integers(-2, 2))
def test_who_was_born_on_29_february_has_birthdays_too(year: int, years: int, shift: int) -> None:
    born_on, day = date(year, 2, 29), date(year + years, 3, 1) + timedelta(days=shift)
    assert age_on(born_on, max(born_on, day)) == naive_age(born_on, max(born_on, day))


@pytest.mark.parametrize(
    ("born_on", "day", "age"),
    [
        (date(2008, 5, 4), date(2026, 5, 3), 17),
        (date(2008, 5, 4), date(2026, 5, 4), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
        (date(2026, 5, 4), date(2026, 5, 4), 0),
    ],
)
def test_an_age_changes_on_the_birthday(born_on: date, day: date, age: int) -> None:
    assert age_on(born_on, day) == age


@pytest.mark.parametrize("written", ["AB 123 456", "ab123456", "AB-123-456", " ab 123.456 ", "ＡＢ１２３４５６"])
def test_a_document_has_one_digest_however_its_number_is_written(written: str) -> None:
    assert document_digest(SECRET, "alder", written) == document_digest(SECRET, "alder", DOCUMENT)


def test_a_digest_depends_on_the_number_the_town_and_the_secret_and_does_not_hold_the_number() -> None:
    found = {
        document_digest(secret, slug, number)
        for secret in (SECRET, b"of another")
        for slug in ("alder", "birch")
        for number in (DOCUMENT, "AB 123 457")
    }
    assert (len(found), {len(each) for each in found}) == (8, {64})
    assert [each for each in found if "123456" in each] == []


@pytest.mark.parametrize("number", ["", "1234", "-- 12 34 --", "....."])
def test_a_number_of_less_than_five_letters_and_digits_is_refused(number: str) -> None:
    with pytest.raises(Invalid, match="at least 5") as refused:
        document_digest(SECRET, "alder", number)
    assert refused.value.field == "document"


def test_levels_grow_from_nobody_to_verified(alder: Town) -> None:
    alder.verify("anna")
    with alder.write() as db:
        alder.person(db, "boris").confirmed_at = None
        alder.person(db, "chen").erased_at = alder.world.clock.now()
        assert level_of(db, None) is Level.NONE
    assert levels(alder) == {
        "anna": Level.VERIFIED, "boris": Level.NONE, "chen": Level.NONE, "maya": Level.CONFIRMED
    }  # fmt: skip
    assert Level.NONE < Level.CONFIRMED < Level.VERIFIED


def test_an_account_that_was_erased_after_it_was_verified_counts_for_nothing(alder: Town) -> None:
    area = alder.area("North")
    alder.verify("anna", area)
    with alder.write() as db:
        alder.person(db, "anna").erased_at = alder.world.clock.now()
    with alder.read() as db:
        assert registered_residents(db, area) == 0
    assert levels(alder)["anna"] is Level.NONE


def test_a_residence_says_who_verified_when_and_where(alder: Town) -> None:
    area, now = alder.area("North"), alder.world.clock.now()
    with alder.write() as db:
        verify(db, alder.person(db, "anna"), alder.person(db, "chen"), now, area, BORN, "digest")
    with alder.read() as db:
        found = residence_of(db, alder.person(db, "anna"))
        assert found is not None and found.area is not None and found.verified_by is not None
        assert (found.area.title, found.verified_by.name, found.verified_at) == ("North", "Chen", now)
        assert (found.born_on, found.document_digest) == (BORN, "digest")


def test_a_correction_replaces_what_was_entered_but_a_document_only_by_another(alder: Town) -> None:
    alder.verify("anna", alder.area("North"), BORN, DOCUMENT)
    with alder.read() as db:
        first = db.scalars(select(Residence.document_digest)).one()
    alder.world.clock.advance(timedelta(days=1))
    south = alder.area("South")
    alder.verify("anna", south, None)
    with alder.read() as db:
        found = db.scalars(select(Residence)).one()
        assert (found.area_id, found.born_on, found.document_digest) == (south, None, first)
        assert found.verified_at == alder.world.clock.now()
    alder.verify("anna", document="ZZ 999 999")
    with alder.read() as db:
        assert db.scalars(select(Residence.document_digest)).one() != first


def test_a_document_belongs_to_one_account_until_its_verification_is_withdrawn(alder: Town) -> None:
    alder.verify("anna", document=DOCUMENT)
    alder.verify("maya")
    for name in ("boris", "maya"):
        with pytest.raises(Invalid, match="already belongs to another account") as refused:
            alder.verify(name, document="ab-123-456")
        assert refused.value.field == "document"
    assert [levels(alder)[name] for name in ("anna", "boris")] == [Level.VERIFIED, Level.CONFIRMED]
    alder.verify("anna", document=DOCUMENT)  # the same person once more
    with alder.write() as db:
        residence = residence_of(db, alder.person(db, "anna"))
        assert residence is not None
        withdraw_verification(db, residence)
    alder.verify("boris", document=DOCUMENT)
    assert [levels(alder)[name] for name in ("anna", "boris")] == [Level.CONFIRMED, Level.VERIFIED]


def test_people_without_a_document_do_not_stand_in_each_others_way(alder: Town) -> None:
    for name in ("anna", "boris"):
        alder.verify(name)
    assert [levels(alder)[name] for name in ("anna", "boris")] == [Level.VERIFIED] * 2


def test_two_desks_that_verify_one_document_for_two_accounts_at_once_verify_one(alder: Town) -> None:
    start = Barrier(2)

    def desk(name: str) -> str:
        start.wait()
        try:
            alder.verify(name, document=DOCUMENT)
        except Invalid as error:
            return str(error)
        return "verified"

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(desk, ["anna", "boris"]))
    assert sorted(answers) == ["This document already belongs to another account.", "verified"]
    found = levels(alder)
    assert sorted(found[name] for name in ("anna", "boris")) == [Level.CONFIRMED, Level.VERIFIED]


def test_two_desks_that_verify_one_account_at_once_both_succeed(alder: Town) -> None:
    start = Barrier(2)

    def desk(document: str) -> None:
        start.wait()
        alder.verify("anna", document=document)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(desk, [DOCUMENT, "ZZ 999 999"]))
    with alder.read() as db:
        assert len(db.scalars(select(Residence)).all()) == 1


@pytest.mark.parametrize(
    ("born_on", "sentence"),
    [(date(1899, 12, 31), "too long ago"), (date(1, 1, 1), "too long ago"), (date(2200, 1, 1), "in the future")],
)
def test_nobody_was_born_before_1900_or_tomorrow(alder: Town, born_on: date, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        alder.verify("anna", born_on=born_on)
    today = alder.world.clock.now().date()
    with pytest.raises(Invalid, match="in the future"):
        alder.verify("anna", born_on=today + timedelta(days=1))
    for possible in (date(1900, 1, 1), today):
        alder.verify("anna", born_on=possible)


@pytest.mark.parametrize("area", [0, 99, BIGGEST_ID + 1])
def test_nobody_lives_in_an_area_that_is_not_there(alder: Town, area: int) -> None:
    with pytest.raises(Invalid, match="no longer there") as refused:
        alder.verify("anna", area)
    assert refused.value.field == "area"


def test_an_account_without_a_confirmed_address_is_not_verified(alder: Town) -> None:
    with alder.write() as db:
        alder.person(db, "anna").confirmed_at = None
    with pytest.raises(Invalid, match="not confirmed"):
        alder.verify("anna")


def test_registered_residents_are_confirmed_accounts_and_of_an_area_those_verified_there(alder: Town) -> None:
    neighbours(alder, 3)
    north, south, empty = (alder.area(title) for title in ("North", "South", "Empty"))
    alder.verify("anna", north)
    alder.verify("neighbour0", north)
    alder.verify("neighbour1", south)
    alder.verify("neighbour2")
    with alder.write() as db:
        alder.person(db, "neighbour0").erased_at = alder.world.clock.now()
        alder.person(db, "boris").confirmed_at = None
        db.add(User(name="A pseudonym", created_at=alder.world.clock.now()))
    with alder.read() as db:
        found = [registered_residents(db, area) for area in (None, north, south, empty, 99)]
        assert (found, verified_residents(db)) == ([5, 1, 1, 0, 0], 3)


def test_counting_residents_is_one_question(alder: Town) -> None:
    area = alder.area("North")
    with alder.counted() as statements, alder.read() as db:
        registered_residents(db)
        registered_residents(db, area)
    assert len(statements) == 2


def test_a_document_of_one_town_says_nothing_in_another(alder: Town, birch: Town) -> None:
    alder.verify("anna", document=DOCUMENT)
    birch.verify("dora", document=DOCUMENT)
    digests = []
    for town in (alder, birch):
        with town.read() as db:
            digests.append(db.scalars(select(Residence.document_digest)).one())
    assert len(set(digests)) == 2
