"""The desk of the town hall, and what people see of their own verification."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from codesign.core.residents import Residence, document_digest
from codesign.testing import Town
from codesign.testing.client import Client
from tests.making import neighbours

DOCUMENT = "AB 123 456"
FORM = {"document": DOCUMENT, "born_on": "1985-04-23", "area": ""}


def place(town: Town, name: str) -> str:
    with town.read() as db:
        return f"/residents/{town.person(db, name).id}"


def entered(town: Town) -> list[Any]:
    """Each verified person: address, area, day of birth."""
    with town.read() as db:
        rows = db.scalars(select(Residence).order_by(Residence.user_id)).all()
        return [(row.user_id, row.area.title if row.area else None, row.born_on) for row in rows]


def verified_by(client: Client, url: str, **changed: str) -> int:
    return client.post(url, data={**FORM, **changed}).status_code


def test_an_official_verifies_somebody_and_the_number_is_nowhere(alder: Town) -> None:
    area, url, chen = alder.area("North"), place(alder, "anna"), alder.client("chen")
    assert chen.get(url).text.count(" required") == 1
    answer = chen.post(url, data={**FORM, "area": str(area)})
    assert (answer.status_code, answer.headers["location"]) == (303, url)
    assert [row[1:] for row in entered(alder)] == [("North", date(1985, 4, 23))]
    digest = document_digest(alder.world.settings.secret, "alder", DOCUMENT)
    with alder.read() as db:
        assert db.scalars(select(Residence.document_digest)).all() == [digest]
    page = chen.get(url).text
    assert [text for text in ("Verified on", "by Chen", 'value="1985-04-23"') if text not in page] == []
    assert [text for text in (DOCUMENT, digest, " required") if text in page] == []


def test_a_correction_keeps_the_document_when_the_field_stays_empty(alder: Town) -> None:
    url, chen, maya = place(alder, "anna"), alder.client("chen"), alder.client("maya")
    assert verified_by(chen, url) == 303
    assert verified_by(maya, url, document="", born_on="1986-05-24") == 303
    assert [row[2] for row in entered(alder)] == [date(1986, 5, 24)]
    assert "by Maya" in chen.get(url).text
    assert verified_by(chen, place(alder, "boris")) == 422


def test_a_second_account_with_the_same_document_is_refused_and_nothing_typed_is_lost(alder: Town) -> None:
    chen = alder.client("chen")
    alder.verify("anna", document=DOCUMENT)
    answer = chen.post(place(alder, "boris"), data={**FORM, "document": "ab-123-456"})
    assert (answer.status_code, "This document already belongs to another account." in answer.text) == (422, True)
    assert ('value="ab-123-456"' in answer.text, 'value="1985-04-23"' in answer.text) == (True, True)
    assert ("Anna" in answer.text, len(entered(alder))) == (False, 1)


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("document", "", "Please fill this in."),
        ("document", "12-34", "at least 5 letters and digits"),
        ("document", "....", "at least 5 letters and digits"),
        ("document", "1" * 41, "Please shorten it."),
        ("born_on", "yesterday", "This is not a date."),
        ("born_on", "2001-02-29", "This is not a date."),
        ("born_on", "99999-01-01", "This is not a date."),
        ("born_on", "1899-12-31", "too long ago"),
        ("born_on", "2026-05-05", "in the future"),
        ("area", "99", "Please choose one of these."),
        ("area", "North", "Please choose one of these."),
        ("area", "9" * 30, "Please choose one of these."),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(alder: Town, field: str, typed: str, sentence: str) -> None:
    alder.area("North")
    answer = alder.client("chen").post(place(alder, "anna"), data={**FORM, field: typed})
    assert (answer.status_code, sentence in answer.text, entered(alder)) == (422, True, [])


def test_an_empty_form_is_refused_and_files_are_no_numbers(alder: Town) -> None:
    chen, url = alder.client("chen"), place(alder, "anna")
    assert chen.post(url).status_code == 422
    assert chen.post(url, files={"document": ("passport.txt", b"AB 123 456")}).status_code == 422
    assert entered(alder) == []


def test_a_verification_is_withdrawn_once(alder: Town) -> None:
    chen, url = alder.client("chen"), place(alder, "anna")
    assert chen.post(f"{url}/withdraw").status_code == 404
    assert verified_by(chen, url) == 303
    assert chen.post(f"{url}/withdraw").headers["location"] == url
    assert (entered(alder), "Verified on" in chen.get(url).text) == ([], False)
    assert chen.post(f"{url}/withdraw").status_code == 404
    assert verified_by(chen, place(alder, "boris")) == 303


def test_people_are_found_by_name_or_address_and_nobody_is_listed_unasked(alder: Town) -> None:
    alder.verify("anna", alder.area("North"))
    chen = alder.client("chen")
    front = chen.get("/residents/").text
    assert ("1 of 4 confirmed accounts are verified." in front, "anna@alder.example" in front) == (True, False)
    found = chen.get("/residents/", params={"q": "ANNA"}).text
    assert [text for text in ("anna@alder.example", "verified on", "North", "Correct") if text not in found] == []
    assert "boris@alder.example" in chen.get("/residents/", params={"q": "boris@"}).text
    for strange in ("nobody", "%", "_", "\x00", "'"):
        assert "Nobody was found" in chen.get("/residents/", params={"q": f"zz{strange}"}).text


def test_a_long_answer_is_paged(alder: Town) -> None:
    neighbours(alder, 60)
    chen = alder.client("chen")
    first = chen.get("/residents/", params={"q": "neighbour"}).text
    more = next(part.partition('"')[0] for part in first.split('href="') if part.startswith("/residents/?"))
    second = chen.get(more.replace("&amp;", "&")).text
    assert [sum(f">neighbour{n}@alder.example" in text for n in range(60)) for text in (first, second)] == [50, 10]


def test_an_account_that_is_not_confirmed_is_shown_without_a_form_and_refused(alder: Town) -> None:
    with alder.write() as db:
        alder.person(db, "anna").confirmed_at = None
    chen, url = alder.client("chen"), place(alder, "anna")
    found = chen.get("/residents/", params={"q": "anna"}).text
    assert ("address not confirmed" in found, f'href="{url}"' in found) == (True, False)
    page = chen.get(url)
    assert (page.status_code, "not confirmed yet" in page.text, 'name="document"' in page.text) == (200, True, False)
    assert (verified_by(chen, url), entered(alder)) == (422, [])


def test_pseudonyms_erased_accounts_and_strangers_are_not_there(alder: Town) -> None:
    urls = [place(alder, "anna"), place(alder, "boris"), "/residents/99999", f"/residents/{2**63}"]
    with alder.write() as db:
        alder.person(db, "anna").erased_at = alder.world.clock.now()
        alder.person(db, "boris").email = None
    chen = alder.client("chen")
    assert [chen.get(url).status_code for url in urls] == [404] * 4
    assert [verified_by(chen, url) for url in urls] == [404] * 4


def test_nobody_but_officials_and_administrators_verifies(alder: Town) -> None:
    url = place(alder, "anna")
    for name, expected in (("anna", 403), ("boris", 403), ("chen", 303), ("maya", 303)):
        assert (name, verified_by(alder.client(name), url)) == (name, expected)
        assert ("/residents/" in alder.client(name).get("/").text) is (expected == 303)
    for name in ("anna", "boris"):
        client = alder.client(name)
        assert [client.get(path).status_code for path in ("/residents/", url)] == [403, 403]
        assert client.post(f"{url}/withdraw").status_code == 403
    assert alder.client().get(url).status_code == 303
    assert len(entered(alder)) == 1


def test_people_see_whether_they_are_verified_and_where_they_live(alder: Town) -> None:
    anna = alder.client("anna")
    before = anna.get("/accounts/settings").text
    assert "Show your document at the town hall" in before
    alder.verify("anna", alder.area("North"), date(1985, 4, 23), DOCUMENT)
    after = anna.get("/accounts/settings").text
    wanted = ("You are a verified resident.", "Your area: North", "Date of birth: 23 April 1985")
    assert [text for text in wanted if text not in after] == []
    assert ("Show your document" in after, DOCUMENT in after) == (False, False)


def test_the_same_person_of_another_town_is_not_touched(alder: Town, birch: Town) -> None:
    edda = birch.client("edda")
    alder.verify("anna", alder.area("North"), document=DOCUMENT)
    assert "0 of 2" in edda.get("/residents/").text
    assert "Nobody was found" in edda.get("/residents/", params={"q": "anna"}).text
    before = entered(alder)
    assert verified_by(edda, place(birch, "dora")) == 303
    assert (entered(alder), len(entered(birch))) == (before, 1)
