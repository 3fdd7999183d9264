"""How much the pages of debates may ask of their database: eight questions, the same for 1, 3 and 100 things."""

import pytest

from codesign.core.comments import post_comment
from codesign.core.votes import vote_on_contribution
from codesign.testing import Town
from codesign_debates.tests.making import a_debate

MOST = 8
SIZES = (1, 3, 100)
ORDERS = ("newest", "voted", "discussed", "random")
FILTERS = ("", "&topic=markets", "&phase=open", "&q=market", "&topic=markets&phase=open&q=market")
PAGES = ["/", "/topics/markets", "/debates/1", "/debates/1?order=newest", "/debates/1?order=agreed", "/search?q=market", "/feed.atom",
         *(f"/debates/?order={order}{filter}" for order in ORDERS for filter in FILTERS)]  # fmt: skip


def grow(town: Town, size: int) -> None:
    now = town.world.clock.now()
    with town.write() as db:
        boris = town.person(db, "boris")
        debates = [a_debate(town, db, f"Market {number}?", topic="Markets") for number in range(size)]
        for debate in debates:
            vote_on_contribution(db, boris, debate, -1)
        first = db.get_one(type(debates[0]), 1)
        for _number in range(size):
            root = post_comment(db, first, boris, "It is so.", None, "en", now)
            post_comment(db, first, boris, "It is not.", root, "en", now)


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
    alder.enable("debates")
    numbers = []
    with alder.world.again(fragments_mb=0) as plain:
        for size in SIZES:
            grow(alder, size - sum(SIZES[: SIZES.index(size)]))
            numbers.append(asked(plain.towns["alder"], name))
    assert {url: count for url, count in numbers[-1].items() if count > MOST} == {}
    assert numbers == [numbers[0]] * len(SIZES)
