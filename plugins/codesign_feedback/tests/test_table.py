"""The table of the loop is sound: everything it names exists, and its ends cannot be reached by the town alone."""

import pytest

from codesign_feedback.clocks import REMINDERS, RULES
from codesign_feedback.loop import AFTER_ANSWER, ANSWERABLE, ANY, BY_EVENT, OPEN, OVER, STEPS, By, Code, State
from codesign_feedback.settings import FeedbackSettings
from codesign_feedback.words import CODE_LABELS, MISSING, STATE_LABELS

S = State


def test_every_clock_that_a_step_starts_or_stops_has_a_rule() -> None:
    named = {name for step in STEPS.values() for name in (*step.starts, *step.stops)} - {"*"}
    assert named | {*AFTER_ANSWER.values(), "delivery"} == set(RULES)


def test_every_rung_takes_a_step_that_only_the_clock_takes() -> None:
    verbs = {rung.verb for rule in RULES.values() for rung in rule.ladder}
    assert {STEPS[verb].by for verb in verbs} == {By.CLOCK}
    assert verbs > REMINDERS


def test_every_ladder_climbs_in_the_order_of_its_days() -> None:
    days = {name: [rung.days for rung in rule.ladder] for name, rule in RULES.items()}
    assert days == {name: sorted(steps) for name, steps in days.items()}


def test_only_reminders_come_before_the_last_day_is_over() -> None:
    early = {rung.verb for rule in RULES.values() for rung in rule.ladder if rung.days < 0}
    assert early == set(REMINDERS)


def test_the_length_of_every_clock_is_a_setting_of_the_town_unless_its_date_is_promised() -> None:
    named = {name for name, rule in RULES.items() if not rule.setting}
    assert named == {"deferral", "delivery"}
    assert {rule.setting for rule in RULES.values() if rule.setting} <= set(FeedbackSettings.model_fields)


def test_every_state_can_be_reached_and_left_but_for_those_that_are_over() -> None:
    assert {step.after for step in STEPS.values()} == {None, *State}
    moves = {state: {step.after for step in STEPS.values() if state in step.before} - {None, state} for state in State}
    assert {state for state, after in moves.items() if not after} == {S.MERGED, S.WITHDRAWN}
    assert moves[S.CLOSED] == {S.REOPENED}


@pytest.mark.parametrize("state", [S.VERIFIED, S.CLOSED, S.LAPSED, S.WITHDRAWN, S.MERGED])
def test_no_official_brings_a_contribution_to_its_end_by_hand_but_by_deciding_an_appeal(state: State) -> None:
    by_hand = {step.verb for step in STEPS.values() if step.after is state and step.by is not By.CLOCK}
    assert by_hand == ({"uphold"} if state is S.CLOSED else set())


def test_only_what_is_answered_or_delivered_can_be_verified() -> None:
    assert STEPS["verify"].before == {S.ANSWERED, S.DELIVERED}
    assert STEPS["ask"].before == STEPS["reply"].before == STEPS["verify"].before


def test_every_step_has_an_event_of_its_own_and_every_label_is_there() -> None:
    assert len(BY_EVENT) == len(STEPS)
    assert (set(STATE_LABELS), set(CODE_LABELS)) == (set(State), set(Code))
    assert {need for step in STEPS.values() for need in step.needs} == set(MISSING)


def test_whatever_the_decision_something_follows_from_an_answer() -> None:
    assert set(AFTER_ANSWER) == {*Code} - {Code.DECLINED}
    assert STEPS["decline"].starts == ("appeal",)


def test_a_state_is_open_or_over_or_waits_for_its_last_day() -> None:
    assert {S.VERIFIED} == ANY - OPEN - OVER
    assert not OPEN & OVER
    assert ANSWERABLE < OPEN
