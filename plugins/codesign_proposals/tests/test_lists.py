"""Lists of proposals: their orders and filters, what is shown of each, and the search."""

import re
from datetime import datetime, timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from codesign.core.contributions import PAGE
from codesign.core.files import Upload, attach
from codesign.core.pictures import read_picture
from codesign.core.topics import ensure_topic
from codesign.testing import Town
from codesign_proposals.proposals import Proposal, Withdrawal
from codesign_proposals.publishing import withdraw
from codesign_proposals.tests.making import propose

DAY = timedelta(days=1)


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("proposals")


def titles(html: str) -> list[str]:
    """Of the cards of a page, without marks."""
    found = re.findall(r'class="entry-title"><a href="/proposals/\d+"[^>]*>(.*?)</a>', html)
    return [unescape(re.sub("</?mark>", "", title)) for title in found]


def walk(town: Town, url: str, name: str | None = None) -> list[str]:
    """The titles of every page of a list, by its links."""
    client, found = town.client(name), []
    while url:
        html = client.get(url).text
        found += titles(html)
        more = re.search(r'class="more">\s*<a[^>]* href="([^"]+)"', html)
        url = unescape(more[1]) if more else ""
    return found


def furnish(town: Town) -> datetime:
    """One proposal in each state, a day apart, the archived one first."""
    now = town.world.clock.now()
    market, hill = town.area("Market"), town.area("Hill")
    with town.write() as db:
        anna = town.person(db, "anna")
        parks = ensure_topic(db, "Parks")
        far, over = {"threshold": 100, "archives_at": now + 30 * DAY}, {"threshold": 100, "archives_at": now - DAY}
        propose(db, anna, "Archived bench", now - 5 * DAY, agree_count=60, area_id=hill, **over)
        propose(db, anna, "Reached tree", now - 4 * DAY, agree_count=120, topic_id=parks, tags=["Green"], **far)
        gone = propose(db, anna, "Withdrawn tree", now - 3 * DAY, agree_count=90, **far)
        withdraw(db, gone, Withdrawal.DONE, "It is there.", now)
        joined = propose(db, anna, "Joined lamp", now - 2 * DAY, agree_count=80, tags=["Green"], **far)
        into = propose(db, anna, "Near lamp", now - 2 * DAY, agree_count=70, topic_id=parks, area_id=market, **far)
        joined.merged_into_id, joined.merged_at = into.id, now
        propose(db, anna, "Farther tree", now - DAY, agree_count=40, topic_id=parks, area_id=market, **far)
        propose(db, anna, "Far bench", now, agree_count=30, tags=["Green", "Young"], **{**far, "threshold": 1000})
    return now


LISTS = {
    "": ["Far bench", "Farther tree", "Near lamp", "Joined lamp", "Withdrawn tree", "Reached tree", "Archived bench"],
    "order=supported": ["Reached tree", "Withdrawn tree", "Joined lamp", "Near lamp", "Archived bench", "Farther tree", "Far bench"],
    "order=close": ["Near lamp", "Farther tree", "Far bench"],
    "order=close&state=archived": ["Near lamp", "Farther tree", "Far bench"],
    "state=gathering": ["Far bench", "Farther tree", "Near lamp"],
    "state=reached": ["Reached tree"],
    "state=archived": ["Archived bench"],
    "state=other": ["Joined lamp", "Withdrawn tree"],
    "state=other&order=supported": ["Withdrawn tree", "Joined lamp"],
    "state=nonsense&order=nonsense": ["Far bench", "Farther tree", "Near lamp", "Joined lamp", "Withdrawn tree", "Reached tree", "Archived bench"],
    "topic=parks": ["Farther tree", "Near lamp", "Reached tree"],
    "topic=parks&order=close": ["Near lamp", "Farther tree"],
    "topic=nowhere": [],
    "area=hill": ["Archived bench"],
    "area=market&order=supported": ["Near lamp", "Farther tree"],
    "area=market&topic=parks&state=reached": [],
    "tag=green": ["Far bench", "Joined lamp", "Reached tree"],
    "tag=green&state=gathering&q=bench": ["Far bench"],
    "tag=nothing": [],
    "q=tree": ["Farther tree", "Withdrawn tree", "Reached tree"],
    "q=tree&order=close": ["Farther tree"],
    "q=lam&state=gathering": ["Near lamp"],
    "q=roof": ["Far bench", "Farther tree", "Near lamp", "Joined lamp", "Withdrawn tree", "Reached tree", "Archived bench"],
    "q=%21%3F": [],
    "q=nothing": [],
}  # fmt: skip


def test_each_order_and_filter_shows_what_it_says(town: Town) -> None:
    furnish(town)
    assert {query: titles(town.client().get(f"/proposals/?{query}").text) for query in LISTS} == LISTS
    for query, shown in LISTS.items():
        if "order" not in query:
            assert sorted(walk(town, f"/proposals/?order=random&{query}")) == sorted(shown), query


