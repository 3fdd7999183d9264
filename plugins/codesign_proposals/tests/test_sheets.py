"""Signatures on paper: each document counts once, here or on paper, and its number is stored nowhere."""

import logging
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from codesign.core.contributions import get_of_kind
from codesign.db import Base
from codesign.events import Event
from codesign.testing import Town
from codesign_proposals.proposals import Proposal, Sheet, Signature
from codesign_proposals.sheets import MOST_LINES
from codesign_proposals.tests.making import proposal_id, supported
from codesign_proposals.tests.telling import told
from tests.making import neighbours
from tests.test_concurrency import at_once, posting

ORIGIN = "Market square, 4 May, sheet 1"


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("proposals")


def numbers(*which: int) -> list[str]:
    return [f"ALD-{number:06}-Q" for number in which]


def enter(town: Town, id: int, lines: Sequence[str], name: str = "chen", origin: str = ORIGIN) -> Any:
    form = {"origin": origin, "numbers": "\r\n".join(lines)}
    return town.client(name).post(f"/proposals/{id}/signatures", data=form)


def counts(town: Town, id: int) -> tuple[int, int, int]:
    """All supports, those on paper, and the progress in thousandths."""
    with town.read() as db:
        proposal = get_of_kind(db, Proposal, id)
        return proposal.agree_count, proposal.paper_count, proposal.progress


def sheets(town: Town) -> list[tuple[str, int, int]]:
    with town.read() as db:
        return [(row.origin, row.accepted, row.doubled) for row in db.scalars(select(Sheet).order_by(Sheet.id))]


def test_signatures_are_counted_and_the_page_tells_where_they_come_from(town: Town) -> None:
    id = proposal_id(town, threshold=100)
    answer = enter(town, id, numbers(1, 2, 3))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/proposals/{id}/signatures")
    assert (counts(town, id), sheets(town)) == ((3, 3, 30), [(ORIGIN, 3, 0)])
    chen = town.client("chen")
    chen.post(f"/proposals/{id}/signatures", data={"origin": "Library", "numbers": "ALD 000004 Q"})
    html = chen.get(f"/proposals/{id}/signatures").text
    for words in ("1 signature is counted.", ORIGIN, "3 counted", "entered by Chen", "4 May 2026"):
        assert words in html
    assert html.index("Library") < html.index(ORIGIN)
    assert "4 on paper" in town.client().get(f"/proposals/{id}").text


def test_a_document_counts_once_within_a_sheet_between_sheets_and_however_it_is_written(town: Town) -> None:
    id, other = proposal_id(town), proposal_id(town, "Another roof")
    assert enter(town, id, ["AB 12345", "ab-12345", "AB12345", "", "CD 67890"]).status_code == 303
    assert (counts(town, id)[:2], sheets(town)) == ((2, 2), [(ORIGIN, 2, 2)])
    enter(town, id, ["cd67890", "EF 11111"], origin="Library")
    assert (counts(town, id)[:2], sheets(town)[1]) == ((3, 3), ("Library", 1, 1))
    enter(town, id, ["EF11111"], origin="Again")
    assert (counts(town, id)[:2], sheets(town)[2]) == ((3, 3), ("Again", 0, 1))
    enter(town, other, ["EF11111"])
    assert counts(town, other)[:2] == (1, 1)


def test_whoever_supports_here_is_not_counted_again_on_paper_verified_before_or_afterwards(town: Town) -> None:
    id = proposal_id(town)
    town.verify("anna", document="AA 11111")
    supported(town, id, "anna", "boris", "maya")
    town.verify("boris", document="BB 22222")
    town.verify("chen", document="CC 33333")
    enter(town, id, ["aa11111", "bb22222", "cc33333", "dd44444"])
    assert (counts(town, id)[:2], sheets(town)) == ((5, 2), [(ORIGIN, 2, 2)])
    refused = town.client("chen").post(f"/contributions/{id}/vote", data={"value": "1"})
    assert (refused.status_code, "signed this proposal on paper already" in refused.text) == (403, True)
    assert counts(town, id)[:2] == (5, 2)
    for value, supports in (("0", 4), ("1", 5)):
        assert town.client("boris").post(f"/contributions/{id}/vote", data={"value": value}).status_code == 303
        assert counts(town, id)[:2] == (supports, 2)


def test_who_takes_the_support_back_can_sign_on_paper(town: Town) -> None:
    id = proposal_id(town)
    supported(town, id, "boris")
    town.verify("boris", document="BB 22222")
    boris = town.client("boris")
    boris.post(f"/contributions/{id}/vote", data={"value": "0"})
    enter(town, id, ["bb22222"])
    assert counts(town, id)[:2] == (1, 1)
    assert boris.post(f"/contributions/{id}/vote", data={"value": "1"}).status_code == 403


