"""What cannot be a debate is refused with a sentence, and what broke others is stored and shown as it was written."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from codesign.core.contributions import TEXT_LENGTH, TITLE_LENGTHS
from codesign.markup import clean
from codesign.paging import encode
from codesign.testing import Town
from codesign_debates.debates import Debate
from codesign_debates.tests.making import TEXT, debate_id
from tests.nasty import dangers, fitting, sendable, strings

GOOD = {"title": "Market on Saturday?", "text": TEXT, "topic": "", "opens_on": "", "closes_on": ""}
GARBAGE = ["x", "%00", "%ff", "9" * 400, "W10", "-1", "' OR 1=1", encode(["0001-01-01T00:00:00+14:00", 1]), encode([2**63, 1]),
           encode([None]), "%D9%A1%D9%A2", "9" * 18, "9" * 19, "a" * 1000]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""), ("title", "abc"), ("title", "x" * 121), ("title", "\0\0\0\0"), ("title", " \n\t "),
        ("text", ""), ("text", "too short"), ("text", "x" * (TEXT_LENGTH + 1)), ("topic", "1"), ("topic", "x"), ("topic", "9" * 5000),
        ("topic", "-1"), ("opens_on", "tomorrow"), ("opens_on", "2026-13-01"), ("closes_on", "2026-02-30"), ("closes_on", "x" * 5000),
        ("opens_on", "0001-01-01"), ("closes_on", "9999-12-31"), ("opens_on", "9999-12-31"), ("closes_on", "0001-01-01"),
        ("closes_on", "10000-01-01"), ("opens_on", "-2026-01-01"), ("closes_on", "2026-05-04\0x"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("zone", ["Asia/Almaty", "America/Los_Angeles"])
def test_a_debate_that_cannot_be_is_refused_beside_its_field_and_nothing_typed_is_lost(
    alder: Town, field: str, value: str, zone: str
) -> None:
    alder.enable("debates")
    settings = {"title": "Alder", "about": "", "accent": "blue", "locale": "en", "zone": zone}
    assert alder.client("maya").post("/admin/settings", data=settings).status_code == 303
    answer = alder.client("anna").post("/debates/new", data={**GOOD, field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert TEXT in answer.text or field == "text"
    with alder.read() as db:
        assert db.scalars(select(Debate)).all() == []


@pytest.mark.parametrize("value", ["many", "", "-1", "3651", "1.5", "9" * 5000, "\0"])
def test_a_setting_that_cannot_be_is_refused_in_words_that_are_translated(alder: Town, value: str) -> None:
    maya = alder.client("maya")
    answer = maya.post("/admin/plugins/debates/settings", data={"started_by": "staff", "days_open": value})
    assert answer.status_code == 422
    assert "This value is not possible here." in answer.text
    assert "Not a valid" not in answer.text


def test_the_longest_possible_debate_is_taken(alder: Town) -> None:
    alder.enable("debates")
    longest = {
        "title": "Ж" * TITLE_LENGTHS[1],
        "text": "ж" * TEXT_LENGTH,
        "topic": "",
        "opens_on": "2026-06-01",
        "closes_on": "2026-06-01",
    }
    assert alder.client("anna").post("/debates/new", data=longest).status_code == 303
    with alder.read() as db:
        [debate] = db.scalars(select(Debate))
        assert (len(debate.title), len(debate.text)) == (TITLE_LENGTHS[1], TEXT_LENGTH)


def test_garbage_in_the_address_of_the_list_is_passed_over(alder: Town) -> None:
    alder.enable("debates")
    debate_id(alder, topic="Markets")
    client = alder.client("anna")
    for order in ("newest", "voted", "random", "%00"):
        for garbage in GARBAGE:
            for url in (
                f"/debates/?order={order}&after={garbage}",
                f"/debates/?order={order}&topic={garbage}&phase={garbage}",
            ):
                assert client.get(url).status_code == 200, url
            assert (
                client.get(
                    f"/debates/?order={order}&q={garbage}&at={garbage}", headers={"HX-Request": "true"}
                ).status_code
                == 200
            )


def test_debates_hold_what_was_written_and_every_list_shows_it_safely(alder: Town, shared_data: Path) -> None:
    alder.enable("debates")
    known = strings(shared_data)[1 :: 8 if alder.world.settings.database else 2]
    wanted = []
    for number, string in enumerate(known):
        if number % 80 == 0:
            anna = alder.client("anna")  # who writes that much needs more than one session
        title, text = (
            fitting(string, *TITLE_LENGTHS),
            fitting(f"{sendable(string)} and so on and so on", 20, TEXT_LENGTH),
        )
        assert anna.post("/debates/new", data={**GOOD, "title": title, "text": text}).status_code == 303, string
        wanted.append((clean(title).strip(), clean(text).strip()))
    with alder.read() as db:
        assert [(debate.title, debate.text) for debate in db.scalars(select(Debate).order_by(Debate.id))] == wanted
    reader = alder.client("boris")
    for url in (
        "/",
        "/debates/",
        "/debates/?order=random",
        "/debates/?order=voted",
        *(f"/debates/{n}" for n in range(1, len(known), 9)),
    ):
        assert dangers(reader.get(url).text) == [], url
    ElementTree.fromstring(reader.get("/feed.atom").content)
