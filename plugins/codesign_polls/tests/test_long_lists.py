"""Long lists of polls: every page costs the same, and three open ones are found among many closed."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign.core.contributions import NEWEST, PAGE, Contribution
from codesign.paging import encode
from codesign.testing import Town
from codesign.testing.counting import Work, work
from codesign_polls.tests.growing import OPEN, TOPICS, grow_polls

LONG = 20_000
FILTERS = ("", "&topic=topic-3", "&phase=closed", "&phase=closed&topic=topic-3")


@pytest.fixture
def town(alder: Town) -> Town:
    alder.enable("polls")
    with alder.write() as db:
        grow_polls(alder, db, LONG)
    alder.client().get("/polls/?phase=closed")  # what a process asks and loads only once
    return alder


def cost(town: Town, url: str, shown: int = PAGE) -> Work:
    client = town.client()
    with work(town) as done:
        answer = client.get(url)
    assert (answer.status_code, answer.text.count("ballot</li>")) == (200, shown), url
    return done


def cursor(db: Session, page: int, topic: bool) -> str:
    """Of the last row before a page, found as nobody should find it: by counting."""
    query = select(*(key.column for key in NEWEST)).order_by(*(key.column.desc() for key in NEWEST))
    rows = query.where(Contribution.topic_id == 4) if topic else query
    return encode([*db.execute(rows.offset((page - 1) * PAGE - 1).limit(1)).one()])


def test_a_far_page_costs_what_the_first_one_costs_with_every_filter(town: Town) -> None:
    # PostgreSQL may read a table of a few rows whole for each row that is shown.
    slack = (TOPICS + 5) * (PAGE + 1) if town.store.reader.dialect.name == "postgresql" else 0
    costs = {}
    for filter in FILTERS:
        topic = "topic" in filter
        with town.read() as db:
            near, far = (cursor(db, page // (TOPICS if topic else 1), topic) for page in (20, LONG // PAGE // 2))
        first, last = (cost(town, f"/polls/?order=newest{filter}&after={after}") for after in (near, far))
        assert (len(last.statements), last.templates) == (len(first.statements), first.templates)
        costs[filter] = (first.effort, last.effort)
    assert {name: (first, far) for name, (first, far) in costs.items() if far > 1.2 * first + slack} == {}


def test_three_open_polls_are_found_without_reading_the_closed_ones(town: Town) -> None:
    for url in ("/polls/?phase=open", "/polls/?phase=open&order=newest"):
        assert cost(town, url, OPEN).effort < 3_000, url
    assert cost(town, "/polls/?phase=upcoming", 0).effort < 1_500
    assert cost(town, "/polls/", OPEN + PAGE).effort < 5_000
    client = town.client()
    with work(town) as done:
        assert client.get("/").text.count("/ballot") == OPEN
    assert done.effort < 3_000
