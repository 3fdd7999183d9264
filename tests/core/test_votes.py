"""Votes and follows: one person counts once, whatever is sent in whatever order."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from codesign.core.follows import Follow, followed_by, followers, is_following, set_follow
from codesign.core.threads import Thread
from codesign.core.topics import create_topic
from codesign.core.votes import CommentVote, ContributionVote, my_vote, vote_on_comment, vote_on_contribution
from codesign.testing import Town
from codesign.types import Kind
from tests.making import a_comment, a_situation, a_thread, people

CAST = ["anna", "boris", "chen", "maya"]
KINDS = {"thread": Kind("thread", Thread)}
VOTES = st.lists(st.tuples(st.sampled_from(CAST), st.sampled_from([1, -1, 0])), max_size=25)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None)
@given(cast=VOTES)
def test_any_sequence_of_votes_counts_the_last_one_of_each_person(alder: Town, cast: list[tuple[str, int]]) -> None:
    last = dict(cast)
    agreed, disagreed = (sum(value == wanted for value in last.values()) for wanted in (1, -1))
    with alder.write() as db:
        thread = a_thread(alder, db)
        comment = a_comment(alder, db, thread.id)
        for name, value in cast:
            vote_on_contribution(db, alder.person(db, name), thread, value)
            vote_on_comment(db, alder.person(db, name), comment, value)
        db.refresh(thread)
        db.refresh(comment)
        assert (thread.agree_count, thread.disagree_count) == (agreed, disagreed)
        assert (comment.agree_count, comment.disagree_count) == (agreed, disagreed)
        assert {name: my_vote(db, alder.person(db, name), thread) for name in CAST} == {
            name: last.get(name, 0) for name in CAST
        }


def test_a_vote_counts_once_however_often_it_is_sent(alder: Town) -> None:
    with alder.write() as db:
        thread, anna = a_thread(alder, db), alder.person(db, "anna")
        for _time in range(3):
            vote_on_contribution(db, anna, thread, 1)
        assert (thread.agree_count, thread.disagree_count, thread.version) == (1, 0, 2)


def test_a_vote_on_a_comment_raises_the_version_of_the_page_it_is_on(alder: Town) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db)
        comment = a_comment(alder, db, thread.id)
        db.refresh(thread)
        before = thread.version
        vote_on_comment(db, alder.person(db, "anna"), comment, 1)
        db.refresh(thread)
        assert thread.version == before + 1


@pytest.mark.parametrize("value", [2, -2, 100])
def test_the_schema_refuses_any_other_value(alder: Town, value: int) -> None:
    with pytest.raises(IntegrityError), alder.write() as db:
        vote_on_contribution(db, alder.person(db, "anna"), a_thread(alder, db), value)


def test_the_schema_refuses_a_second_vote_of_a_person(alder: Town) -> None:
    with pytest.raises(IntegrityError), alder.write() as db:
        ids = {"user_id": alder.person(db, "anna").id, "contribution_id": a_thread(alder, db).id, "value": 1}
        for _time in range(2):
            db.execute(ContributionVote.__table__.insert().values(ids))


def test_nobody_has_no_vote(alder: Town) -> None:
    with alder.write() as db:
        assert my_vote(db, None, a_thread(alder, db)) == 0
        assert db.scalar(select(func.count()).select_from(CommentVote)) == 0


def test_following_counts_once_and_ends_once(alder: Town) -> None:
    with alder.write() as db:
        anna, boris = people(alder, db, ["anna", "boris"])
        for thing in (a_thread(alder, db), a_situation(db), create_topic(db, "Parks")):
            counts = []
            for person, wanted in ((anna, True), (anna, True), (boris, True), (anna, False), (anna, False)):
                set_follow(db, person, thing, wanted)
                counts.append(thing.follower_count)
            assert counts == [1, 1, 2, 1, 1]
            assert [is_following(db, person, thing) for person in (anna, boris, None)] == [False, True, False]
        rows = db.scalar(select(func.count()).select_from(Follow))
        assert rows == 3


def test_things_of_different_sorts_with_one_number_are_followed_apart(alder: Town) -> None:
    with alder.write() as db:
        anna = alder.person(db, "anna")
        thread, topic = a_thread(alder, db), create_topic(db, "Parks")
        assert thread.id == topic.id
        set_follow(db, anna, topic, True)
        assert (is_following(db, anna, topic), is_following(db, anna, thread)) == (True, False)
        found = [list(db.scalars(followers(sort, topic.id))) for sort in ("topic", "contribution", "situation")]
        assert found == [[anna.id], [], []]


def test_a_person_sees_what_they_follow_of_the_kinds_that_are_on(alder: Town) -> None:
    with alder.write() as db:
        anna = alder.person(db, "anna")
        thread, situation, topic = a_thread(alder, db), a_situation(db), create_topic(db, "Parks")
        for thing in (thread, situation, topic):
            set_follow(db, anna, thing, True)
        urls = {thread.url, situation.url, topic.url}
        assert {followed.url for followed in followed_by(db, anna, KINDS)} == urls
        assert {followed.url for followed in followed_by(db, anna, {})} == urls - {thread.url}
        assert followed_by(db, alder.person(db, "boris"), KINDS) == []


def test_the_title_of_what_was_hidden_is_not_shown_to_its_followers(alder: Town) -> None:
    with alder.write() as db:
        anna, thread = alder.person(db, "anna"), a_thread(alder, db)
        set_follow(db, anna, thread, True)
        thread.hidden_at = alder.world.clock.now()
        db.flush()
        assert followed_by(db, anna, KINDS) == []
