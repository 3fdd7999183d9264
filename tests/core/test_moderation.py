"""Moderation: a queue in which nothing is lost, decisions that can be taken back, and a log of them."""

import pytest

from codesign.core.comments import Standing
from codesign.core.contributions import Reason
from codesign.core.moderation import (
    PAGE,
    Action,
    Report,
    Target,
    decide,
    decisions,
    find_target,
    report,
    waiting,
)
from codesign.core.threads import Thread
from codesign.core.topics import create_topic
from codesign.core.users import Role
from codesign.municipalities import add_person
from codesign.testing import Town
from codesign.types import Kind, NotFound
from tests.making import a_comment, a_situation, a_thread, people

KINDS = {"thread": Kind("thread", Thread)}


def test_one_person_reports_a_thing_once(alder: Town) -> None:
    now = alder.world.clock.now()
    with alder.write() as db:
        target = Target(a_thread(alder, db))
        anna, chen = people(alder, db, ["anna", "chen"])
        filed = [report(db, who, target, Reason.SPAM, "", now) for who in (anna, anna, chen)]
        assert filed == [True, False, True]
        (item,), after = waiting(db, None)
        assert (item.name, item.reports, item.reasons, item.first_at, after) == (
            target.name,
            2,
            [Reason.SPAM],
            now,
            None,
        )
        assert len(waiting(db, None)[0]) == 1


def test_the_queue_shows_the_longest_waiting_first_and_everything_once(alder: Town) -> None:
    now = alder.world.clock.now()
    with alder.write() as db:
        anna, chen = people(alder, db, ["anna", "chen"])
        thread = a_thread(alder, db)
        names = []
        for _number in range(PAGE + 3):
            target = Target(thread, a_comment(alder, db, thread.id))
            report(db, anna, target, Reason.INSULT, "", now)
            names.append(target.name)
        report(db, chen, find_target(db, KINDS, names[0]), Reason.SPAM, "", now)
        first, after = waiting(db, None)
        second, end = waiting(db, after)
        assert ([item.name for item in [*first, *second]], end) == (names, None)
        assert first[0].reasons == [Reason.INSULT, Reason.SPAM]
        assert [item.name for item in waiting(db, "no cursor")[0]] == names[:PAGE]


def test_a_storm_of_reports_on_one_thing_pushes_no_other_out_of_the_queue(alder: Town) -> None:
    now = alder.world.clock.now()
    with alder.write() as db:
        loud, quiet = Target(a_thread(alder, db)), Target(a_thread(alder, db))
        crowd = [add_person(db, f"p{n}@alder.example", "P", Role.RESIDENT, "", now) for n in range(PAGE * 20 + 1)]
        rows = [Report(user_id=who.id, target=loud.name, reason=Reason.SPAM, created_at=now) for who in crowd]
        db.add_all(rows)
        db.flush()
        report(db, crowd[0], quiet, Reason.HATE, "", now)
        assert [item.name for item in waiting(db, None)[0]] == [loud.name, quiet.name]


@pytest.mark.parametrize("action", Action)
def test_a_decision_settles_the_reports_of_its_thing_only(alder: Town, action: Action) -> None:
    now = alder.world.clock.now()
    with alder.write() as db:
        anna, boris = people(alder, db, ["anna", "boris"])
        one, other = Target(a_thread(alder, db)), Target(a_thread(alder, db))
        for target in (one, other):
            report(db, anna, target, Reason.SPAM, "", now)
        decide(db, boris, one, action, Reason.SPAM if action is Action.HIDE else None, "why", now)
        assert [item.name for item in waiting(db, None)[0]] == [other.name]
        assert one.hidden == (action is Action.HIDE)


def test_hiding_and_restoring_keep_every_counter_and_the_version(alder: Town) -> None:
    now = alder.world.clock.now()
    with alder.write() as db:
        boris, situation, topic = alder.person(db, "boris"), a_situation(db), create_topic(db, "Parks")
        thread = a_thread(alder, db)
        thread.topic_id, topic.contribution_count = topic.id, 1
        db.flush()
        seen = []
        for action in (Action.HIDE, Action.HIDE, Action.RESTORE, Action.RESTORE):
            decide(db, boris, Target(thread), action, Reason.SPAM if action is Action.HIDE else None, "", now)
            for row in (thread, situation, topic):
                db.refresh(row)
            seen.append((thread.hidden, thread.hidden_reason, situation.thread_count, topic.contribution_count))
        assert seen == [(True, Reason.SPAM, 0, 0), (True, Reason.SPAM, 0, 0), (False, None, 1, 1), (False, None, 1, 1)]
        assert thread.version == 3


def test_a_hidden_comment_is_not_counted_and_comes_back(alder: Town) -> None:
    now = alder.world.clock.now()
    with alder.write() as db:
        boris, thread = alder.person(db, "boris"), a_thread(alder, db)
        comment = a_comment(alder, db, thread.id)
        target = Target(thread, comment)
        seen = []
        for action in (Action.HIDE, Action.RESTORE):
            decide(db, boris, target, action, Reason.HATE if action is Action.HIDE else None, "", now)
            db.refresh(thread)
            seen.append((comment.standing, comment.hidden_reason, thread.comment_count, thread.hidden))
        assert seen == [(Standing.HIDDEN, Reason.HATE, 0, False), (Standing.VISIBLE, None, 1, False)]


def test_what_its_author_removed_never_comes_back_by_a_moderator(alder: Town) -> None:
    now = alder.world.clock.now()
    with alder.write() as db:
        boris, thread = alder.person(db, "boris"), a_thread(alder, db)
        comment = a_comment(alder, db, thread.id)
        comment.standing, comment.text = Standing.REMOVED, ""
        for action in (Action.HIDE, Action.RESTORE):
            decide(db, boris, Target(thread, comment), action, None, "", now)
        assert comment.standing is Standing.REMOVED


def test_the_log_holds_every_decision_newest_first(alder: Town) -> None:
    now = alder.world.clock.now()
    with alder.write() as db:
        boris, thread = alder.person(db, "boris"), a_thread(alder, db)
        for number in range(PAGE + 1):
            decide(db, boris, Target(thread), Action.DISMISS, None, f"note {number}", now)
        first = decisions(db, None)
        second = decisions(db, first.after)
        notes = [row.note for row in [*first.rows, *second.rows]]
        assert notes == [f"note {number}" for number in reversed(range(PAGE + 1))]
        assert (first.rows[0].moderator_name, first.rows[0].kind, second.after) == ("Boris", "thread", None)


def test_a_name_that_means_nothing_is_not_found(alder: Town) -> None:
    for name in [
        "",
        "comment",
        "comment:",
        "comment:x",
        "comment:-1",
        "comment:0",
        "comment:²",
        "comment:99",
        "user:1",
        f"comment:{2**64}",
    ]:
        with alder.read() as db, pytest.raises(NotFound):
            find_target(db, KINDS, name)


def test_a_thing_of_a_kind_that_is_off_cannot_be_a_target(alder: Town) -> None:
    with alder.write() as db:
        thread = a_thread(alder, db)
        comment = a_comment(alder, db, thread.id)
        assert find_target(db, KINDS, f"comment:{comment.id}").comment is comment
        assert find_target(db, KINDS, f"contribution:{thread.id}", lock=True).thing is thread
        for name in (f"comment:{comment.id}", f"contribution:{thread.id}"):
            with pytest.raises(NotFound):
                find_target(db, {}, name)
