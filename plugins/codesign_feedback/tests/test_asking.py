"""Is it done? Who is asked, who decides, and when enough have said so."""

import pytest

from codesign.core.contributions import Contribution
from codesign.kit import Invalid
from codesign.testing import Town
from codesign_feedback.asking import reply as say
from codesign_feedback.loop import Code, Outcome, State
from codesign_feedback.receipts import issue
from codesign_feedback.tests.making import (
    DAY,
    comment,
    decide_settings,
    events,
    held,
    loop_in,
    more_people,
    now,
    opened,
    standing,
    take_part,
    wait_for,
)
from codesign_feedback.tests.walking import answer, asked, deliver, reply

S = State
PEOPLE = ("eve", "finn", "gita", "hana", "ivan")


@pytest.fixture
def town(alder: Town) -> Town:
    more_people(alder.enable("feedback"), *PEOPLE)
    return alder


def story(town: Town, *voters: str) -> int:
    """A delivered story; Anna and these are being asked."""
    id = opened(town)
    take_part(town, id, *voters)
    asked(town, id)
    return id


def with_receipt(town: Town, id: int, solved: bool) -> None:
    with held(town, id) as it:
        receipt = issue(it.db, it.thing, it.now, helper=it.person("chen"), label="window 3")
        it.tell(say(it.db, it.loop, it.thing, solved, "", it.rules, it.now, receipt=receipt))


def test_four_weeks_after_delivery_those_who_took_part_are_asked_once_and_once_more(town: Town) -> None:
    id = story(town, "eve", "finn", "gita")
    assert (str(now(town)), loop_in(town, id).asked_count) == ("2026-06-01 09:00:00+00:00", 4)
    wait_for(town, "replies", id)
    assert (str(now(town)), events(town, id)[-1]) == ("2026-06-30 09:00:00+00:00", "asked_again")
    wait_for(town, "replies_again", id)
    loop = loop_in(town, id)
    assert (str(now(town)), loop.state, loop.outcome) == ("2026-07-29 09:00:00+00:00", S.CLOSED, Outcome.UNVERIFIED)
    assert loop.closed_at == now(town)


@pytest.mark.parametrize(("yes", "no", "state"), [
    (3, 0, S.VERIFIED), (3, 2, S.VERIFIED), (2, 1, S.VERIFIED), (1, 1, S.DELIVERED), (2, 2, S.DISPUTED),
    (0, 3, S.DISPUTED), (1, 2, S.DISPUTED), (2, 0, S.DELIVERED),
])  # fmt: skip
def test_sixty_percent_of_at_least_three_replies_verify_it(town: Town, yes: int, no: int, state: State) -> None:
    id = story(town, *PEOPLE)
    for place, name in enumerate(PEOPLE[: yes + no]):
        reply(town, id, name, solved=place < yes)
    assert standing(town, id) is S.DELIVERED  # until the term is over they may change their minds
    wait_for(town, "replies", id)
    assert standing(town, id) is state


def test_when_everybody_has_replied_it_is_decided_at_once(town: Town) -> None:
    id = story(town, "eve")
    reply(town, id, "eve")
    assert standing(town, id) is S.DELIVERED
    reply(town, id, "anna")
    loop = loop_in(town, id)
    assert (loop.state, loop.outcome, loop.verified_at, loop.asked_at) == (
        S.VERIFIED,
        Outcome.VERIFIED,
        now(town),
        None,
    )
    with pytest.raises(Invalid, match="Nobody is asked"):
        reply(town, id, "eve", solved=False)


def test_somebody_may_change_their_mind_and_is_counted_once(town: Town) -> None:
    id = story(town, *PEOPLE)
    for solved in (True, False, False, True, True):
        reply(town, id, "eve", solved)
        loop = loop_in(town, id)
        assert (loop.solved_count, loop.unsolved_count) == (int(solved), int(not solved))


