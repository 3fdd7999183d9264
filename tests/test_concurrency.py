"""Many at the same moment, through the real application: nothing is lost, nothing counts twice, nothing fails."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from codesign.core.comments import Comment
from codesign.core.contributions import Contribution, get_of_kind
from codesign.core.follows import Follow
from codesign.core.life import Situation
from codesign.core.threads import Thread
from codesign.core.topics import Topic
from codesign.core.users import Role, User
from codesign.core.votes import CommentVote, ContributionVote
from codesign.mail import read_message
from codesign.testing import Town
from tests.following import OLGA, a_topic, follows, letters, path_of
from tests.making import a_reply, a_situation, a_story, neighbours

STORY = {"title": "Three visits for one signature", "text": "Nobody knew which papers were missing, three times."}


def at_once(tasks: Sequence[Callable[[], int]]) -> list[int]:
    """Run all tasks at the same moment. Returns their answers, sorted."""
    gate = threading.Barrier(len(tasks))

    def run(task: Callable[[], int]) -> int:
        gate.wait(timeout=20)
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return sorted(pool.map(run, tasks))


def posting(town: Town, name: str | None, url: str, data: dict[str, str]) -> Callable[[], int]:
    """A task: somebody sends a form from a browser of their own."""
    client = town.client(name)
    return lambda: int(client.post(url, data=data).status_code)


def test_one_person_voting_twice_at_the_same_moment_has_one_vote(alder: Town) -> None:
    id = a_story(alder)
    vote = [posting(alder, "boris", f"/contributions/{id}/vote", {"value": "1"}) for _device in range(6)]
    assert at_once(vote) == [303] * 6
    with alder.read() as db:
        thread = get_of_kind(db, Thread, id)
        assert (thread.agree_count, thread.disagree_count, thread.version) == (1, 0, 2)
        assert db.scalar(select(func.count()).select_from(ContributionVote)) == 1


def test_one_person_changing_their_mind_on_many_devices_leaves_counters_that_equal_the_votes(alder: Town) -> None:
    id = a_story(alder)
    values = ["1", "-1", "0", "1", "-1", "0"]
    tasks = [posting(alder, "boris", f"/contributions/{id}/vote", {"value": value}) for value in values]
    for _round in range(2):
        assert at_once(tasks) == [303] * 6
        with alder.read() as db:
            thread = get_of_kind(db, Thread, id)
            votes = list(db.scalars(select(ContributionVote.value)))
            assert (thread.agree_count, thread.disagree_count) == (votes.count(1), votes.count(-1))
            assert len(votes) <= 1


def test_votes_of_many_people_are_all_counted(alder: Town) -> None:
    id = a_story(alder)
    comment = a_reply(alder, id)
    crowd = neighbours(alder, 8)
    tasks = []
    for number, name in enumerate(crowd):
        value = {"value": "-1" if number % 4 == 0 else "1"}
        tasks += [
            posting(alder, name, url, value) for url in (f"/contributions/{id}/vote", f"/comments/{comment}/vote")
        ]
    assert at_once(tasks) == [303] * 16
    with alder.read() as db:
        for row in (get_of_kind(db, Thread, id), db.get_one(Comment, comment)):
            assert (row.agree_count, row.disagree_count) == (6, 2)
        assert db.scalar(select(func.count()).select_from(CommentVote)) == 8


def test_votes_and_replies_at_the_same_moment_do_not_disturb_each_other(alder: Town) -> None:
    id = a_story(alder)
    root = a_reply(alder, id)
    crowd = neighbours(alder, 5)
    tasks = []
    for name in crowd:
        tasks.append(posting(alder, name, f"/contributions/{id}/vote", {"value": "1"}))
        tasks.append(posting(alder, name, f"/comments/{root}/vote", {"value": "1"}))
        tasks.append(posting(alder, name, f"/comments/{root}/reply", {"text": f"A reply of {name}"}))
    assert at_once(tasks) == [303] * 15
    with alder.read() as db:
        thread, comment = get_of_kind(db, Thread, id), db.get_one(Comment, root)
        assert (thread.agree_count, thread.comment_count) == (5, 6)
        assert (comment.agree_count, comment.reply_count) == (5, 5)
        paths = db.scalars(select(Comment.path).where(Comment.root_id == root)).all()
        assert (len(set(paths)), {path[:8] for path in paths}) == (5, {comment.path})


def test_two_people_signing_up_with_one_address_make_one_account(alder: Town) -> None:
    form = {"name": "Nino", "email": "nino@alder.example", "password": "three unrelated words"}
    assert at_once([posting(alder, None, "/accounts/sign-up", form) for _browser in range(4)]) == [200] * 4
    with alder.read() as db:
        assert db.scalar(select(func.count()).where(User.email == "nino@alder.example")) == 1


def test_numbers_are_unique_and_without_gaps_under_parallel_posting(alder: Town) -> None:
    with alder.write() as db:
        slug = a_situation(db).slug
    crowd = neighbours(alder, 10)
    tasks = [posting(alder, name, f"/situations/{slug}/threads/new", STORY) for name in crowd]
    broken = [posting(alder, name, f"/situations/{slug}/threads/new", {"title": "x"}) for name in crowd[:3]]
    assert at_once([*tasks, *broken]) == [303] * 10 + [422] * 3
    with alder.read() as db:
        rows = db.execute(select(Contribution.number, Contribution.ordinal)).all()
        assert sorted(rows) == [(f"2026-{number:05}", number) for number in range(1, 11)]
        assert db.scalar(select(Situation.thread_count)) == 10


def test_following_on_two_devices_counts_once(alder: Town) -> None:
    id = a_story(alder)
    tasks = [posting(alder, "boris", f"/contributions/{id}/follow", {"follow": "1"}) for _device in range(4)]
    assert at_once(tasks) == [303] * 4
    with alder.read() as db:
        assert get_of_kind(db, Thread, id).follower_count == db.scalar(select(func.count()).select_from(Follow)) == 1


def test_a_comment_taken_back_on_many_devices_is_uncounted_once(alder: Town) -> None:
    id = a_story(alder)
    a_reply(alder, id, "boris")
    for _round in range(8):
        comment = a_reply(alder, id, "boris")
        at_once([posting(alder, "boris", f"/comments/{comment}/remove", {}) for _device in range(4)])
    with alder.read() as db:
        assert get_of_kind(db, Thread, id).comment_count == 1


def test_two_moderators_hiding_one_story_uncount_it_once(alder: Town) -> None:
    id = a_story(alder)
    a_story(alder)
    form = {"reason": "spam", "note": ""}
    tasks = [posting(alder, name, f"/moderation/hide/contribution:{id}", form) for name in ("boris", "maya")]
    assert at_once(tasks) == [303] * 2
    with alder.read() as db:
        assert db.scalar(select(Situation.thread_count)) == 1


def test_two_administrators_cannot_take_the_role_from_each_other(alder: Town) -> None:
    for _round in range(6):
        with alder.write() as db:
            maya, boris = alder.person(db, "maya"), alder.person(db, "boris")
            maya.role = boris.role = Role.ADMINISTRATOR
            ids = {"boris": maya.id, "maya": boris.id}
        at_once([posting(alder, name, f"/admin/people/{id}/role", {"role": "resident"}) for name, id in ids.items()])
        with alder.read() as db:
            assert db.scalar(select(func.count()).where(User.role == Role.ADMINISTRATOR)) == 1


def test_one_topic_added_twice_at_the_same_moment_is_one_topic(alder: Town) -> None:
    for number in range(5):
        tasks = [posting(alder, "maya", "/admin/topics", {"title": f"Parks {number}"}) for _click in range(3)]
        assert at_once(tasks) == [303, 422, 422]


def test_one_address_given_many_times_at_the_same_moment_gets_one_letter(alder: Town) -> None:
    topics = [a_topic(alder, title) for title in ("Parks", "Lakes", "Roads")]
    asks = [posting(alder, None, where, {"email": OLGA}) for where in topics * 2]
    assert at_once(asks) == [200] * 6
    (letter,) = letters(alder)
    opened = [posting(alder, None, path_of(letter.links[0]), {}) for _device in range(4)]
    assert at_once(opened) == [303] * 4
    assert follows(alder) == [("topic", 1), ("topic", 2), ("topic", 3)]
    with alder.read() as db:
        assert list(db.scalars(select(Topic.follower_count))) == [1] * 3


def test_a_link_that_works_once_works_once_at_the_same_moment(alder: Town) -> None:
    alder.client().post("/accounts/forgotten", data={"email": "anna@alder.example"})
    (letter,) = alder.send_mail()
    (link,) = read_message(letter.parent, letter.stem).links
    token = link.partition("token=")[2]
    form = {"token": token, "password": "three other words"}
    assert at_once([posting(alder, None, "/accounts/reset", form) for _browser in range(3)]) == [303, 422, 422]
