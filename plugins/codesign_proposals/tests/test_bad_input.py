"""What cannot be a proposal is refused with a sentence, and what broke others is stored and shown as it was written."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from codesign.core.contributions import TEXT_LENGTH, TITLE_LENGTHS
from codesign.markup import clean
from codesign.testing import Town
from codesign_proposals.proposals import Draft, Proposal
from codesign_proposals.tests.making import TEXT, TITLE, proposal_id
from tests.nasty import dangers, fitting, sendable, strings
from tests.sending import DOCUMENTS, declared_png, pdf, photo

GOOD = {"title": TITLE, "text": TEXT, "topic": "", "area": "", "tags": "", "alt": ""}


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("proposals")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""), ("title", "abc"), ("title", "x" * 121), ("title", "\0\0\0\0"), ("title", " \n\t "), ("title", "\u200b" * 9),
        ("text", ""), ("text", "too short"), ("text", "x" * (TEXT_LENGTH + 1)),
        ("topic", "1"), ("topic", "x"), ("topic", "9" * 5000), ("topic", "-1"), ("area", "1"), ("area", "' OR 1=1"), ("area", "9" * 19),
        ("tags", "a, b, c, d, e, f, g"), ("tags", "aa,bb,cc,dd,ee,ff,gg"), ("tags", "x" * 41), ("tags", "!!!"), ("tags", "ok, -"),
        ("tags", "x" * 50_000), ("alt", "x" * 301),
    ],
)  # fmt: skip
def test_a_draft_that_cannot_be_is_refused_beside_its_field_and_nothing_typed_is_lost(
    town: Town, field: str, value: str
) -> None:
    anna = town.client("anna")
    url = anna.post("/proposals/new", data=GOOD).headers["location"]
    id = proposal_id(town)
    for page in ("/proposals/new", f"{url}/edit", f"/proposals/{id}/edit"):
        answer = anna.post(page, data={**GOOD, field: value})
        assert (page, answer.status_code) == (page, 422)
        assert f'id="{field}-error"' in answer.text
        assert TEXT in answer.text or field == "text"
    with town.read() as db:
        assert db.scalars(select(Draft.title)).all() == [TITLE]
        assert db.scalars(select(Proposal.title)).all() == [TITLE]


@pytest.mark.parametrize(
    ("files", "alt", "field"),
    [
        ({"picture": ("a.jpg", photo(), "image/jpeg")}, "", "alt"),
        ({"picture": ("a.jpg", photo(), "image/jpeg")}, "...", "alt"),
        ({"picture": ("a.png", b"<svg onload='alert(1)'/>", "image/png")}, "Rain", "picture"),
        ({"picture": ("a.png", declared_png(50_000, 50_000), "image/png")}, "Rain", "picture"),
        ({"picture": ("a.pdf", pdf(), "application/pdf")}, "Rain", "picture"),
        ({"documents": ("a.jpg", photo(), "image/jpeg")}, "", "documents"),
        ({"documents": ("a.exe", b"MZ", "application/pdf")}, "", "documents"),
        ([("documents", (f"{n}.pdf", DOCUMENTS["pdf"], "")) for n in range(4)], "", "documents"),
        ([("picture", (f"{n}.jpg", photo(), "")) for n in range(2)], "Rain", "picture"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_taken_is_refused_with_what_was_typed(
    town: Town, files: Any, alt: str, field: str
) -> None:
    answer = town.client("anna").post("/proposals/new", data={**GOOD, "alt": alt}, files=files)
    assert (answer.status_code, f'id="{field}-error"' in answer.text, TEXT in answer.text) == (422, True, True)
    with town.read() as db:
        assert db.scalars(select(Draft.id)).all() == []


def test_a_fourth_document_is_refused_and_the_three_stay(town: Town) -> None:
    anna = town.client("anna")
    files = [("documents", (f"{n}.pdf", DOCUMENTS["pdf"], "")) for n in range(3)]
    url = anna.post("/proposals/new", data=GOOD, files=files).headers["location"]
    answer = anna.post(f"{url}/edit", data=GOOD, files={"documents": ("4.pdf", DOCUMENTS["pdf"], "")})
    assert (answer.status_code, "At most 3 documents are possible here." in answer.text) == (422, True)
    assert anna.get(url).text.count(".pdf</a>") == 3


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"reason": "", "text": ""}, "reason"), ({"reason": "bored", "text": ""}, "reason"), ({"text": "Because."}, "reason"),
        ({"reason": "other", "text": " "}, "text"), ({"reason": "done", "text": "x" * 2001}, "text"),
    ],
)  # fmt: skip
def test_a_withdrawal_without_a_reason_comes_back(town: Town, form: dict[str, str], field: str) -> None:
    id = proposal_id(town)
    answer = town.client("anna").post(f"/proposals/{id}/withdraw", data=form)
    assert (answer.status_code, f'id="{field}-error"' in answer.text) == (422, True)
    with town.read() as db:
        assert db.scalars(select(Proposal.withdrawn_at)).all() == [None]


def test_the_longest_possible_proposal_is_taken(town: Town) -> None:
    longest = {
        **GOOD,
        "title": "Ж" * TITLE_LENGTHS[1],
        "text": "ж" * TEXT_LENGTH,
        "tags": ",".join(f"{n}{'т' * 39}" for n in range(6)),
    }
    anna = town.client("anna")
    url = anna.post("/proposals/new", data=longest).headers["location"]
    assert anna.post(f"{url}/publish").status_code == 303
    assert anna.get("/proposals/1").text.count("<li>") > 6


@pytest.mark.parametrize(
    "path",
    [
        "drafts/999",
        "drafts/999/edit",
        "999",
        "999/edit",
        "999/revisions",
        "999/withdraw",
        f"{2**70}",
        f"drafts/{2**70}",
    ],
)
def test_what_is_not_there_is_not_found(town: Town, path: str) -> None:
    assert town.client("anna").get(f"/proposals/{path}").status_code == 404


def test_proposals_hold_what_was_written_and_every_page_shows_it_safely(town: Town, shared_data: Path) -> None:
    known = strings(shared_data)[1 :: 24 if town.world.settings.database else 6]
    wanted = []
    for number, string in enumerate(known):
        if number % 30 == 0:
            anna = town.client("anna")  # who writes that much needs more than one session
        title, text = (
            fitting(string, *TITLE_LENGTHS),
            fitting(f"{sendable(string)} and so on and so on", 20, TEXT_LENGTH),
        )
        tag = "t " + "".join(sign for sign in sendable(string) if sign not in ",;\r\n")[:38]
        url = anna.post("/proposals/new", data={**GOOD, "title": title, "text": text, "tags": tag}).headers.get(
            "location"
        )
        assert url is not None, string
        assert dangers(anna.get(url).text) == [], string
        assert anna.post(f"{url}/publish").status_code == 303, string
        wanted.append((clean(title).strip(), clean(text).strip()))
    with town.read() as db:
        assert [(each.title, each.text) for each in db.scalars(select(Proposal).order_by(Proposal.id))] == wanted
    reader = town.client("boris")
    for url in (
        "/",
        "/proposals/",
        *(f"/proposals/{n}{page}" for n in range(1, len(known), 7) for page in ("", "/revisions")),
    ):
        assert dangers(reader.get(url).text) == [], url