@pytest.mark.parametrize("order", ["newest", "supported", "close", "random"])
@pytest.mark.parametrize("filter", ["", "&q=tree", "&tag=green", "&state=gathering", "&area=market"])
def test_the_pages_of_a_list_are_the_whole_list(town: Town, order: str, filter: str) -> None:
    now = town.world.clock.now()
    market = town.area("Market")
    with town.write() as db:
        anna = town.person(db, "anna")
        for number in range(2 * PAGE + 3):
            more: dict[str, Any] = {"agree_count": number % 5, "threshold": 10, "area_id": market, "tags": ["Green"]}
            propose(db, anna, f"Tree {number:02}", now - number * DAY / 100, **more)
    found = walk(town, f"/proposals/?order={order}{filter}", "anna")
    assert sorted(found) == [f"Tree {number:02}" for number in range(2 * PAGE + 3)]
    if order == "newest":
        assert found == sorted(found)


def test_a_card_says_how_many_support_it_and_how_long_they_can(town: Town) -> None:
    now = town.world.clock.now()
    with town.write() as db:
        anna = town.person(db, "anna")
        propose(db, anna, "A roof", now, agree_count=412, threshold=1000, archives_at=now + 17.5 * DAY)
        propose(db, anna, "A bench", now, agree_count=1, threshold=1000, archives_at=None)
    html = town.client().get("/proposals/?order=close").text
    assert ["412 of 1,000 supporters" in html, "18 days left" in html] == [True, True]
    assert re.findall(r'width="([\d.]+)%"', html) == ["41.2", "0.1"]
    assert "Gathering support</span>" in html


def test_the_days_that_are_left_change_on_a_kept_list_when_the_clock_says(town: Town) -> None:
    now = town.world.clock.now()
    with town.write() as db:
        propose(db, town.person(db, "anna"), "A roof", now, archives_at=now + 2 * DAY)
    clients = [town.client(), town.client("anna")] * 2

    def shown(words: str) -> list[bool]:
        return [words in client.get(url).text for client in clients for url in ("/", "/proposals/")]

    assert shown("2 days left") == [True] * 8
    town.world.clock.advance(DAY - timedelta(seconds=1))
    assert shown("2 days left") == [True] * 8
    town.world.clock.advance(timedelta(seconds=1))
    assert shown("1 day left") == [True] * 8
    town.world.clock.advance(DAY)
    assert [">Archived</span>" in client.get("/proposals/").text for client in clients] == [True] * 4
    assert ["No proposal is gathering support" in client.get("/").text for client in clients] == [True] * 4


def test_a_search_marks_what_it_found_and_shows_the_text_around_it(town: Town) -> None:
    now = town.world.clock.now()
    text = "Nothing to see here. " * 40 + "Behind it stands a Lindenbaum <b>of stone</b>. " + "And on it goes. " * 40
    with town.write() as db:
        propose(db, town.person(db, "anna"), "The Lindenbaum & the well", now, text=text)
    for url in ("/proposals/?q=linden", "/search?q=linden"):
        html = town.client().get(url).text
        assert "The <mark>Lindenbaum</mark> &amp; the well</a>" in html
        assert re.search(r"…[^<]{20,}stands a <mark>Lindenbaum</mark> &lt;b&gt;of stone&lt;/b&gt;\.", html)
    assert "<mark>" not in town.client().get("/proposals/").text


def test_a_card_has_the_first_picture_of_its_proposal(town: Town) -> None:
    now = town.world.clock.now()
    with town.write() as db:
        anna = town.person(db, "anna")
        proposal = propose(db, anna, "A roof", now)
        file = attach(db, anna, a_picture(), now, proposal, "A roof of glass")
        url = file.small_url
    html = town.client().get("/proposals/").text
    assert (html.count("<img"), f'src="{url}"' in html) == (1, True)
    assert town.client().get(url).status_code == 200


def a_picture() -> Upload:
    drawn = BytesIO()
    Image.new("RGB", (640, 400), "teal").save(drawn, "PNG")
    drawn.seek(0)
    return Upload("roof.png", read_picture(drawn))


def test_everybody_has_an_own_random_order_and_keeps_it(town: Town) -> None:
    now = town.world.clock.now()
    with town.write() as db:
        for number in range(PAGE):
            propose(db, town.person(db, "anna"), f"Tree {number}", now)
    readers = [town.client() for _reader in range(6)]
    orders = []
    for reader in readers:
        first, again = (titles(reader.get("/proposals/?order=random").text) for _time in range(2))
        assert first == again
        orders.append(tuple(first))
    assert len(set(orders)) > 1


def test_hidden_proposals_are_in_no_list(town: Town) -> None:
    now = town.world.clock.now()
    with town.write() as db:
        hidden: Proposal = propose(db, town.person(db, "anna"), "Hidden tree", now, tags=["Green"])
        hidden.hidden_at = now
    lists = ["", "order=close", "order=supported", "order=random", "tag=green", "q=tree", "state=gathering"]
    assert [titles(town.client().get(f"/proposals/?{query}").text) for query in lists] == [[]] * len(lists)
    assert "Hidden tree" not in town.client().get("/").text


@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=" + "x" * 3000, "topic=%27%22%3C", "area=%F0%9F%92%A9", "tag=" + "%C3%A9" * 500, "after=nonsense", "after=W10",
     "order=random&after=-1", "order=random&after=99999999999999999999", "order=close&after=WyJ4IiwxXQ", "state[]=1", "q=%22%20OR%20%2A"],
)  # fmt: skip
def test_no_address_breaks_the_list(town: Town, query: str) -> None:
    furnish(town)
    assert town.client().get(f"/proposals/?{query}").status_code == 200
