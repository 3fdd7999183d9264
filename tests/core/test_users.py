"""People: addresses, passwords, roles."""

import pytest

from codesign.core.users import (
    Role,
    check_strength,
    hashed,
    matching_people,
    normal_email,
    password_matches,
    set_role,
    sign_up,
    user_by_email,
)
from codesign.core.users import User as Person
from codesign.testing import Town
from codesign.types import Invalid


@pytest.mark.parametrize("typed", ["anna@alder.example", " Anna@Alder.Example ", "ANNA@ALDER.EXAMPLE\n"])
def test_an_address_is_the_same_however_it_is_typed(typed: str) -> None:
    assert normal_email(typed) == "anna@alder.example"


@pytest.mark.parametrize(
    "typed",
    [
        "", "anna", "anna@", "@alder.example", "anna@alder", "anna@al der.example", "a@b@c.example", "anna@alder.e",
        "anna@alder.example\nBcc: x@y.zz", "an\u200bna@alder.example", "<anna@alder.example>", f"{'a' * 250}@b.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(Invalid, match="not an e-mail address") as refusal:
        normal_email(typed)
    assert refusal.value.field == "email"


@pytest.mark.parametrize("password", ["three unrelated words", "x7!kQ9$mZ2", "пять случайных слов"])
def test_a_long_and_varied_password_is_good_enough(password: str) -> None:
    check_strength(password, "anna@alder.example", "Anna")


@pytest.mark.parametrize(
    "password", ["short", "aaaaaaaaaaaa", "abababababab", "anna@alder.example", "Annabella123", "x" * 201]
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_strength(password, "anna@alder.example", "Annabella")
    assert refusal.value.field == "password"


def test_only_the_right_password_matches_and_hashes_never_repeat() -> None:
    one, two = hashed("three unrelated words"), hashed("three unrelated words")
    assert one != two
    assert one.startswith("$argon2id$")
    person = Person(name="Anna", password_hash=one)
    assert password_matches(person, "three unrelated words")
    assert not password_matches(person, "three unrelated word")


def test_nobody_signs_in_as_a_pseudonym_or_as_nobody() -> None:
    assert not password_matches(None, "")
    assert not password_matches(Person(name="Imported", password_hash=None), "")
    assert not password_matches(Person(name="Broken", password_hash="not a hash"), "not a hash")


def test_a_person_is_found_by_any_spelling_of_the_address(alder: Town) -> None:
    with alder.read() as db:
        assert user_by_email(db, " ANNA@alder.EXAMPLE ") is alder.person(db, "anna")
        assert user_by_email(db, "nobody@alder.example") is None


def test_a_new_person_is_a_resident_who_is_not_confirmed(alder: Town) -> None:
    with alder.write() as db:
        person = sign_up(db, "new@alder.example", "  New  ", "hash", "en", alder.world.clock.now())
        assert (person.name, person.role, person.confirmed_at, person.erased_at) == ("New", Role.RESIDENT, None, None)


def test_the_last_administrator_stays(alder: Town) -> None:
    with alder.write() as db:
        maya, boris = alder.person(db, "maya"), alder.person(db, "boris")
        with pytest.raises(Invalid, match="last administrator"):
            set_role(db, maya, Role.RESIDENT)
        set_role(db, boris, Role.ADMINISTRATOR)
        set_role(db, maya, Role.RESIDENT)
        assert (maya.role, boris.role) == (Role.RESIDENT, Role.ADMINISTRATOR)


def test_an_erased_administrator_does_not_count_as_one(alder: Town) -> None:
    with alder.write() as db:
        maya, boris = alder.person(db, "maya"), alder.person(db, "boris")
        boris.role, boris.erased_at = Role.ADMINISTRATOR, alder.world.clock.now()
        db.flush()
        with pytest.raises(Invalid):
            set_role(db, maya, Role.RESIDENT)


def test_people_are_found_by_a_part_of_name_or_address_and_wildcards_are_plain_letters(alder: Town) -> None:
    with alder.read() as db:
        for text, names in {"NN": {"Anna"}, "maya@": {"Maya"}, "%": set(), "_nna": set()}.items():
            assert {person.name for person in db.query(Person).where(matching_people(text))} == names


@pytest.mark.parametrize(
    ("name", "initials"), [("Anna", "A"), ("anna von alder", "AV"), ("", ""), ("Ölmez İnan", "Öİ")]
)
def test_initials_are_the_first_letters_of_two_words(name: str, initials: str) -> None:
    assert Person(name=name).initials == initials
