"""Steps one by one: what each needs, which clocks run after it, and what it changes."""

from email import message_from_bytes
from email.policy import default

import pytest

from codesign.kit import Invalid
from codesign.testing import Town
from codesign_feedback.loop import Code, State
from codesign_feedback.tests.making import (
    DAY,
    clocks,
    events,
    loop_in,
    now,
    opened,
    standing,
    wait_for,
)
from codesign_feedback.tests.walking import (
    WAYS,
    answer,
    commit,
    decline,
    deliver,
    progress,
    walked,
)

S = State
RUNNING: dict[State, set[str]] = {
    S.ACKNOWLEDGED: {"transfer", "answer"},
    S.ASSIGNED: {"answer"},
    S.TRANSFERRED: {"transfer", "answer"},
    S.UNDER_REVIEW: {"answer"},
    S.RETURNED: {"complete"},
    S.ANSWERED: {"commitment"},
    S.DECLINED: {"appeal"},
    S.COMMITTED: {"progress", "delivery"},
    S.IN_PROGRESS: {"progress", "delivery"},
    S.DELIVERED: {"ask"},
    S.VERIFIED: {"close"},
    S.DISPUTED: {"dispute"},
    S.CLOSED: set(),
    S.REOPENED: {"answer"},
    S.LAPSED: set(),
    S.WITHDRAWN: set(),
    S.MERGED: set(),
}


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("feedback")


@pytest.mark.parametrize("state", WAYS)
def test_in_each_state_exactly_these_clocks_run(town: Town, state: State) -> None:
    id = walked(town, state)
    loop = loop_in(town, id)
    assert clocks(town, id) == RUNNING[state]
    assert (loop.asked_at, loop.appealing) == (None, False)
    assert (loop.overdue_at is not None) == (state is S.LAPSED)


def test_a_new_story_is_received_and_acknowledged_at_once_and_its_author_gets_a_receipt(town: Town) -> None:
    id = opened(town)
    loop = loop_in(town, id)
    assert (events(town, id), loop.state, loop.clock) == (["received", "acknowledged"], S.ACKNOWLEDGED, "answer")
    [letter] = [message_from_bytes(path.read_bytes(), policy=default) for path in town.send_mail()]
    text = letter.get_body(("plain",))
    assert text is not None and "2026-00001" in text.get_content()


def test_the_town_has_thirty_days_for_the_answer_the_last_one_counted_whole(town: Town) -> None:
    loop = loop_in(town, opened(town))
    assert str(loop.due_at) == "2026-06-04 00:00:00+00:00"
    assert loop.answer_due_at == loop.due_at


@pytest.mark.parametrize(("code", "follows"), [
    (Code.ACCEPTED_AS_IS, "commitment"), (Code.ACCEPTED_MODIFIED, "commitment"), (Code.PARTIALLY, "commitment"),
    (Code.SOLVED_ALREADY, "ask"), (Code.SOLVE_DIFFERENTLY, "ask"), (Code.FORWARDED, "ask"),
])  # fmt: skip
def test_a_yes_owes_a_promise_and_anything_else_is_asked_about_at_once(town: Town, code: Code, follows: str) -> None:
    id = opened(town)
    answer(town, id, code)
    loop = loop_in(town, id)
    assert (loop.state, clocks(town, id), loop.code, loop.in_time) == (S.ANSWERED, {follows}, code, True)
    assert loop.answer_days == 0


def test_what_is_put_off_is_looked_at_again_on_its_day_and_then_answered(town: Town) -> None:
    id = opened(town)
    answer(town, id, Code.DEFERRED, until=(now(town) + 100 * DAY).date())
    assert clocks(town, id) == {"deferral"}
    wait_for(town, "deferral", id)
    assert (standing(town, id), clocks(town, id)) == (S.UNDER_REVIEW, {"answer"})
    assert str(now(town)) == "2026-08-12 09:00:00+00:00"
    answer(town, id)
    assert (standing(town, id), loop_in(town, id).answer_days) == (S.ANSWERED, 0)


