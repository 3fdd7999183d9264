"""Long lists of debates: every page of every order costs the same, and three open ones are found among many closed."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign.core.contributions import MOST_DISCUSSED, MOST_VOTED, NEWEST, PAGE, Contribution
from codesign.paging import encode
from codesign.testing import Town
from codesign.testing.counting import Work, work
from codesign_debates.tests.growing import OPEN, TOPICS, grow_debates

LONG = 20_000
ORDERS = {"newest": NEWEST, "voted": MOST_VOTED, "discussed": MOST_DISCUSSED}
RANDOM_PLACES = (0, 3333, 9999, 12345)
FILTERS = ("", "&topic=topic-3", "&phase=closed", "&phase=closed&topic=topic-3")


@pytest.fixture
def town(alder: Town) -> Town:
    alder.enable("debates")
    with alder.write() as db:
        grow_debates(alder, db, LONG)
    alder.client().get("/debates/?order=random")  # what a process asks and loads only once
    return alder


def cost(town: Town, url: str, shown: int = PAGE) -> Work:
    client = town.client()
    with work(town) as done:
        answer = client.get(url)
    assert (answer.status_code, answer.text.count('class="entry with-figures"')) == (200, shown), url
    return done


def cursor(db: Session, order: str, page: int, topic: bool) -> str:
    """Of the last row before a page, found as nobody should find it: by counting."""
    keys = ORDERS[order]
    query = select(*(key.column for key in keys)).order_by(*(key.column.desc() for key in keys))
    rows = query.where(Contribution.topic_id == 4) if topic else query
    return encode([*db.execute(rows.offset((page - 1) * PAGE - 1).limit(1)).one()])


def test_a_far_page_costs_what_the_first_one_costs_in_every_order_and_filter(town: Town) -> None:
    costs = {}
    # PostgreSQL may read a table of a few rows whole for each row that is shown.
    slack = (TOPICS + 5) * (PAGE + 1) if town.store.reader.dialect.name == "postgresql" else 0
    for order in ORDERS:
        for filter in FILTERS:
            topic = "topic" in filter
            with town.read() as db:
                after = cursor(db, order, LONG // PAGE // 2 // (TOPICS if topic else 1), topic)
            url = f"/debates/?order={order}{filter}"
            first, far = cost(town, url), cost(town, f"{url}&after={after}")
            assert len(far.statements) == len(first.statements)
            assert far.templates == first.templates
            costs[order, filter] = (first.effort, far.effort)
    assert {name: (first, far) for name, (first, far) in costs.items() if far > 1.2 * first + slack} == {}


def test_a_far_page_of_the_random_order_costs_what_the_first_one_costs(town: Town) -> None:
    efforts = [cost(town, f"/debates/?order=random&after={place}").effort for place in RANDOM_PLACES]
    assert max(efforts) <= 1.2 * min(efforts), efforts


def test_a_random_page_of_a_tenth_of_the_list_costs_no_more_than_a_few_places_for_each_row(town: Town) -> None:
    """How many places must be looked at is chance, but bounded: to sort the whole list costs SQLite 40 for each row,
    and PostgreSQL, which may read this short a table whole, does so once or twice."""
    for place in RANDOM_PLACES:
        assert cost(town, f"/debates/?order=random&topic=topic-3&after={place}").effort < 3 * LONG


def test_three_open_debates_are_found_without_reading_the_closed_ones(town: Town) -> None:
    for url in ("/", *(f"/debates/?phase=open&order={order}" for order in (*ORDERS, "random"))):
        assert cost(town, url, OPEN).effort < 3_000, url
    assert cost(town, "/debates/?phase=upcoming", 0).effort < 1_500
