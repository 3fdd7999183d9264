"""How much the lists of proposals may ask of their database, and that keeping them changes nothing of what is read."""

import pytest

from codesign.core.files import attach
from codesign.core.votes import vote_on_contribution
from codesign.testing import Town, World
from codesign_proposals.tests.making import propose
from codesign_proposals.tests.test_lists import DAY, a_picture, furnish

MOST = 8
SIZES = (1, 3, 100)
ORDERS = ("newest", "supported", "close", "random")
FILTERS = ("", "&state=gathering", "&tag=green", "&q=tree", "&area=market&topic=parks&tag=green&state=gathering&q=tree")
LISTS = [f"/proposals/?order={order}{filter}" for order in ORDERS for filter in FILTERS]
PAGES = ["/", "/search?q=tree", "/proposals/similar?title=A+tree+for+the+market", *LISTS]
STATE = "X-Codesign-Fragment"
PEOPLE = ["anna", None, "chen", "boris", "maya"]


def grow(town: Town, size: int) -> None:
    now, market = town.world.clock.now(), town.area("Market")
    with town.write() as db:
        anna, boris = town.person(db, "anna"), town.person(db, "boris")
        for number in range(size):
            proposal = propose(
                db, anna, f"Tree {number}", now, area_id=market, tags=["Green"], archives_at=now + 9 * DAY
            )
            vote_on_contribution(db, boris, proposal, 1)
            attach(db, anna, a_picture(), now, proposal)


def asked(town: Town, name: str | None) -> dict[str, int]:
    """The number of questions for each page that is made anew."""
    client, numbers = town.client(name), {}
    for url in PAGES:
        with town.counted() as statements:
            assert client.get(url).status_code == 200, url
        numbers[url] = len(statements)
    return numbers


@pytest.mark.parametrize("name", [None, "anna"])
def test_a_page_asks_at_most_eight_questions_and_the_same_however_much_there_is(alder: Town, name: str | None) -> None:
    alder.enable("proposals")
    numbers = []
    with alder.world.again(fragments_mb=0) as plain:
        for size in SIZES:
            grow(alder, size - sum(SIZES[: SIZES.index(size)]))
            numbers.append(asked(plain.towns["alder"], name))
    assert {url: count for url, count in numbers[-1].items() if count > MOST} == {}
    assert numbers == [numbers[0]] * len(SIZES)


def test_every_list_walked_by_everybody_is_what_it_would_be_without_keeping_any(world: World, alder: Town) -> None:
    furnish(alder.enable("proposals"))
    kept_pages = [url for url in PAGES if "random" not in url and "similar" not in url]
    with world.again(fragments_mb=0) as plain:
        kept = {name: alder.client(name) for name in PEOPLE}
        fresh = {name: plain.towns["alder"].client(name) for name in PEOPLE}
        for url in kept_pages:
            states = set()
            for name in PEOPLE * 3:
                answer = kept[name].get(url)
                assert answer.text == fresh[name].get(url).text, f"{url} for {name}"
                states.add(answer.headers.get(STATE))
            assert states == {"miss", "hit", "filled", None}, url
