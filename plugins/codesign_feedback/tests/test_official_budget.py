"""How much the pages of officials may ask of their database: the same for 1, 3 and 100 cases, and little in long lists."""

import pytest

from codesign.core.topics import ensure_topic
from codesign.testing import Town
from codesign.testing.counting import work
from codesign_feedback.inbox import PAGE, Wanted, waiting
from codesign_feedback.notes import add_note
from codesign_feedback.tests.growing import grow_loops
from codesign_feedback.tests.making import PARKS, an_authority, comment, opened
from codesign_feedback.tests.walking import answer, assign, commit

INBOX_MOST, PAGE_MOST = 8, 16
SIZES = (1, 3, 100)
FILTERS = ("", "?scope=mine", "?scope=ours", "?scope=drafts", "?authority=1&overdue=1", "?topic=markets&kind=thread", "?q=story",
           "?group=open&scope=ours&authority=1&topic=markets&kind=thread&overdue=1&q=story")  # fmt: skip
INBOX = [f"/feedback/inbox{filter}" for filter in FILTERS]
PAGES = ["/feedback/1", "/feedback/1/answer", "/feedback/1/assign", "/feedback/1/deliver", "/feedback/1/receipts", "/feedback/dashboard",
         "/feedback/several?id=1&id=2&id=3"]  # fmt: skip
LONG = 3000


def grow(town: Town, start: int, size: int) -> None:
    with town.write() as db:
        market = ensure_topic(db, "Markets")
    for number in range(start, size):
        opened(town, title=f"Story {number}", topic_id=market)
    if start == 0:
        assign(town, 1)
        answer(town, 1)
    for number in range(start, min(size, 15)):
        commit(town, 1, deliverable=f"Roof {number}")
    for _number in range(start, size):
        comment(town, 1, "boris")
        with town.write() as db:
            add_note(db, 1, town.person(db, "chen"), "Ask the lawyers.", town.world.clock.now())


def test_pages_of_officials_ask_the_same_however_much_there_is(alder: Town) -> None:
    an_authority(alder, PARKS, people=("chen",))
    alder.enable("feedback")
    asked: list[dict[str, int]] = []
    for place, size in enumerate(SIZES):
        grow(alder, SIZES[place - 1] if place else 0, size)
        client, numbers = alder.client("chen"), {}
        for url in (*INBOX, *PAGES):
            with alder.counted() as statements:
                assert client.get(url).status_code == 200, url
            numbers[url] = len(statements)
        asked.append(numbers)
    most = {url: INBOX_MOST if url in INBOX else PAGE_MOST for url in asked[-1]}
    assert {url: count for numbers in asked for url, count in numbers.items() if count > most[url]} == {}
    assert {url: (asked[1][url], count) for url, count in asked[2].items() if count != asked[1][url]} == {}


@pytest.mark.parametrize("group", ["", "open"])
def test_a_far_page_of_the_inbox_costs_what_the_first_one_costs(alder: Town, group: str) -> None:
    alder.enable("feedback")
    grow_loops(alder, LONG)
    client, wanted = alder.client("chen"), Wanted(group=group)
    with alder.read() as db:
        chen, after, seen = alder.person(db, "chen"), "", 0
        while seen < LONG // 6:
            _rows, after = waiting(db, wanted, chen, ["thread"], alder.world.clock.now(), after)  # type: ignore[assignment]
            seen += PAGE
    with work(alder) as first:
        assert client.get(f"/feedback/inbox?group={group}").status_code == 200
    with work(alder) as far:
        assert client.get(f"/feedback/inbox?group={group}&after={after}").status_code == 200
    slack = 500 if alder.world.settings.database else 5_000
    assert far.effort <= 1.3 * first.effort + slack
