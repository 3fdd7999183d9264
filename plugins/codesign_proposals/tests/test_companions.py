"""What stands beside a proposal: the same for kept pages as for new ones, and one question however much there is."""

from datetime import timedelta

import pytest

from codesign.core.comments import post_comment
from codesign.core.contributions import get_of_kind
from codesign.testing import Town, World
from codesign_proposals.merging import agree, ask_to_join
from codesign_proposals.milestones import add_milestone
from codesign_proposals.proposals import Proposal
from codesign_proposals.tests.making import proposal_id, supported
from codesign_proposals.updates import PAUSE, post_update

PEOPLE = ["anna", None, "chen", "boris", "maya"]
STATE = "X-Codesign-Fragment"


def furnish(town: Town, size: int = 1, start: int = 0) -> list[int]:
    """Three proposals: the first with updates, milestones, some that joined it and one that would; the second joined
    it, supported by Maya; the third would join it."""
    town.enable("proposals")
    now = town.world.clock.now()
    first, second, third = (
        [proposal_id(town, "A roof"), proposal_id(town, "A bench", "boris"), proposal_id(town, "Trees", "boris")]
        if not start
        else [1, 2, 3]
    )
    if not start:
        supported(town, second, "maya", "anna")
        supported(town, first, "anna")
    others = [proposal_id(town, f"Another roof {place}", "boris") for place in range(start, start + size)]
    with town.write() as db:
        anna, boris = town.person(db, "anna"), town.person(db, "boris")
        target = get_of_kind(db, Proposal, first)
        for place in range(start, start + size):
            post_update(db, target, f"News {place}", "What is **new**.", now + place * PAUSE)
            if place < 40:
                day = (now + timedelta(days=place - 1)).date()
                add_milestone(db, target, anna, f"Step {place}", day, "At *six*.", now)
        for id in ([second] if not start else []) + others:
            source = get_of_kind(db, Proposal, id)
            merge = ask_to_join(db, source, target, boris, now)
            agree(db, merge, source, target, anna, now)
        if not start:
            ask_to_join(db, get_of_kind(db, Proposal, third), target, boris, now)
            for id in (first, second, third):
                thing = get_of_kind(db, Proposal, id)
                root = post_comment(db, thing, boris, "It is so.", None, "en", now)
                post_comment(db, thing, anna, "It is not.", root, "en", now)
    return [first, second, third]


def test_pages_with_companions_are_what_they_would_be_without_keeping_any(world: World, alder: Town) -> None:
    ids = furnish(alder, 5)
    with world.again(fragments_mb=0) as plain:
        kept = {name: alder.client(name) for name in PEOPLE}
        fresh = {name: plain.towns["alder"].client(name) for name in PEOPLE}
        for id in ids:
            states = set()
            for name in PEOPLE * 3:
                answer = kept[name].get(f"/proposals/{id}")
                assert answer.text == fresh[name].get(f"/proposals/{id}").text, f"{id} for {name}"
                states.add(answer.headers.get(STATE))
            assert states == {"miss", "hit", "filled", None}, id


@pytest.mark.parametrize("name", [None, "anna"])
def test_a_page_asks_at_most_eight_questions_and_the_same_however_much_accompanies_it(
    alder: Town, name: str | None
) -> None:
    asked, size = [], 0
    with alder.world.again(fragments_mb=0) as plain:
        for wanted in (1, 3, 60):
            ids = furnish(alder, wanted - size, size)
            size = wanted
            client, numbers = plain.towns["alder"].client(name), {}
            client.get("/")  # what is read once for all pages
            for url in (*(f"/proposals/{id}" for id in ids), f"/proposals/{ids[0]}/updates"):
                with plain.towns["alder"].counted() as statements:
                    assert client.get(url).status_code == 200, url
                numbers[url] = len(statements)
            asked.append(numbers)
    assert asked == [asked[0]] * 3
    assert {url: count for url, count in asked[0].items() if count > 8} == {}
