"""An appeal against a refusal: by whom, until when, and who decides it."""

import pytest

from codesign.core.users import Role
from codesign.kit import Invalid
from codesign.testing import Town
from codesign_feedback.loop import Outcome, State
from codesign_feedback.tests.making import DAY, events, loop_in, more_people, now, opened, standing, take_part, wait_for
from codesign_feedback.tests.walking import answer, appeal, assign, decide_appeal, decline, reopen

S = State


@pytest.fixture
def town(alder: Town) -> Town:
    more_people(alder.enable("feedback"), "eve", "finn", "gita")
    more_people(alder, "olga", role=Role.OFFICIAL)
    return alder


def declined(town: Town) -> int:
    id = opened(town)
    take_part(town, id, "eve", "olga")
    for step in (assign, decline):
        step(town, id)
    return id


def test_there_are_thirty_whole_days_to_appeal_and_then_it_is_closed(town: Town) -> None:
    id = declined(town)
    start = now(town)
    town.world.clock.moment = (start + 30 * DAY).replace(hour=23, minute=59)
    appeal(town, declined(town))
    wait_for(town, "appeal", id)
    loop = loop_in(town, id)
    assert (loop.state, loop.outcome, str(now(town))) == (S.CLOSED, Outcome.DECLINED, "2026-06-04 09:00:00+00:00")
    late = declined(town)
    town.world.clock.advance(31 * DAY)
    with pytest.raises(Invalid, match="The time to appeal is over"):
        appeal(town, late)


def test_who_did_not_take_part_cannot_appeal(town: Town) -> None:
    with pytest.raises(Invalid, match="Only those who wrote it"):
        appeal(town, declined(town), by="finn")


def test_one_appeal_is_enough_and_a_second_one_is_told_that_it_is_disputed_already(town: Town) -> None:
    id = declined(town)
    appeal(town, id, by="eve")
    with pytest.raises(Invalid, match="meanwhile"):
        appeal(town, id)


def test_nobody_decides_an_appeal_against_their_own_refusal_or_their_own_appeal(town: Town) -> None:
    id = declined(town)
    appeal(town, id, by="olga")
    for name, sentence in (("chen", "You cannot do this yourself"), ("olga", "your own appeal")):
        with pytest.raises(Invalid, match=sentence):
            decide_appeal(town, id, True, by=name)
    with pytest.raises(Invalid, match="Write the reason"):
        decide_appeal(town, id, True, text=" ")
    assert loop_in(town, id).appealing


def test_an_appeal_nobody_decides_climbs_to_the_public_list_and_leaves_it_when_decided(town: Town) -> None:
    id = declined(town)
    appeal(town, id)
    while events(town, id)[-1] != "overdue":
        wait_for(town, "appeal_answer", id)
    assert (events(town, id)[-4:], loop_in(town, id).overdue_at) == (
        ["reminded", "reminded", "escalated", "overdue"], now(town),
    )  # fmt: skip
    decide_appeal(town, id, False)
    loop = loop_in(town, id)
    assert (loop.state, loop.outcome, loop.overdue_at, loop.closed_at) == (S.CLOSED, Outcome.DECLINED, None, now(town))


def test_a_granted_appeal_is_answered_anew_and_can_be_refused_and_appealed_again(town: Town) -> None:
    id = declined(town)
    appeal(town, id)
    decide_appeal(town, id, True)
    decline(town, id, by="maya")
    appeal(town, id, by="eve")
    with pytest.raises(Invalid, match="You cannot do this yourself"):
        decide_appeal(town, id, False, by="maya")
    decide_appeal(town, id, False, by="chen")
    assert standing(town, id) is S.CLOSED


def test_its_author_alone_opens_it_again_and_of_the_others_three_must_ask(town: Town) -> None:
    ids = [opened(town) for _number in range(2)]
    for id in ids:
        take_part(town, id, "eve", "finn", "gita")
        for step in (assign, decline):
            step(town, id)
    while any(standing(town, id) is not S.CLOSED for id in ids):
        wait_for(town, "appeal")
    reopen(town, ids[0])
    assert (standing(town, ids[0]), loop_in(town, ids[0]).reopened_count) == (S.REOPENED, 1)
    for name in ("eve", "eve", "finn"):
        reopen(town, ids[1], by=name)
        assert standing(town, ids[1]) is S.CLOSED
    with pytest.raises(Invalid, match="Write the reason"):
        reopen(town, ids[1], by="gita", text=" ")
    with pytest.raises(Invalid, match="Only those who wrote it"):
        reopen(town, ids[1], by="boris")
    reopen(town, ids[1], by="gita")
    assert standing(town, ids[1]) is S.REOPENED
    answer(town, ids[1])


def test_after_a_year_it_is_opened_no_more(town: Town) -> None:
    id = declined(town)
    wait_for(town, "appeal", id)
    town.world.clock.advance(365 * DAY)
    reopen(town, id, by="eve")
    town.world.clock.advance(DAY)
    with pytest.raises(Invalid, match="closed too long ago"):
        reopen(town, id)
