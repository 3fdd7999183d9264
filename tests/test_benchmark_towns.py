"""Generated towns: the same for the same plan, in bounded memory, and right in everything that is counted."""

import tracemalloc
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select, text

from benchmarks import words
from benchmarks.plan import Plan, branches, drafts, shares
from benchmarks.town import fill
from codesign.core.comments import Comment
from codesign.core.contributions import Contribution, publish
from codesign.core.follows import Follow
from codesign.core.search import TABLE, index_text
from codesign.core.topics import Topic
from codesign.core.votes import CommentVote, ContributionVote
from codesign.markup import render
from codesign.testing import Town
from codesign_debates.debates import Debate

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
SMALL = Plan(debates=40, comments=400, users=60, now=NOW, marked=False)
MARKED = Plan(debates=6, comments=10_150, users=120, now=NOW)


def fingerprint(plan: Plan) -> str:
    """Of everything in a plan's streams."""
    seen = sha256()
    for place, draft in enumerate(drafts(plan)):
        seen.update(repr(draft).encode())
        for branch in branches(plan, draft, place):
            seen.update(repr(branch).encode())
    return seen.hexdigest()


def test_a_plan_always_makes_the_same_town_and_another_seed_another_one() -> None:
    assert fingerprint(SMALL) == fingerprint(replace(SMALL))
    assert fingerprint(SMALL) != fingerprint(replace(SMALL, seed=2))


def test_the_marked_debates_have_the_comments_that_their_cases_are_about() -> None:
    made = {draft.mark: (place, draft) for place, draft in enumerate(drafts(MARKED))}
    found = {}
    for mark in ("hundred", "deep", "quiet"):
        place, draft = made[mark]
        replies = [reply for branch in branches(MARKED, draft, place) for reply in branch]
        levels = max((reply.depth for reply in replies), default=-1) + 1
        found[mark] = (len(replies), levels)
    assert found == {"hundred": (100, 3), "deep": (10_000, 24), "quiet": (0, 0)}


def test_a_town_has_as_many_debates_and_comments_as_it_was_asked_for() -> None:
    assert (len(list(drafts(SMALL))), sum(draft.comments for draft in drafts(SMALL))) == (40, 400)
    assert (len(list(drafts(MARKED))), sum(draft.comments for draft in drafts(MARKED))) == (6, 10_150)


def test_comments_are_spread_so_that_few_debates_have_many() -> None:
    counts = sorted(shares(10_000, 500, seed=3), reverse=True)
    assert (sum(counts), len(counts)) == (10_000, 500)
    assert 5 < counts[0] / counts[9] < 8  # 10^0.8 is 6.3
    assert counts[-1] >= 1


def test_the_html_of_a_generated_text_is_what_the_application_makes_of_it() -> None:
    said = [draft.said for draft in drafts(replace(SMALL, debates=300))]
    assert [one.html for one in said] == [render(one.text) for one in said]
    for parts in words.PARTS.values():
        for part in (part for group in parts for part in group):
            assert render(part) == f"<p>{part}</p>"


def test_a_town_of_any_size_streams_through_the_same_memory() -> None:
    peaks = []
    for size in (500, 500, 2_000, 2_000):  # what is made once, caches above all, is made by the first of each size
        tracemalloc.start()
        plan = replace(SMALL, debates=size, comments=3 * size)
        for place, draft in enumerate(drafts(plan)):
            for _branch in branches(plan, draft, place):
                pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[3] < 2 * peaks[1]


def test_a_filled_town_counts_right(alder: Town) -> None:
    alder.enable("debates")
    filled = fill(alder.store, SMALL)
    with alder.read() as db:
        rows = list(db.scalars(select(Debate).order_by(Debate.id)))
        comments = list(db.scalars(select(Comment).order_by(Comment.id)))
        votes = {(id, value): n for id, value, n in db.execute(_votes(ContributionVote, "contribution_id"))}
        cheers = {(id, value): n for id, value, n in db.execute(_votes(CommentVote, "comment_id"))}
        follows = Counter(db.scalars(select(Follow.subject_id).where(Follow.subject == "contribution")))
        topics = dict(db.execute(select(Topic.id, Topic.contribution_count)).all())  # type: ignore[arg-type]
    seen = Counter(row.contribution_id for row in comments)
    assert (len(rows), len(comments), filled.users) == (40, 400, 60)
    assert [row.comment_count for row in rows] == [seen[row.id] for row in rows]
    assert [row.follower_count for row in rows] == [follows[row.id] for row in rows]
    for things, cast in ((rows, votes), (comments, cheers)):
        assert [(row.agree_count, row.disagree_count) for row in things] == [
            (cast.get((row.id, 1), 0), cast.get((row.id, -1), 0)) for row in things
        ]
    used = Counter(row.topic_id for row in rows)
    assert topics == {id: used[id] for id in topics}
    assert [row.ordinal for row in rows] == list(range(1, 41))


def _votes(votes: Any, column: str) -> Any:
    thing = getattr(votes, column)
    return select(thing, votes.value, func.count()).group_by(thing, votes.value)


def test_generated_comments_stand_where_posted_ones_would(alder: Town) -> None:
    alder.enable("debates")
    fill(alder.store, SMALL)
    with alder.read() as db:
        rows = {row.id: row for row in db.scalars(select(Comment))}
    replies: Counter[int] = Counter()
    for row in rows.values():
        above = rows.get(row.parent_id or 0)
        root = None if above is None else above.root_id or above.id
        place = (root, above.depth + 1, above.path) if above else (None, 0, "")
        assert (row.root_id, row.depth, row.path[:-8]) == place
        replies.update({id for id in (row.parent_id, row.root_id) if id})
    assert {id: row.reply_count for id, row in rows.items()} == {id: replies[id] for id in rows}


def test_a_filled_town_goes_on_where_the_generator_stopped(alder: Town) -> None:
    alder.enable("debates")
    fill(alder.store, SMALL)
    fill(alder.store, replace(SMALL, debates=5, comments=10))
    with alder.write() as db:
        thing = Debate(kind="debate", author_id=None, title="One more", text="And one more.", language="en")
        publish(db, thing, NOW)
        numbers = list(db.scalars(select(Contribution.number).where(Contribution.number.like("2026-%"))))
        assert thing.ordinal == 46
        assert thing.number == f"2026-{len(numbers):05d}"


def test_generated_debates_are_found_by_the_words_that_the_application_would_store(alder: Town) -> None:
    alder.enable("debates")
    fill(alder.store, SMALL)
    stored = text(f"SELECT * FROM {TABLE} ORDER BY 1")
    with alder.write() as db:
        before = db.execute(stored).all()
        for row in list(db.scalars(select(Debate))):
            index_text(db, row.id, row.title, row.text)
        assert db.execute(stored).all() == before
        assert len(before) == 40


def test_the_page_of_the_marked_debate_shows_all_its_hundred_comments(alder: Town) -> None:
    alder.enable("debates")
    filled = fill(alder.store, MARKED)
    answer = alder.client().get(f"/debates/{filled.marks['hundred']}")
    assert answer.text.count('<article class="comment"') == 100
