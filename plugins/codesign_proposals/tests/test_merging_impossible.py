"""What cannot be joined is said in a sentence, and nothing is joined by halves."""

from typing import Any

import pytest

from codesign.core.contributions import get_of_kind
from codesign.testing import Town
from codesign_proposals.proposals import Proposal
from codesign_proposals.tests.joining import answer, ask, request_id
from codesign_proposals.tests.making import proposal_id


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("proposals")


@pytest.fixture
def pair(town: Town) -> tuple[int, int]:
    """Anna's proposal, and Boris's."""
    return proposal_id(town, "A roof at the market"), proposal_id(town, "Roofs at all stops", "boris")


NOW = "now"


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"withdrawn_at": NOW}, "no longer gathers support"),
        ({"archives_at": NOW}, "no longer gathers support"),
        ({"reached_at": NOW, "archives_at": NOW}, "no longer gathers support"),
        ({"hidden_at": NOW}, "There is no proposal of this number"),
        ({"author_id": None}, "has no account here"),
    ],
)
def test_what_cannot_be_joined_is_said_in_a_sentence(town: Town, facts: dict[str, Any], sentence: str) -> None:
    now = town.world.clock.now()
    source = proposal_id(town, "A roof at the market")
    target = proposal_id(
        town, "Roofs at all stops", "boris", **{name: now if value else None for name, value in facts.items()}
    )
    refused = ask(town, source, target)
    assert (refused.status_code, sentence in refused.text, f"/proposals/{target}" in refused.text) == (422, True, True)
    assert request_id(town) == 0


def test_nobody_agrees_in_the_place_of_an_author_without_an_account(town: Town) -> None:
    source, target = proposal_id(town, "A roof at the market", author_id=None), proposal_id(town, "Roofs", "boris")
    for name in ("chen", "maya", "boris"):
        refused = ask(town, source, target, name)
        assert (refused.status_code, "Nobody else can agree for them" in refused.text) == (422, True)
    with town.write() as db:
        get_of_kind(db, Proposal, source).author_id = town.person(db, "anna").id
        town.person(db, "anna").erased_at = town.world.clock.now()
    assert ask(town, source, target, "chen").status_code == 422


@pytest.mark.parametrize(
    "number", ["", "x", "2026-99999", "/proposals/0", "/proposals/999999999999999999", "9" * 400, "\0", "٢٠٢٦-٠٠٠٠١"]
)
def test_a_number_that_names_no_proposal_comes_back(town: Town, pair: tuple[int, int], number: str) -> None:
    refused = ask(town, pair[0], number)
    assert (refused.status_code, 'id="number-error"' in refused.text) == (422, True)


def test_a_proposal_is_named_by_its_number_or_its_address(town: Town, pair: tuple[int, int]) -> None:
    source, target = pair
    with town.read() as db:
        number = get_of_kind(db, Proposal, target).number
    for text in (number, f" Proposal {number} ", f"http://alder.localhost/proposals/{target}#updates"):
        assert ask(town, source, text).status_code == 303, text
        answer(town, source, "anna", "take_back")


def test_no_proposal_joins_itself_nor_one_that_has_joined_another(town: Town, pair: tuple[int, int]) -> None:
    source, target = pair
    third = proposal_id(town, "Benches", "chen")
    itself = ask(town, source, source)
    assert (itself.status_code, "cannot join itself" in itself.text) == (422, True)
    ask(town, source, target)
    answer(town, target, "boris")
    into_joined = ask(town, third, source, "chen")
    assert (into_joined.status_code, "has joined another proposal itself" in into_joined.text) == (422, True)
    assert ask(town, source, third).status_code == 403
    back = ask(town, target, source, "boris")
    assert back.status_code == 422