def test_lines_that_are_no_document_numbers_come_back_with_their_line_and_the_others_are_counted(town: Town) -> None:
    id = proposal_id(town)
    answer = enter(town, id, ["AB 12345", "", "12-3", "see the back", "x" * 41 + "1", "CD 67890", "<b>"])
    assert (answer.status_code, counts(town, id)[:2], sheets(town)) == (422, (2, 2), [(ORIGIN, 2, 0)])
    for words in (
        "Line 3: A document number has at least 5",
        "Line 4: This is not",
        "Line 5:",
        "Line 7:",
        "2 signatures are counted",
    ):
        assert words in answer.text
    field = answer.text.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0]
    assert field.split() == ["12-3", "see", "the", "back", "x" * 41 + "1", "&lt;b&gt;"]
    assert ORIGIN in answer.text
    nothing = enter(town, id, ["???", "-"])
    assert (nothing.status_code, counts(town, id)[:2], len(sheets(town))) == (422, (2, 2), 1)
    assert "counted." not in nothing.text


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"origin": "", "numbers": "AB 12345"}, "origin"),
        ({"origin": "x" * 201, "numbers": "AB 12345"}, "origin"),
        ({"origin": ORIGIN, "numbers": " \n \n"}, "numbers"),
        ({"origin": ORIGIN}, "numbers"),
        ({"numbers": "\0"}, "origin"),
        ({"origin": ORIGIN, "numbers": "\n".join(numbers(*range(MOST_LINES + 1)))}, "numbers"),
    ],
)
def test_a_form_that_cannot_be_counts_nothing_and_loses_nothing(town: Town, form: dict[str, str], field: str) -> None:
    id = proposal_id(town)
    answer = town.client("chen").post(f"/proposals/{id}/signatures", data=form)
    assert (answer.status_code, f'id="{field}-error"' in answer.text) == (422, True)
    assert (counts(town, id)[:2], sheets(town)) == ((0, 0), [])
    for line in form.get("numbers", "").split()[:3]:
        assert line in answer.text or "\0" in line


def test_two_hundred_lines_are_taken_at_once(town: Town) -> None:
    id = proposal_id(town, threshold=100)
    assert enter(town, id, numbers(*range(MOST_LINES))).status_code == 303
    assert counts(town, id) == (MOST_LINES, MOST_LINES, 2000)


def test_the_threshold_is_reached_on_paper_as_well_and_told_once(town: Town) -> None:
    id = proposal_id(town, threshold=3)
    supported(town, id, "boris")
    enter(town, id, numbers(1, 2))
    enter(town, id, numbers(3))
    with town.read() as db:
        assert get_of_kind(db, Proposal, id).reached_at == town.world.clock.now()
        assert db.scalars(select(Event.name).where(Event.name == "proposals.reached")).all() == ["proposals.reached"]
    assert sorted(told(town)) == ["anna", "boris"]


def test_no_number_is_stored_logged_or_sent_on(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    id = proposal_id(town)
    caplog.set_level(logging.DEBUG)
    mixed = enter(town, id, ["QUOKKA-98765431", "quokka98765431", "a quokka, no number"])
    good = enter(town, id, ["QUOKKA-98765432"])
    assert (mixed.status_code, good.status_code, counts(town, id)[:2]) == (422, 303, (2, 2))
    held = f"{good.headers}{mixed.headers}{caplog.text}"
    with town.read() as db:
        for table in Base.metadata.sorted_tables:
            if db.connection().dialect.has_table(db.connection(), table.name, schema=town.store.schema):
                held += repr(db.execute(select(table)).all())
    assert [piece for piece in ("quokka", "98765431", "98765432") if piece in held.lower()] == []


def test_two_desks_that_enter_the_same_sheet_at_the_same_moment_count_it_once(town: Town) -> None:
    id = proposal_id(town)
    forms = [{"origin": ORIGIN, "numbers": "\n".join(numbers(*order))} for order in (range(30), reversed(range(30)))]
    tasks = [
        posting(town, name, f"/proposals/{id}/signatures", form)
        for form, name in zip(forms, ("chen", "maya"), strict=True)
    ]
    assert at_once(tasks * 2) == [303] * 4
    assert counts(town, id)[:2] == (30, 30)
    assert sorted(accepted for _origin, accepted, _doubled in sheets(town)) == [0, 0, 0, 30]
    with town.read() as db:
        assert len(db.scalars(select(Signature.digest)).all()) == 30


def test_supports_here_and_on_paper_at_the_same_moment_count_each_person_once(town: Town) -> None:
    crowd = neighbours(town, 6)
    for place, name in enumerate(crowd):
        town.verify(name, document=numbers(place)[0])
    for number in range(3):
        id = proposal_id(town, f"A roof {number}", threshold=4)
        tasks = [posting(town, name, f"/contributions/{id}/vote", {"value": "1"}) for name in crowd]
        form = {"origin": ORIGIN, "numbers": "\n".join(numbers(*range(6)))}
        tasks += [posting(town, name, f"/proposals/{id}/signatures", form) for name in ("chen", "maya")]
        answers = at_once(tasks)
        assert (set(answers) <= {303, 403}, len(answers)) == (True, 8)
        agree, paper, progress = counts(town, id)
        assert (agree, progress, answers.count(303) - 2 + paper) == (6, 1500, 6)


@pytest.mark.parametrize("name", [None, "anna", "boris"])
def test_only_officials_and_administrators_enter_signatures(town: Town, name: str | None) -> None:
    id = proposal_id(town)
    client, form = town.client(name), {"origin": ORIGIN, "numbers": "AB 12345"}
    refused = (303, 307) if name is None else (403, 403)
    url = f"/proposals/{id}/signatures"
    assert (client.get(url).status_code, client.post(url, data=form).status_code) == refused
    assert counts(town, id)[:2] == (0, 0)


def test_after_its_term_nothing_is_entered_but_the_sheets_can_be_read(town: Town) -> None:
    now = town.world.clock.now()
    hidden = proposal_id(town, "Hidden", hidden_at=now)
    for facts in ({"archives_at": now}, {"withdrawn_at": now}, {"reached_at": now, "archives_at": now}):
        id = proposal_id(town, **facts)
        chen = town.client("chen")
        html = chen.get(f"/proposals/{id}/signatures").text
        assert ("No sheet has been entered yet." in html, "<textarea" in html) == (True, False)
        assert enter(town, id, ["AB 12345"]).status_code == 403
    assert (chen.get(f"/proposals/{hidden}/signatures").status_code, enter(town, hidden, ["AB 12345"]).status_code) == (
        404,
        404,
    )
    assert sheets(town) == []
