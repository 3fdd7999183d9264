"""Threshold rules of topics and areas: who makes them, what they may be, and what they change."""

from typing import Any

import pytest
from sqlalchemy import select

from codesign.core.contributions import get_of_kind
from codesign.core.topics import ensure_topic
from codesign.testing import Town
from codesign_proposals.proposals import Proposal, Threshold
from codesign_proposals.tests.making import proposal_id
from tests.test_concurrency import at_once, posting

URL = "/proposals/thresholds"


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("proposals")


@pytest.fixture
def places(town: Town) -> tuple[int, int]:
    """A topic and an area."""
    with town.write() as db:
        topic = ensure_topic(db, "Markets")
    return topic, town.area("Old Town")


def add(town: Town, place: str, supporters: str = "", percent: str = "", name: str = "maya") -> Any:
    form = {"place": place, "supporters": supporters, "percent": percent}
    return town.client(name).post(URL, data=form)


def stored(town: Town) -> list[tuple[int | None, int | None, int | None, int | None]]:
    with town.read() as db:
        rows = db.scalars(select(Threshold).order_by(Threshold.id))
        return [(row.topic_id, row.area_id, row.supporters, row.share) for row in rows]


def needs(town: Town, id: int) -> int:
    with town.read() as db:
        return get_of_kind(db, Proposal, id).threshold


def test_rules_are_added_changed_and_removed_and_hold_for_what_is_published_afterwards(
    town: Town, places: tuple[int, int]
) -> None:
    topic, area = places
    before = proposal_id(town, topic_id=topic)
    assert [add(town, f"topic:{topic}", "500").status_code, add(town, f"area:{area}", "", "2,5").status_code] == [
        303,
        303,
    ]
    assert stored(town) == [(topic, None, 500, None), (None, area, None, 25)]
    html = town.client("maya").get(URL).text
    for words in ("Markets", "500 supporters", "Old Town", "2.5 % of the registered residents", "For the town: 100"):
        assert words in html
    first = proposal_id(town, "Another roof", topic_id=topic)
    with town.read() as db:
        ids = db.scalars(select(Threshold.id).order_by(Threshold.id)).all()
    maya = town.client("maya")
    assert 'value="2.5"' in maya.get(f"{URL}/{ids[1]}").text
    assert maya.post(f"{URL}/{ids[0]}", data={"supporters": "1 200", "percent": ""}).status_code == 303
    second = proposal_id(town, "A third roof", topic_id=topic)
    assert [maya.post(f"{URL}/{id}/remove").status_code for id in (*ids, ids[0])] == [303, 303, 404]
    third = proposal_id(town, "A fourth roof", topic_id=topic)
    assert [needs(town, id) for id in (before, first, second, third)] == [100, 500, 1200, 100]
    assert stored(town) == []


@pytest.mark.parametrize(
    ("supporters", "percent", "field"),
    [("", "", "supporters"), ("5", "5", "supporters"), ("0", "", "supporters"), ("-1", "", "supporters"), ("x", "", "supporters"),
     ("1.5", "", "supporters"), ("٥", "", "supporters"), ("10000001", "", "supporters"), ("9" * 5000, "", "supporters"),
     ("NaN", "", "supporters"), ("", "0", "percent"), ("", "100.1", "percent"), ("", "0.05", "percent"), ("", "nan", "percent"),
     ("", "1e1", "percent"), ("", "-5", "percent"), ("", "9" * 5000, "percent"), ("\0", "", "supporters")],
)  # fmt: skip
def test_an_amount_that_cannot_be_comes_back_beside_its_field(
    town: Town, places: tuple[int, int], supporters: str, percent: str, field: str
) -> None:
    refused = add(town, f"topic:{places[0]}", supporters, percent)
    assert (refused.status_code, f'id="{field}-error"' in refused.text, stored(town)) == (422, True, [])
    typed = (supporters or percent).strip("\0")
    assert (f'value="{typed}"' in refused.text or not typed, "selected" in refused.text) == (True, True)
    assert add(town, f"topic:{places[0]}", "10").status_code == 303
    with town.read() as db:
        id = db.scalars(select(Threshold.id)).one()
    changed = town.client("maya").post(f"{URL}/{id}", data={"supporters": supporters, "percent": percent})
    assert (changed.status_code, stored(town)) == (422, [(places[0], None, 10, None)])


@pytest.mark.parametrize("place", ["", "topic:", "topic:999", "area:x", "5", "topic:1; DROP", "user:1", "\0"])
def test_a_place_that_is_none_is_refused(town: Town, places: tuple[int, int], place: str) -> None:
    refused = add(town, place, "500")
    assert (refused.status_code, 'id="place-error"' in refused.text, stored(town)) == (422, True, [])


def test_there_is_one_rule_for_a_place_also_at_the_same_moment(town: Town, places: tuple[int, int]) -> None:
    form = {"place": f"area:{places[1]}", "supporters": "50", "percent": ""}
    assert at_once([posting(town, "maya", URL, form) for _tab in range(3)]) == [303, 422, 422]
    again = add(town, f"area:{places[1]}", "60")
    assert (again.status_code, "There is a rule for it already" in again.text, len(stored(town))) == (422, True, 1)


@pytest.mark.parametrize("name", [None, "anna", "boris", "chen"])
def test_only_administrators_see_and_make_rules(town: Town, places: tuple[int, int], name: str | None) -> None:
    assert add(town, f"topic:{places[0]}", "500").status_code == 303
    client, otherwise = town.client(name), 303 if name is None else 403
    assert [client.get(url).status_code for url in (URL, f"{URL}/1")] == [otherwise] * 2
    posts = [client.post(url, data={"supporters": "1"}).status_code for url in (URL, f"{URL}/1", f"{URL}/1/remove")]
    assert posts == [otherwise] * 3
    assert stored(town) == [(places[0], None, 500, None)]


def test_the_administration_leads_to_them(town: Town) -> None:
    assert 'href="/proposals/thresholds"' in town.client("maya").get("/admin/").text
    assert "No topic and no area has a threshold of its own." in town.client("maya").get(URL).text
