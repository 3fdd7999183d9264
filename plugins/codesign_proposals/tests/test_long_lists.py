"""Long lists of proposals: every page of every order costs the same, and three that gather support are found among
many archived ones."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign.core.contributions import MOST_VOTED, NEWEST, PAGE, Contribution
from codesign.core.topics import Topic
from codesign.paging import encode
from codesign.testing import Town
from codesign.testing.counting import Work, work
from codesign_proposals.finding import CLOSEST, P
from codesign_proposals.tests.growing import GATHERING, PLACES, grow_proposals

LONG = 20_000
ORDERS = {"newest": NEWEST, "supported": MOST_VOTED}
RANDOM_PLACES = (0, 3333, 9999, 12345)
FILTERS = ("", "&topic=topic-3", "&area=area-4", "&state=archived", "&state=archived&topic=topic-3")


@pytest.fixture
def town(alder: Town) -> Town:
    return grown(alder)


def grown(town: Town, gathering: int = GATHERING) -> Town:
    town.enable("proposals")
    with town.write() as db:
        grow_proposals(town, db, LONG, gathering)
    town.client().get("/proposals/?order=random")  # what a process asks and loads only once
    return town


def cost(town: Town, url: str, shown: int = PAGE) -> Work:
    client = town.client()
    with work(town) as done:
        answer = client.get(url)
    assert (answer.status_code, answer.text.count('class="entry with-figures')) == (200, shown), url
    return done


def slack(town: Town, joined: int = 2) -> int:
    """PostgreSQL may read a table of a few rows whole for each row that is shown."""
    return (PLACES + 5) * (PAGE + 1) * joined if town.store.reader.dialect.name == "postgresql" else 0


def cursor(db: Session, order: str, page: int, filter: str) -> str:
    """Of the last row before a page, found as nobody should find it: by counting."""
    keys = ORDERS[order]
    query = select(*(key.column for key in keys)).order_by(*(key.column.desc() for key in keys))
    if "topic" in filter:
        query = query.where(Contribution.topic_id == select(Topic.id).where(Topic.slug == "topic-3").scalar_subquery())
    if "area" in filter:
        query = query.where(Contribution.area_id == 5)
    return encode([*db.execute(query.offset((page - 1) * PAGE - 1).limit(1)).one()])


def test_a_far_page_costs_what_the_first_one_costs_in_every_order_and_filter(town: Town) -> None:
    costs = {}
    for order in ORDERS:
        for filter in FILTERS:
            with town.read() as db:
                narrow = PLACES if "topic" in filter or "area" in filter else 1
                after = cursor(db, order, LONG // PAGE // 2 // narrow, filter)
            url = f"/proposals/?order={order}{filter}"
            first, far = cost(town, url), cost(town, f"{url}&after={after}")
            assert (len(far.statements), far.templates) == (len(first.statements), first.templates)
            costs[order, filter] = (first.effort, far.effort)
    assert {name: (first, far) for name, (first, far) in costs.items() if far > 1.2 * first + slack(town)} == {}


def test_a_far_page_of_those_close_to_the_threshold_costs_what_the_first_one_costs(alder: Town) -> None:
    town = grown(alder, LONG)
    near = select(P.progress, P.place).where(P.reached_at.is_(None), P.withdrawn_at.is_(None))
    with town.read() as db:
        order = near.order_by(*(key.column.desc() for key in CLOSEST)).offset(LONG // 2).limit(1)
        after = encode([*db.execute(order).one()])
    first, far = (cost(town, f"/proposals/?order=close{more}") for more in ("", f"&after={after}"))
    assert far.effort <= 1.2 * first.effort + slack(town)


def test_a_far_page_of_the_random_order_costs_what_the_first_one_costs(town: Town) -> None:
    efforts = [cost(town, f"/proposals/?order=random&after={place}").effort for place in RANDOM_PLACES]
    assert max(efforts) <= 1.2 * min(efforts) + slack(town), efforts


def test_the_few_that_are_wanted_are_found_without_reading_the_others(town: Town) -> None:
    """Three gather support, three have a tag of their own; the front page looks for the former."""
    wanted = [(f"/proposals/?state=gathering&order={order}", GATHERING) for order in (*ORDERS, "close", "random")]
    wanted += [(f"/proposals/?tag=rare&order={order}", 3) for order in (*ORDERS, "random")]
    for url, shown in [*wanted, ("/", GATHERING)]:
        assert cost(town, url, shown).effort < 4_000, url
