"""A life of a contribution with turns: returned, late, lapsed, handed over, hidden, appealed, disputed, opened again."""

from datetime import timedelta

import pytest

from codesign.core.contributions import Contribution
from codesign.kit import Invalid
from codesign.testing import Town
from codesign_feedback.loop import Outcome, State
from codesign_feedback.tests.making import (
    DAY,
    clocks,
    decide_settings,
    events,
    loop_in,
    more_people,
    now,
    opened,
    standing,
    take_part,
    wait_for,
)
from codesign_feedback.tests.walking import (
    answer,
    appeal,
    assign,
    commit,
    complete,
    decide_appeal,
    decline,
    extend,
    give_back,
    reopen,
    review,
    transfer,
    walked,
)

S = State


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("feedback")


def test_returned_to_its_author_the_clock_stops_and_begins_anew_once_completed(town: Town) -> None:
    id = walked(town, S.ASSIGNED)
    town.world.clock.advance(10 * DAY)
    give_back(town, id)
    town.world.clock.advance(5 * DAY)
    with pytest.raises(Invalid, match="You cannot do this yourself"):
        complete(town, id, by="boris")
    complete(town, id)
    assert (standing(town, id), str(loop_in(town, id).due_at)[:10]) == (S.UNDER_REVIEW, "2026-06-19")


def test_what_its_author_never_completes_is_closed_after_two_reminders(town: Town) -> None:
    id = walked(town, S.RETURNED)
    for _rung in range(3):
        wait_for(town, "complete", id)
    assert events(town, id)[-3:] == ["author_reminded", "author_reminded", "closed"]
    loop = loop_in(town, id)
    assert (loop.state, loop.outcome, loop.closed_at) == (S.CLOSED, Outcome.NOT_COMPLETED, now(town))


def test_more_time_is_taken_once_with_a_reason_and_before_the_time_is_over(town: Town) -> None:
    id = opened(town)
    with pytest.raises(Invalid, match="Write the reason"):
        extend(town, id, text="")
    assert not loop_in(town, id).extended
    extend(town, id)
    loop = loop_in(town, id)
    assert (loop.extended, str(loop.due_at)[:10], str(loop.answer_due_at)[:10]) == (True, "2026-07-04", "2026-07-04")
    with pytest.raises(Invalid, match="once already"):
        extend(town, id)
    late = opened(town)
    town.world.clock.advance(31 * DAY)
    with pytest.raises(Invalid, match="The time is over"):
        extend(town, late)


def test_an_answer_after_the_deadline_is_late_and_stays_late(town: Town) -> None:
    ids = [opened(town) for _each in range(3)]
    town.world.clock.advance(30 * DAY)
    answer(town, ids[0])
    town.world.clock.advance(timedelta(hours=15))  # the first moment after the last day
    answer(town, ids[1])
    town.world.clock.advance(4 * DAY)
    town.tick()
    assert loop_in(town, ids[2]).in_time is False
    assign(town, ids[2])
    give_back(town, ids[2])
    complete(town, ids[2])
    answer(town, ids[2])
    found = [(loop.in_time, loop.answer_days) for loop in (loop_in(town, id) for id in ids)]
    assert found == [(True, 30), (False, 31), (False, 35)]


def test_what_has_lapsed_is_only_answered_late_and_leaves_the_list_of_what_is_overdue_then(town: Town) -> None:
    id = walked(town, S.LAPSED)
    for step in (assign, review, transfer, extend):
        with pytest.raises(Invalid):
            step(town, id)
    answer(town, id)
    loop = loop_in(town, id)
    assert (loop.state, loop.in_time, loop.overdue_at) == (S.ANSWERED, False, None)


def test_handed_over_the_new_authority_has_three_working_days_and_no_owner(town: Town) -> None:
    id = walked(town, S.ASSIGNED)
    with pytest.raises(Invalid, match="It is with this authority already"):
        transfer(town, id, title="Parks department")
    transfer(town, id)
    loop = loop_in(town, id)
    assert (loop.authority_title, loop.owner_id, loop.clock) == ("Roads department", None, "answer")
    with pytest.raises(Invalid):
        transfer(town, id, title="Schools", text="")
    assert loop_in(town, id).authority_title == "Roads department"


@pytest.mark.parametrize("verb", [assign, review, answer, decline, extend, give_back])
def test_while_a_moderator_hides_it_nobody_does_anything_with_it(town: Town, verb: object) -> None:
    id = walked(town, S.ASSIGNED)
    with town.write() as db:
        db.get_one(Contribution, id).hidden_at = now(town)
    with pytest.raises(Invalid, match="A moderator has hidden this"):
        verb(town, id)  # type: ignore[operator]


def test_an_appeal_is_decided_before_anything_else_happens(town: Town) -> None:
    id = walked(town, S.DECLINED)
    appeal(town, id)
    loop = loop_in(town, id)
    assert (loop.state, loop.appealing, clocks(town, id)) == (S.DISPUTED, True, {"appeal_answer"})
    for step in (answer, commit):
        with pytest.raises(Invalid, match="First the appeal is decided"):
            step(town, id)
    with pytest.raises(Invalid, match="You cannot do this yourself"):
        decide_appeal(town, id, True, by="chen")
    decide_appeal(town, id, True)
    loop = loop_in(town, id)
    assert (loop.state, loop.appealing, clocks(town, id)) == (S.REOPENED, False, {"answer"})


def test_a_promise_after_a_dispute_begins_the_work_anew(town: Town) -> None:
    more_people(town, "eve")
    id = walked(town, S.DISPUTED, "boris", "eve")
    commit(town, id)
    assert (standing(town, id), clocks(town, id)) == (S.COMMITTED, {"progress", "delivery"})


def test_opened_again_it_has_a_full_term_and_another_extension(town: Town) -> None:
    decide_settings(town, answer_days=10)
    id = walked(town, S.VERIFIED)
    take_part(town, id, "boris")
    before = loop_in(town, id)
    reopen(town, id)
    loop = loop_in(town, id)
    assert (loop.state, loop.reopened_count, loop.outcome, loop.verified_at) == (S.REOPENED, 1, None, None)
    assert (loop.answered_at, loop.in_time, loop.answer_days) == (before.answered_at, True, before.answer_days)
    extend(town, id)
