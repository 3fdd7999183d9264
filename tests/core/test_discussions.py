"""Reading comments page by page: everything once, nothing that was taken back, the same number of queries."""

import pytest
from sqlalchemy.orm import Session

from codesign.core.comments import Standing, get_comment, set_standing
from codesign.core.contributions import get_of_kind
from codesign.core.discussions import (
    MORE_REPLIES,
    ORDERS,
    REPLIES,
    ROOTS,
    CommentView,
    branch,
    chain,
    comment_view,
    more_replies,
    roots,
)
from codesign.core.threads import Thread
from codesign.core.votes import vote_on_comment
from codesign.testing import Town
from tests.making import a_comment, a_thread


def ids(views: list[CommentView]) -> list[int]:
    return [view.id for view in views]


def all_roots(db: Session, thread: Thread, order: str) -> list[int]:
    found: list[int] = []
    after: str | None = None
    for _page in range(10):
        page = roots(db, thread, None, order, after)
        found += [root.comment.id for root in page.rows]
        after = page.after
        if after is None:
            return found
    raise AssertionError("the list never ends")


def test_every_root_comes_once_in_each_order(alder: Town) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db)
        made = [a_comment(alder, db, thread.id).id for _root in range(ROOTS * 2 + 3)]
        for number, id in enumerate(made):
            get_comment(db, id).agree_count = number % 4
        db.flush()
        agreed = sorted(made, key=lambda id: (made.index(id) % 4, id), reverse=True)
        assert {order: all_roots(db, thread, order) for order in ORDERS} == {
            "oldest": made, "newest": made[::-1], "agreed": agreed,
        }  # fmt: skip
        assert all_roots(db, thread, "no such order") == made


def test_replies_go_on_where_the_first_ones_end(alder: Town) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db)
        root = a_comment(alder, db, thread.id)
        made = [a_comment(alder, db, thread.id, parent=root.id).id for _reply in range(REPLIES + MORE_REPLIES + 2)]
        a_comment(alder, db, thread.id)
        (first, lonely) = roots(db, thread, None, "oldest", None).rows
        assert (ids([*first.replies]), first.more_count) == (made[:REPLIES], MORE_REPLIES + 2)
        assert (lonely.replies, lonely.after, lonely.more_count) == ([], None, 0)
        second = more_replies(db, thread, None, first.comment, first.after or "")
        third = more_replies(db, thread, None, first.comment, second.after or "")
        assert ids([*first.replies, *second.replies, *third.replies]) == made
        assert third.after is None


def test_as_many_replies_as_fit_leave_nothing_to_load(alder: Town) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db)
        root = a_comment(alder, db, thread.id)
        for _reply in range(REPLIES):
            a_comment(alder, db, thread.id, parent=root.id)
        (only,) = roots(db, thread, None, "oldest", None).rows
        assert (len(only.replies), only.after, only.more_count) == (REPLIES, None, 0)


def test_a_branch_holds_what_is_below_a_comment_and_its_chain_what_is_above(alder: Town) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db)
        root = a_comment(alder, db, thread.id).id
        first, second = (a_comment(alder, db, thread.id, parent=root).id for _reply in range(2))
        below = a_comment(alder, db, thread.id, parent=first).id
        deeper = a_comment(alder, db, thread.id, parent=below).id
        view = comment_view(db, thread, None, below)
        assert (ids(chain(db, thread, None, view)), ids([*branch(db, thread, None, view).replies])) == (
            [root, first],
            [deeper],
        )
        top = comment_view(db, thread, None, root)
        assert (chain(db, thread, None, top), ids([*branch(db, thread, None, top).replies])) == (
            [],
            [first, below, deeper, second],
        )


@pytest.mark.parametrize("standing", [Standing.HIDDEN, Standing.REMOVED])
def test_a_removed_comment_disappears_unless_somebody_replied(alder: Town, standing: Standing) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db)
        alone, answered = a_comment(alder, db, thread.id), a_comment(alder, db, thread.id)
        a_comment(alder, db, thread.id, parent=answered.id)
        for comment in (alone, answered):
            set_standing(db, comment, thread, standing)
        shown = [root.comment.id for root in roots(db, thread, None, "oldest", None).rows]
        assert shown == ([answered.id] if standing is Standing.REMOVED else [alone.id, answered.id])


def test_a_view_says_who_answered_whom_and_what_is_mine(alder: Town) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db, "anna")
        anna, chen = alder.person(db, "anna"), alder.person(db, "chen")
        root = a_comment(alder, db, thread.id, "anna")
        reply = a_comment(alder, db, thread.id, "boris", root.id)
        below = a_comment(alder, db, thread.id, "chen", reply.id)
        vote_on_comment(db, anna, below, -1)
        vote_on_comment(db, chen, below, 1)
        views = [comment_view(db, thread, anna, comment.id) for comment in (root, reply, below)]
        assert [view.by_author for view in views] == [True, False, False]
        assert [view.in_reply_to for view in views] == [None, None, "Boris"]
        assert [view.mine for view in views] == [0, 0, -1]
        assert (comment_view(db, thread, chen, below.id).mine, comment_view(db, thread, None, below.id).mine) == (1, 0)
        assert (views[2].agree_count, views[2].disagree_count) == (1, 1)


@pytest.mark.parametrize("size", [1, 35])
def test_a_page_of_comments_costs_two_queries_whatever_the_size(alder: Town, size: int) -> None:
    with alder.write() as db:
        thread_id = a_thread(alder, db).id
        for _root in range(size):
            root = a_comment(alder, db, thread_id)
            a_comment(alder, db, thread_id, parent=root.id)
    with alder.read() as db:
        thread = get_of_kind(db, Thread, thread_id)
        with alder.counted() as asked:
            roots(db, thread, None, "oldest", None)
        assert len(asked) == 2
