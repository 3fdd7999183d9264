"""How much the pages of polls may ask of their database: eight questions, the same for 1, 3 and 100 things."""

from datetime import timedelta

import pytest

from codesign.core.areas import ensure_area
from codesign.core.comments import post_comment
from codesign.core.contributions import get_of_kind
from codesign.core.topics import ensure_topic
from codesign.testing import Town
from codesign_polls.polls import Poll
from codesign_polls.tests.making import a_question, ask, asking

MOST = 8
SIZES = (1, 3, 100)
FILTERS = (
    "",
    "&topic=parks",
    "&phase=open",
    "&phase=closed",
    "&phase=upcoming",
    "&q=tree",
    "&topic=parks&phase=open&q=tree",
)
PAGES = ["/", "/topics/parks", "/polls/1", "/polls/1?order=newest", "/polls/2", "/search?q=tree", "/feed.atom",
         *(f"/polls/?order={order}{filter}" for order in ("closing", "newest") for filter in FILTERS)]  # fmt: skip


def grow(town: Town, size: int) -> None:
    """So many open polls, and as many closed and upcoming ones; the first two are discussed and ask much."""
    now, day = town.world.clock.now(), timedelta(days=1)
    with town.write() as db:
        chen, topic, area = town.person(db, "chen"), ensure_topic(db, "Parks"), ensure_area(db, "Riverside")
        questions = [a_question("multiple", *(f"Tree {number}" for number in range(20))) for _question in range(3)]
        for opens, closes in ((0, 2), (-3, -1), (1, 2)):
            for _number in range(size):
                more = {"opens_at": now + opens * day, "closes_at": now + closes * day, "topic_id": topic}
                ask(db, chen, asking(*questions), now, **more, area_ids=(area,), min_level=2)
        for id in (1, 2):
            thing = get_of_kind(db, Poll, id)
            for _number in range(size):
                root = post_comment(db, thing, chen, "It is so.", None, "en", now)
                post_comment(db, thing, chen, "It is not.", root, "en", now)


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
    alder.enable("polls")
    numbers = []
    with alder.world.again(fragments_mb=0) as plain:
        for size in SIZES:
            grow(alder, size - sum(SIZES[: SIZES.index(size)]))
            numbers.append(asked(plain.towns["alder"], name))
    assert {url: count for url, count in numbers[-1].items() if count > MOST} == {}
    assert numbers == [numbers[0]] * len(SIZES)