@pytest.mark.parametrize("days", [None, 0, -1, 731, 100_000])
def test_nothing_is_put_off_without_a_day_to_come_within_two_years(town: Town, days: int | None) -> None:
    id = opened(town)
    until = None if days is None else (now(town) + days * DAY).date()
    with pytest.raises(Invalid, match="within two years"):
        answer(town, id, Code.DEFERRED, until=until)
    assert standing(town, id) is S.ACKNOWLEDGED


@pytest.mark.parametrize(("missing", "sentence"), [
    ({"text": "  "}, "Write the reason"), ({"code": None}, "Choose what is decided"),
    ({"code": Code.DECLINED, "refusal": None}, "Choose why it is declined"),
])  # fmt: skip
def test_an_answer_is_never_incomplete(town: Town, missing: dict[str, object], sentence: str) -> None:
    id = opened(town)
    with pytest.raises(Invalid, match=sentence):
        answer(town, id, **missing)  # type: ignore[arg-type]
    assert standing(town, id) is S.ACKNOWLEDGED


def test_a_yes_is_said_once_but_can_become_a_no(town: Town) -> None:
    id = walked(town, S.ANSWERED)
    with pytest.raises(Invalid, match="The answer was yes already"):
        answer(town, id, Code.PARTIALLY)
    decline(town, id)
    assert (standing(town, id), clocks(town, id)) == (S.DECLINED, {"appeal"})


def test_while_people_are_asked_nobody_answers_anew(town: Town) -> None:
    id = opened(town)
    answer(town, id, Code.SOLVED_ALREADY)
    town.tick()
    assert loop_in(town, id).asked_at == now(town)
    with pytest.raises(Invalid, match="People are being asked"):
        decline(town, id)


def test_promises_need_a_yes_a_person_a_day_and_something_to_see(town: Town) -> None:
    id = opened(town)
    with pytest.raises(Invalid, match="This is no longer possible"):
        commit(town, id)
    answer(town, id, Code.DEFERRED, until=(now(town) + DAY).date())
    with pytest.raises(Invalid, match="was not a yes"):
        commit(town, id)
    answer(town, id)
    for days, sentence in ((-1, "This day has passed"), (4000, "within the next ten years")):
        with pytest.raises(Invalid, match=sentence):
            commit(town, id, days=days)
    with pytest.raises(Invalid, match="Write what will be there"):
        commit(town, id, deliverable=" ")
    assert clocks(town, id) == {"commitment"}


def test_the_clock_of_delivery_runs_to_the_first_promise_that_is_not_kept(town: Town) -> None:
    id = walked(town, S.ANSWERED)
    due = {}
    for days in (60, 90, 30):
        commit(town, id, days=days)
        due[days] = loop_in(town, id)
    ends = {days: (loop.clock, str(loop.due_at)[:10]) for days, loop in due.items()}
    assert ends == {
        60: ("progress", "2026-06-04"), 90: ("progress", "2026-06-04"), 30: ("progress", "2026-06-04"),
    }  # fmt: skip
    town.world.clock.advance(20 * DAY)
    progress(town, id)
    assert str(loop_in(town, id).due_at)[:10] == "2026-06-04"
    for end in ("2026-06-24", "2026-06-24"):
        deliver(town, id)  # the promise of 60 days, then that of 90: the one of 30 is still open
        assert (standing(town, id), str(loop_in(town, id).due_at)[:10]) == (S.IN_PROGRESS, "2026-06-04"), end
    deliver(town, id)
    assert (standing(town, id), clocks(town, id)) == (S.DELIVERED, {"ask"})


def test_a_later_promise_does_not_free_from_one_that_is_overdue(town: Town) -> None:
    id = walked(town, S.ANSWERED)
    commit(town, id, days=3)
    for _rung in range(2):
        wait_for(town, "delivery", id)
    wait_for(town, "delivery", id)
    overdue = loop_in(town, id).overdue_at
    assert overdue is not None
    commit(town, id, days=60)
    progress(town, id)
    assert (loop_in(town, id).overdue_at, loop_in(town, id).clock) == (overdue, "delivery")
    deliver(town, id)
    assert loop_in(town, id).overdue_at is None
