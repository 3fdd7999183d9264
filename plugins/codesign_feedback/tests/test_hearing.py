"""Who hears when somebody is missing: no owner, nobody at the authority, an erased head, helpers, another town."""

import pytest
from sqlalchemy import func, select

from codesign.core.authorities import set_members
from codesign.core.contributions import Contribution
from codesign.core.notices import Mail, Notice
from codesign.core.users import Role
from codesign.events import Event
from codesign.testing import Town
from codesign_feedback.loop import STEPS, Circle, Code, State
from codesign_feedback.receipts import issue
from codesign_feedback.stage import told_of
from codesign_feedback.tests.making import (
    PARKS,
    an_authority,
    authority_of,
    events,
    held,
    more_people,
    now,
    opened,
    take_part,
    wait_for,
)
from codesign_feedback.tests.walking import answer, assign, transfer, walked


@pytest.fixture
def town(alder: Town) -> Town:
    more_people(alder.enable("feedback"), "olga", "hugo", role=Role.OFFICIAL)
    return alder


def escalated(town: Town, id: int) -> None:
    while events(town, id)[-1] != "escalated":
        wait_for(town, "answer", id)


def test_without_an_owner_everybody_at_the_authority_is_reminded(town: Town) -> None:
    an_authority(town, people=("chen", "olga"))
    id = opened(town)
    assign(town, id, owner="")
    wait_for(town, "answer", id)
    assert set(told_of(town, id, "reminded")) == {"chen", "olga"}


def test_when_nobody_works_at_the_authority_the_administrators_are_reminded(town: Town) -> None:
    an_authority(town, people=())
    id = opened(town)
    assign(town, id, owner="")
    wait_for(town, "answer", id)
    assert set(told_of(town, id, "reminded")) == {"maya"}


def test_an_owner_who_has_left_is_not_counted_on(town: Town) -> None:
    an_authority(town, people=("chen",))
    id = opened(town)
    assign(town, id, by="chen", owner="olga")
    with town.write() as db:
        town.person(db, "olga").erased_at = now(town)
    wait_for(town, "answer", id)
    assert set(told_of(town, id, "reminded")) == {"chen"}


@pytest.mark.parametrize(("head", "told"), [("hugo", {"hugo"}), ("", {"maya"})])
def test_the_head_hears_what_is_over_and_without_one_the_administrators(town: Town, head: str, told: set[str]) -> None:
    an_authority(town, head=head)
    id = opened(town)
    assign(town, id)
    escalated(town, id)
    assert set(told_of(town, id, "escalated")) == told


def test_the_former_authority_hears_that_it_was_handed_over_even_when_its_owner_has_changed_since(town: Town) -> None:
    an_authority(town, people=("chen", "olga"))
    an_authority(town, "Roads department", people=("hugo",))
    id = opened(town)
    assign(town, id, owner="olga")
    transfer(town, id)
    assert told_of(town, id, "transferred") == {
        "anna": "You wrote it.", "hugo": "It is your task, or your authority's.",
        "olga": "It was your task, or your authority's.",
    }  # fmt: skip


def test_who_has_several_reasons_is_told_once_by_the_nearest_one(town: Town) -> None:
    id = opened(town, author="chen")
    take_part(town, id, "boris", "olga", "chen")
    with held(town, id) as it:
        issue(it.db, it.thing, it.now, helper=it.person("olga"))
    answer(town, id, Code.FORWARDED, by="maya")
    assert told_of(town, id, "answered") == {
        "chen": "You wrote it.", "boris": "You took part: you commented or voted.",
        "olga": "You took part: you commented or voted.",
    }  # fmt: skip


def test_nobody_of_another_town_hears_anything(town: Town, birch: Town) -> None:
    walked(town.enable("feedback"), State.LAPSED, "boris")
    birch.enable("feedback").tick()
    with birch.read() as db:
        assert db.scalar(select(func.count(Notice.id))) == db.scalar(select(func.count(Event.id))) == 0


def test_official_answers_come_at_once_and_all_other_news_of_the_public_kind_waits_for_the_daily_letter(
    town: Town,
) -> None:
    at_once = {step.verb for step in STEPS.values() if step.at_once}
    assert at_once == {"answer", "decline", "uphold", "grant", "remind", "escalate", "publish_overdue"}
    public = {step.verb for step in STEPS.values() if Circle.FOLLOWERS in step.told and step.at_once}
    assert public == {"answer", "decline", "uphold", "grant"}
    id = opened(town)
    take_part(town, id, "boris")
    answer(town, id)
    told_of(town, id, "answered")
    with town.read() as db:
        assert set(db.scalars(select(Notice.mail))) == {Mail.OWN, Mail.WAITING}


def test_the_audience_of_any_size_is_a_query_and_never_a_list(town: Town) -> None:
    """Whoever records a step asks as many questions with a hundred participants as with one."""
    an_authority(town)
    counts = []
    for number in (1, 30):
        names = tuple(f"p{number}x{place}" for place in range(number))
        more_people(town, *names)
        id = opened(town)
        take_part(town, id, *names)
        with town.counted() as asked:
            answer(town, id, Code.FORWARDED)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    with town.write() as db:
        set_members(db, authority_of(db, PARKS), set())
        assert db.scalar(select(func.count(Contribution.id))) == 2
