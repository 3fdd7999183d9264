"""Sharing a proposal: a link, a QR code, a letter, and a sheet for signatures on paper."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
import segno

from codesign.testing import Town
from codesign_proposals.tests.making import TITLE, proposal_id


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("proposals")


def test_the_page_offers_the_whole_address_a_letter_a_code_and_a_sheet(town: Town) -> None:
    id = proposal_id(town, "Roofs & benches")
    html = town.client().get(f"/proposals/{id}").text
    for words in (
        f'id="share-link" value="http://alder.localhost/proposals/{id}" readonly',
        "mailto:?subject=Roofs%20%26%20benches&amp;body=",
        f'src="/proposals/{id}/qr.svg"',
        f'href="/proposals/{id}/sheet"',
    ):
        assert words in html


def test_the_code_is_an_svg_of_the_address_without_styles_and_may_be_kept(town: Town) -> None:
    id = proposal_id(town)
    answer = town.client().get(f"/proposals/{id}/qr.svg")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert answer.headers["cache-control"] == "public, max-age=86400"
    drawing = ElementTree.fromstring(answer.content)
    assert [element for element in drawing.iter() if "style" in element.attrib] == []
    (modules,) = [element for element in drawing.iter() if "stroke" in element.attrib]
    wanted = segno.make(f"http://alder.localhost/proposals/{id}", error="m", micro=False)
    again = ElementTree.fromstring(wanted.svg_inline(omitsize=True))
    assert modules.attrib["d"] == next(element for element in again.iter() if "stroke" in element.attrib).attrib["d"]
    assert town.client().head(f"/proposals/{id}/qr.svg").status_code == 200


def test_the_sheet_has_room_for_fifteen_people_and_says_what_happens_with_their_data(town: Town) -> None:
    id = proposal_id(town, threshold=1000)
    html = town.client().get(f"/proposals/{id}/sheet").text
    assert html.count('<th scope="row">') == 15
    for words in (TITLE, "proposal 2026-00001", "1000 supporters", "4 May 2027", f"/proposals/{id}/qr.svg",
                  f"http://alder.localhost/proposals/{id}", "Neither names nor numbers are stored", "Date of birth"):  # fmt: skip
        assert words in html, words


def test_there_is_no_sheet_for_what_no_longer_gathers_support(town: Town) -> None:
    clock = town.world.clock
    id = proposal_id(town, archives_at=clock.now() + timedelta(hours=1))
    readers = [town.client(), town.client("boris")] * 2
    assert all(f'href="/proposals/{id}/sheet"' in reader.get(f"/proposals/{id}").text for reader in readers)
    clock.advance(timedelta(hours=1))
    assert not any(f'href="/proposals/{id}/sheet"' in reader.get(f"/proposals/{id}").text for reader in readers)
    sheet = town.client().get(f"/proposals/{id}/sheet")
    assert (sheet.status_code, "<table" in sheet.text, "ended on 4 May 2026" in sheet.text) == (200, False, True)


def test_nothing_of_a_hidden_proposal_is_shared(town: Town) -> None:
    id = proposal_id(town, hidden_at=town.world.clock.now())
    for part in ("qr.svg", "sheet"):
        assert town.client().get(f"/proposals/{id}/{part}").status_code == 404
        assert town.client().get(f"/proposals/999/{part}").status_code == 404