def test_who_neither_wrote_nor_commented_nor_voted_says_nothing_about_it(town: Town) -> None:
    id = story(town, "eve")
    with pytest.raises(Invalid, match="Only those who wrote it"):
        reply(town, id, "boris")


@pytest.mark.parametrize("name", ["chen", "maya"])
def test_who_works_for_the_town_is_neither_asked_nor_heard_even_after_voting(town: Town, name: str) -> None:
    id = opened(town)
    take_part(town, id, name, "eve")
    comment(town, id, name)
    asked(town, id)
    assert loop_in(town, id).asked_count == 2
    with pytest.raises(Invalid, match="You work for the town"):
        reply(town, id, name)


def test_what_an_official_wrote_and_nobody_joined_is_never_verified(town: Town) -> None:
    id = opened(town, author="chen")
    asked(town, id)
    assert loop_in(town, id).asked_count == 0
    for clock in ("replies", "replies_again"):
        with_receipt(town, id, solved=True)
        wait_for(town, clock, id)
    assert (standing(town, id), loop_in(town, id).outcome) == (S.CLOSED, Outcome.UNVERIFIED)


def test_receipts_that_officials_hand_out_outvote_nobody(town: Town) -> None:
    id = story(town, "eve", "finn")
    for _person in range(10):
        with_receipt(town, id, solved=True)
    reply(town, id, "eve", solved=False)
    wait_for(town, "replies", id)
    assert (standing(town, id), events(town, id)[-1]) == (S.DELIVERED, "asked_again")
    for name in ("anna", "finn"):
        reply(town, id, name)
    loop = loop_in(town, id)
    assert (loop.state, loop.solved_count, loop.unsolved_count) == (S.VERIFIED, 12, 1)


def test_people_without_an_account_can_dispute_what_the_town_says_is_done(town: Town) -> None:
    id = story(town)
    for solved in (False, False, False):
        with_receipt(town, id, solved)
    wait_for(town, "replies", id)
    assert standing(town, id) is S.DISPUTED


def test_a_receipt_of_something_else_or_of_somebody_with_an_account_says_nothing(town: Town) -> None:
    id, other = story(town), opened(town)
    for of, owner in ((other, None), (id, "anna")):
        with pytest.raises(Invalid, match="Sign in"), held(town, id) as it:
            thing = it.db.get_one(Contribution, of)
            receipt = issue(it.db, thing, it.now, user=it.person(owner) if owner else None)
            say(it.db, it.loop, it.thing, True, "", it.rules, it.now, receipt=receipt)
    assert loop_in(town, id).solved_count == 0


def test_a_town_may_ask_for_more_replies_and_a_larger_share(town: Town) -> None:
    decide_settings(town, fewest_replies=5, verified_percent=100)
    id = story(town, *PEOPLE)
    for name in PEOPLE[:4]:
        reply(town, id, name)
    wait_for(town, "replies", id)
    assert standing(town, id) is S.DELIVERED
    reply(town, id, PEOPLE[4])
    wait_for(town, "replies_again", id)
    assert standing(town, id) is S.VERIFIED


def test_a_dispute_is_answered_within_two_weeks_and_asked_about_anew(town: Town) -> None:
    id = story(town, "eve", "finn", "gita")
    for name in ("eve", "finn", "gita", "anna"):
        reply(town, id, name, solved=False)
    assert str(loop_in(town, id).due_at - now(town)) == f"{14} days, 15:00:00"  # type: ignore[operator]
    answer(town, id, Code.SOLVED_ALREADY)
    town.world.clock.advance(DAY)
    town.tick()
    loop = loop_in(town, id)
    assert (loop.round, loop.solved_count, loop.unsolved_count, loop.asked_count) == (2, 0, 0, 4)
    for name in ("eve", "finn", "gita", "anna"):
        reply(town, id, name)
    assert standing(town, id) is S.VERIFIED


def test_what_was_delivered_is_not_delivered_again(town: Town) -> None:
    id = story(town)
    with pytest.raises(StopIteration):
        deliver(town, id)
