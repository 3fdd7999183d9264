"""Work in numbers that no machine changes: what a page costs, what a comment adds, what a kept page saves."""

import pytest
from sqlalchemy import select

from codesign.core.comments import Comment
from codesign.testing import Town
from codesign.testing.counting import work
from tests.growing import a_tree, grow_comments, grow_stories
from tests.making import a_situation, a_thread

TEMPLATES_OF_A_COMMENT = 6
"""Its place in the list, the comment, its words, who and when, its votes, what can be done with it."""
MOST = {"/": 1_500, "/situations/i-am-expecting-a-child": 2_000, "/threads/1": 10_000}
"""Instructions of SQLite or rows of PostgreSQL, for a page full of what it shows."""


@pytest.mark.parametrize("url", MOST)
def test_a_full_page_stays_within_its_budget(alder: Town, url: str) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db)
        grow_comments(alder, db, thread.id, [*a_tree(40, 60)])
        grow_stories(alder, db, 50, situation_id=a_situation(db).id)
    with work(alder) as done:
        assert alder.client().get(url).status_code == 200
    assert 0 < done.effort < MOST[url]


def test_each_comment_costs_the_same_few_templates(alder: Town) -> None:
    with alder.write() as db:
        threads = [a_thread(alder, db).id for _thread in range(4)]
        for thread, size in zip(threads, (1, 1, 2, 25), strict=True):
            grow_comments(alder, db, thread, [*a_tree(size, 0)])
    rendered = []
    for thread in threads:
        with work(alder) as done:
            alder.client().get(f"/threads/{thread}")
        rendered.append(done.templates)
    _first_ever, one, two, many = rendered  # the first request also loads the macros
    assert (two - one, many - one) == (TEMPLATES_OF_A_COMMENT, 24 * TEMPLATES_OF_A_COMMENT)


def test_a_page_that_is_kept_renders_nothing_and_asks_next_to_nothing(alder: Town) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db).id
        grow_comments(alder, db, thread, [*a_tree(30, 30)])
    client = alder.client()
    first = client.get(f"/threads/{thread}").text
    with work(alder) as done:
        again = client.get(f"/threads/{thread}").text
    assert (again, done.templates) == (first, 0)
    assert done.effort < 200


def test_work_is_counted_where_it_is_done_and_nowhere_else(alder: Town) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db).id
        grow_comments(alder, db, thread, [*a_tree(500, 0)])
    query = select(Comment.id, Comment.html).order_by(Comment.text)
    with alder.read() as before:
        before.execute(query).all()
    with work(alder) as done, alder.read() as db:
        assert len(db.execute(query).all()) == 500
    once = done.effort
    with work(alder) as twice:
        for _time in range(2):
            with alder.read() as db:
                db.execute(query).all()
    assert once >= 500 and twice.effort == 2 * once
    assert (done.effort, done.statements, done.templates) == (once, twice.statements[:1], 0)
