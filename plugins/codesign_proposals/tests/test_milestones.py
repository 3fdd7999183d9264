"""Milestones: dated steps, past and planned, entered by the author or the staff."""

from datetime import timedelta
from typing import Any

import pytest
from markupsafe import Markup
from sqlalchemy import select

from codesign.testing import Town
from codesign_proposals.milestones import MOST
from codesign_proposals.proposals import Milestone
from codesign_proposals.tests.making import proposal_id
from tests.making import neighbours

FORM = {"title": "The council talks about it", "day": "2026-05-06", "text": "In the *town hall*, at six."}


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("proposals")


def add(town: Town, id: int, name: str = "anna", **changed: str) -> Any:
    return town.client(name).post(f"/proposals/{id}/milestones", data={**FORM, **changed})


def entered(town: Town) -> list[tuple[int, str]]:
    with town.read() as db:
        return [(row.id, row.title) for row in db.scalars(select(Milestone).order_by(Milestone.on, Milestone.id))]


@pytest.mark.parametrize("name", ["anna", "boris", "chen", "maya"])
def test_its_author_and_the_staff_enter_a_step_that_everybody_reads(town: Town, name: str) -> None:
    id = proposal_id(town)
    readers = [town.client(), town.client("anna"), town.client("chen")]
    assert [FORM["title"] in reader.get(f"/proposals/{id}").text for reader in readers * 2] == [False] * 6
    assert add(town, id, name).status_code == 303
    for reader in readers * 2:
        html = reader.get(f"/proposals/{id}").text
        assert (FORM["title"] in html, "6 May 2026" in html, "<em>town hall</em>" in html) == (True, True, True)


def test_a_step_is_planned_until_its_day_begins_in_the_town(town: Town) -> None:
    settings = {"title": "Alder", "about": "", "accent": "blue", "locale": "en", "zone": "Asia/Almaty"}
    assert town.client("maya").post("/admin/settings", data=settings).status_code == 303
    id, clock = proposal_id(town), town.world.clock
    add(town, id)
    readers = [town.client(), town.client("boris")] * 2
    clock.advance(timedelta(hours=34) - timedelta(seconds=1))  # 5 May, 23:59:59 in Almaty
    planned = [">Planned<" in reader.get(f"/proposals/{id}").text for reader in readers]
    clock.advance(timedelta(seconds=1))
    assert (planned, [">Planned<" in reader.get(f"/proposals/{id}").text for reader in readers]) == (
        [True] * 4,
        [False] * 4,
    )


def test_they_stand_in_the_order_of_their_days(town: Town) -> None:
    id = proposal_id(town)
    for day, title in (("2026-09-01", "Built"), ("2025-01-31", "First idea"), ("2026-05-04", "Published")):
        add(town, id, day=day, title=title)
    html = town.client().get(f"/proposals/{id}").text
    assert html.index("First idea") < html.index("Published") < html.index("Built")


def test_who_entered_it_changes_and_removes_it_and_so_does_the_staff(town: Town) -> None:
    id = proposal_id(town)
    add(town, id)
    add(town, id, "chen", title="Chen's step")
    (own, _title), (chens, _other) = entered(town)
    anna, boris = town.client("anna"), town.client("boris")
    refused = anna.post(f"/proposals/{id}/milestones/{chens}", data=FORM)
    assert (refused.status_code, "Somebody else entered" in refused.text) == (403, True)
    assert [anna.get(f"/proposals/{id}/milestones/{chens}").status_code,
            anna.post(f"/proposals/{id}/milestones/{chens}/remove").status_code] == [403, 403]  # fmt: skip
    listed = anna.get(f"/proposals/{id}/milestones").text
    assert (f"/milestones/{own}" in listed, f"/milestones/{chens}" in listed) == (True, False)
    assert 'value="2026-05-06"' in anna.get(f"/proposals/{id}/milestones/{own}").text
    changed = {**FORM, "title": "It was put off", "day": "2026-06-01"}
    assert anna.post(f"/proposals/{id}/milestones/{own}", data=changed).status_code == 303
    assert "1 June 2026" in town.client().get(f"/proposals/{id}").text
    assert boris.post(f"/proposals/{id}/milestones/{own}/remove").status_code == 303
    assert entered(town) == [(chens, "Chen's step")]
    assert anna.post(f"/proposals/{id}/milestones/{own}/remove").status_code == 404


def test_a_milestone_is_found_only_under_its_own_proposal(town: Town) -> None:
    id, other = proposal_id(town), proposal_id(town, "Another roof")
    add(town, id)
    ((milestone, _title),) = entered(town)
    assert town.client("anna").post(f"/proposals/{other}/milestones/{milestone}", data=FORM).status_code == 404


def test_others_enter_nothing_and_nothing_is_entered_for_what_is_hidden(town: Town) -> None:
    id, hidden = proposal_id(town), proposal_id(town, "Hidden", hidden_at=town.world.clock.now())
    neighbours(town, 1)
    assert [add(town, id, "neighbour0").status_code, add(town, hidden, "chen").status_code] == [403, 404]
    assert town.client().get(f"/proposals/{id}/milestones").status_code == 303
    assert entered(town) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", ""), ("title", "x"), ("title", "x" * 121), ("day", ""), ("day", "tomorrow"), ("day", "2026-02-30"),
     ("day", "0001-01-01"), ("day", "9999-12-31"), ("day", "x" * 5000), ("text", "x" * 2001)],
)  # fmt: skip
def test_what_cannot_be_a_milestone_comes_back_with_what_was_typed(town: Town, field: str, value: str) -> None:
    id = proposal_id(town)
    answer = add(town, id, **{field: value})
    assert (answer.status_code, f'id="{field}-error"' in answer.text) == (422, True)
    assert (FORM["title"] in answer.text or field == "title", entered(town)) == (True, [])


def test_there_are_at_most_fifty(town: Town) -> None:
    id, now = proposal_id(town), town.world.clock.now()
    with town.write() as db:
        anna = town.person(db, "anna")
        for number in range(MOST):
            told = {"title": f"Step {number}", "on": now.date(), "text": "", "html": Markup(), "created_at": now}
            db.add(Milestone(proposal_id=id, author_id=anna.id, **told))
    refused = add(town, id)
    assert (refused.status_code, "at most 50 milestones" in refused.text, FORM["title"] in refused.text) == (
        422,
        True,
        True,
    )
