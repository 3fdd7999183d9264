"""Discussions of any size and depth: a page reads what it shows, and little more."""

from codesign.core.comments import Comment
from codesign.core.discussions import MORE_REPLIES, ORDERS, REPLIES, ROOTS
from codesign.paging import encode
from codesign.testing import Town
from codesign.testing.counting import Work, work
from tests.growing import a_tree, grow_comments
from tests.making import a_thread

SMALL, LARGE, DEEPEST = 100, 10_000, 24


def grown(town: Town, *trees: list[int | None]) -> list[tuple[int, list[int]]]:
    """Threads with these trees of comments: the id of each, and the ids of its comments."""
    found = []
    for tree in trees:
        with town.write() as db:
            thread = a_thread(town, db).id
            found.append((thread, grow_comments(town, db, thread, tree)))
    return found


def cost(town: Town, url: str) -> Work:
    client = town.client()
    client.get("/moderation/log")  # what a process asks and loads only once
    with work(town) as done:
        assert client.get(url).status_code == 200
    return done


def within(large: Work, small: Work, times: float) -> None:
    assert len(large.statements) == len(small.statements)
    assert large.effort <= times * small.effort, (large.effort, small.effort)
    assert large.templates <= times * small.templates


def test_ten_thousand_comments_cost_at_most_twice_what_a_hundred_cost(alder: Town) -> None:
    (few, _few_ids), (many, ids) = grown(alder, [*a_tree(40, SMALL - 40, 3)], [*a_tree(4000, LARGE - 4000, DEEPEST)])
    with alder.read() as db:
        deepest = db.get_one(Comment, ids[4000 + DEEPEST - 2])
        middle = db.get_one(Comment, ids[2000])
        assert deepest.depth == DEEPEST - 1
        cursors = {order: encode([getattr(middle, key.column.key) for key in keys]) for order, keys in ORDERS.items()}
    for order, cursor in cursors.items():
        first = cost(alder, f"/threads/{few}?order={order}")
        within(cost(alder, f"/threads/{many}?order={order}"), first, 2)
        page = cost(alder, f"/contributions/{many}/comments?order={order}")
        within(cost(alder, f"/contributions/{many}/comments?order={order}&after={cursor}"), page, 2)


def test_a_root_with_hundreds_of_replies_costs_what_one_with_a_few_more_than_are_shown_costs(alder: Town) -> None:
    few_replies = [*a_tree(ROOTS, ROOTS * (REPLIES + 1))]
    lopsided = [*few_replies, *[0] * 3000]
    (few, _few_ids), (many, ids), _rest = grown(alder, few_replies, lopsided, [*a_tree(3000, 3000)])
    within(cost(alder, f"/threads/{many}"), cost(alder, f"/threads/{few}"), 1.1)
    with alder.read() as db:
        paths = [db.get_one(Comment, ids[place]).path for place in (len(few_replies), len(few_replies) + 2000)]
    near, far = (cost(alder, f"/comments/{ids[0]}/replies?after={path}") for path in paths)
    within(far, near, 1.1)
    assert near.effort < 80 * MORE_REPLIES


def test_the_page_of_a_comment_costs_the_same_in_a_large_discussion(alder: Town) -> None:
    depth = DEEPEST - 1
    (_few, few_ids), (_many, ids) = grown(alder, [*a_tree(1, depth, DEEPEST)], [*a_tree(4000, 6000, DEEPEST)])
    small, large = (cost(alder, f"/comments/{id}") for id in (few_ids[-1], ids[4000 + depth - 1]))
    within(large, small, 1.1)
