"""Joining two proposals: only when both authors agree, and nobody's support is moved for them."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from codesign.core.contributions import get_of_kind
from codesign.core.votes import ContributionVote
from codesign.testing import Town
from codesign_proposals.proposals import Proposal
from codesign_proposals.tests.joining import answer, ask, joined, request_id
from codesign_proposals.tests.making import proposal_id, supported
from codesign_proposals.tests.telling import letters, told
from tests.making import neighbours


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("proposals")


@pytest.fixture
def pair(town: Town) -> tuple[int, int]:
    """Anna's proposal, and Boris's."""
    return proposal_id(town, "A roof at the market"), proposal_id(town, "Roofs at all stops", "boris")


def test_the_other_author_is_told_agrees_on_the_page_and_it_is_done(town: Town, pair: tuple[int, int]) -> None:
    source, target = pair
    assert ask(town, source, target).status_code == 303
    assert told(town) == Counter(["boris"])
    text = " ".join(letters(town)[0].get_content().split())
    for words in ("A roof at the market", "Roofs at all stops", "Anna", f"/proposals/{target}#joining"):
        assert words in text
    seen = {name: town.client(name).get(f"/proposals/{target}").text for name in ("boris", "chen", "anna")}
    assert {name: "Shall these be joined?" in html for name, html in seen.items()} == {
        "boris": True, "chen": False, "anna": False,
    }  # fmt: skip
    assert [word in seen["boris"] for word in ('value="agree"', 'value="decline"', 'value="take_back"')] == [
        True,
        True,
        False,
    ]
    assert joined(town, source, target) == [None, None]
    assert answer(town, target, "boris").status_code == 303
    assert joined(town, source, target) == [target, None]


def test_each_page_tells_where_the_other_is_with_the_date_and_the_supports_at_that_time(
    town: Town, pair: tuple[int, int]
) -> None:
    source, target = pair
    neighbours(town, 2)
    supported(town, source, "neighbour0", "neighbour1")
    ask(town, source, target)
    readers = [town.client(), town.client("chen"), town.client("anna")]
    for reader in readers * 2:
        assert (
            "Joined proposals" not in reader.get(f"/proposals/{source}").text + reader.get(f"/proposals/{target}").text
        )
    answer(town, target, "boris")
    for reader in readers * 2:
        own, other = (reader.get(f"/proposals/{id}").text for id in pair)
        assert ("Joined on 4 May 2026 to" in own, f'href="/proposals/{target}"' in own) == (True, True)
        assert ("These joined it" in other, f'href="/proposals/{source}"' in other) == (True, True)
        assert "2 supporters at that time" in other


def test_supporters_who_do_not_support_the_other_one_are_told_and_carry_their_own_over(
    town: Town, pair: tuple[int, int]
) -> None:
    source, target = pair
    neighbours(town, 4)
    supported(town, source, "neighbour0", "neighbour1", "neighbour2")
    supported(town, target, "neighbour2", "neighbour3")
    ask(town, source, target)
    before = told(town)
    answer(town, target, "boris")
    assert told(town) - before == Counter(["anna", "neighbour0", "neighbour1"])
    letter = next(letter for letter in letters(town) if "neighbour0" in letter["To"])
    assert f"http://alder.localhost/proposals/{source}#lineage" in letter.get_content()
    carry = f'action="/contributions/{target}/vote"'
    pages = {name: town.client(name) for name in ("neighbour0", "neighbour2", "neighbour3", "chen")}
    for _again in range(3):
        shown = {name: carry in client.get(f"/proposals/{source}").text for name, client in pages.items()}
        assert shown == {"neighbour0": True, "neighbour2": False, "neighbour3": False, "chen": False}
    with town.read() as db:
        assert (get_of_kind(db, Proposal, source).agree_count, get_of_kind(db, Proposal, target).agree_count) == (3, 2)
    assert pages["neighbour0"].post(f"/contributions/{target}/vote", data={"value": "1"}).status_code == 303
    with town.read() as db:
        assert (get_of_kind(db, Proposal, source).agree_count, get_of_kind(db, Proposal, target).agree_count) == (3, 3)
    assert [carry in pages["neighbour0"].get(f"/proposals/{source}").text for _again in range(3)] == [False] * 3


def test_what_has_joined_another_one_takes_no_more_support(town: Town, pair: tuple[int, int]) -> None:
    source, target = pair
    ask(town, source, target)
    answer(town, target, "boris")
    refused = town.client("chen").post(f"/contributions/{source}/vote", data={"value": "1"})
    assert (refused.status_code, "joined to another one" in refused.text) == (403, True)
    with town.read() as db:
        assert db.scalars(select(ContributionVote)).all() == []


def test_staff_suggest_it_and_both_authors_must_agree(town: Town, pair: tuple[int, int]) -> None:
    source, target = pair
    assert ask(town, source, target, "chen").status_code == 303
    assert told(town) == Counter(["anna", "boris"])
    assert "take_back" in town.client("chen").get(f"/proposals/{source}").text
    assert answer(town, source, "chen").status_code == 403
    assert answer(town, source, "anna").status_code == 303
    assert joined(town, source) == [None]
    html = town.client("anna").get(f"/proposals/{source}").text
    assert ("You have agreed" in html, 'value="agree"' in html) == (True, False)
    assert answer(town, target, "boris").status_code == 303
    assert joined(town, source) == [target]


def test_who_wrote_both_joins_them_at_once(town: Town) -> None:
    source, target = proposal_id(town, "A roof at the market"), proposal_id(town, "Roofs at all stops")
    assert ask(town, source, target).status_code == 303
    assert joined(town, source) == [target]


def test_a_declined_request_tells_who_asked_and_is_not_made_again(town: Town, pair: tuple[int, int]) -> None:
    source, target = pair
    ask(town, source, target)
    assert answer(town, target, "boris", "decline").status_code == 303
    assert told(town) == Counter(["anna", "boris"])
    (letter,) = [letter for letter in letters(town) if "anna" in letter["To"]]
    assert "An author has declined" in " ".join(letter.get_content().split())
    assert "Shall these be joined?" not in town.client("boris").get(f"/proposals/{target}").text
    again = ask(town, source, target)
    assert (again.status_code, "an author declined" in again.text) == (422, True)
    late = answer(town, target, "boris")
    assert (late.status_code, "answered already" in late.text, joined(town, source)) == (422, True, [None])


def test_only_who_asked_takes_the_request_back(town: Town, pair: tuple[int, int]) -> None:
    source, target = pair
    ask(town, source, target)
    assert [answer(town, target, name, "take_back").status_code for name in ("boris", "chen")] == [403, 403]
    merge = request_id(town)
    assert answer(town, source, "anna", "take_back").status_code == 303
    assert answer(town, target, "boris", merge=merge).status_code == 404
    assert ask(town, source, target).status_code == 303


def test_others_than_the_two_authors_cannot_agree_or_ask(town: Town, pair: tuple[int, int]) -> None:
    source, target = pair
    neighbours(town, 1)
    assert ask(town, source, target, "neighbour0").status_code == 403
    ask(town, source, target)
    for name in ("neighbour0", "chen", "maya"):
        assert [answer(town, id, name).status_code for id in pair] == [403, 403]
    assert answer(town, source, "anna").status_code == 303
    assert joined(town, source) == [None]
    elsewhere = proposal_id(town, "Something else")
    assert answer(town, elsewhere, "anna").status_code == 404


@pytest.mark.parametrize("word", ["", "yes", "1"])
def test_an_answer_that_is_none_changes_nothing(town: Town, pair: tuple[int, int], word: str) -> None:
    source, target = pair
    ask(town, source, target)
    assert answer(town, target, "boris", word).status_code == 422
    assert joined(town, source) == [None]


def test_in_a_chain_every_page_leads_on_and_support_is_carried_to_the_last_one(
    town: Town, pair: tuple[int, int]
) -> None:
    first, second = pair
    third = proposal_id(town, "Roofs and benches", "chen")
    supported(town, first, "maya")
    for source, target, asks, agrees in ((first, second, "anna", "boris"), (second, third, "boris", "chen")):
        ask(town, source, target, asks)
        assert answer(town, target, agrees).status_code == 303
    maya = town.client("maya")
    carry = f'action="/contributions/{third}/vote"'
    for reader in (maya, town.client(), town.client("anna")):
        html = reader.get(f"/proposals/{first}").text
        assert ("That one joined on 4 May 2026 to" in html, carry in html) == (True, reader is maya)
    maya.post(f"/contributions/{third}/vote", data={"value": "1"})
    assert carry not in maya.get(f"/proposals/{first}").text


def test_a_request_that_has_become_impossible_is_refused_when_it_is_agreed_to(
    town: Town, pair: tuple[int, int]
) -> None:
    source, target = pair
    ask(town, source, target)
    with town.write() as db:
        get_of_kind(db, Proposal, source).withdrawn_at = town.world.clock.now()
    refused = answer(town, target, "boris")
    assert (refused.status_code, "no longer gathers support" in refused.text) == (422, True)
    assert joined(town, source) == [None]


def test_at_most_three_requests_of_a_proposal_wait_for_an_answer(town: Town) -> None:
    source = proposal_id(town, "A roof at the market")
    targets = [proposal_id(town, f"Roofs {number}", "boris") for number in range(4)]
    assert [ask(town, source, target).status_code for target in targets] == [303, 303, 303, 422]


def test_a_hidden_proposal_is_not_named_on_the_page_of_the_other(town: Town, pair: tuple[int, int]) -> None:
    source, target = pair
    ask(town, source, target)
    readers = [town.client(), town.client("anna"), town.client("boris")]
    for reader in readers * 2:
        reader.get(f"/proposals/{source}")
    answer(town, target, "boris")
    hidden = {"reason": "spam", "note": ""}
    for id, other, title in ((source, target, "A roof at the market"), (target, source, "Roofs at all stops")):
        for reader in readers * 2:
            assert title in reader.get(f"/proposals/{other}").text
        assert town.client("maya").post(f"/moderation/hide/contribution:{id}", data=hidden).status_code == 303
        for reader in readers * 2:
            assert title not in reader.get(f"/proposals/{other}").text
        assert town.client("maya").post(f"/moderation/restore/contribution:{id}").status_code == 303


def test_a_request_is_not_shown_once_the_term_is_over(town: Town) -> None:
    clock = town.world.clock
    source = proposal_id(town, "A roof at the market")
    target = proposal_id(town, "Roofs", "boris", archives_at=clock.now() + timedelta(hours=1))
    ask(town, source, target)
    clock.advance(timedelta(hours=2))
    assert "Shall these be joined?" not in town.client("boris").get(f"/proposals/{target}").text
    assert answer(town, target, "boris").status_code == 422
