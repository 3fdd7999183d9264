"""Several contributions that ask for the same get one answer: each gets it, and what cannot is named with the reason."""

import re

import pytest

from codesign.testing import Town
from codesign_feedback.loop import Code, State
from codesign_feedback.several import MOST
from codesign_feedback.tests.making import PARKS, an_authority, events, opened, standing, take_part
from codesign_feedback.tests.test_answering_pages import GOOD, PROMISE, TEXT
from codesign_feedback.tests.walking import answer

URL = "/feedback/several"


@pytest.fixture
def town(alder: Town) -> Town:
    an_authority(alder, PARKS, people=("chen",))
    return alder.enable("feedback")


def items(town: Town, *ids: int) -> list[str]:
    page = town.client("chen").get(f"{URL}?{'&'.join(f'id={id}' for id in ids)}")
    assert page.status_code == 200
    return re.findall(r'name="item" value="([^"]+)"', page.text)


def test_each_gets_the_answer_and_everybody_in_each_is_told(town: Town) -> None:
    ids = [opened(town, title=f"Crossing {number}") for number in range(3)]
    take_part(town, ids[1], "boris")
    town.send_mail()
    before = len(town.send_mail())
    sent = town.client("chen").post(URL, data={**GOOD, **PROMISE, "item": items(town, *ids)})
    assert sent.headers["location"] == "/feedback/inbox"
    assert {standing(town, id) for id in ids} == {State.COMMITTED}
    assert all(TEXT in town.client().get(f"/threads/{id}").text for id in ids)
    assert len(town.send_mail()) - before == 4


def test_what_somebody_answered_meanwhile_is_left_alone_and_named(town: Town) -> None:
    ids = [opened(town, title=f"Crossing {number}") for number in range(2)]
    chosen = items(town, *ids)
    answer(town, ids[0], Code.SOLVED_ALREADY, by="maya")
    sent = town.client("chen").post(URL, data={**GOOD, "item": [*chosen, "999-0"]})
    assert sent.status_code == 200
    for told in ("1 contribution is answered", "Crossing 0", "Somebody has answered this meanwhile.", "no longer here"):
        assert told in sent.text, told
    assert [events(town, id).count("answered") for id in ids] == [1, 1]
    again = town.client("chen").post(URL, data={**GOOD, "item": chosen})
    assert (again.status_code, [events(town, id).count("answered") for id in ids]) == (422, [1, 1])


def test_an_incomplete_answer_reaches_nobody_and_nothing_is_lost(town: Town) -> None:
    ids = [opened(town, title=f"Crossing {number}") for number in range(2)]
    sent = town.client("chen").post(URL, data={**GOOD, "code": "", "item": items(town, *ids)})
    assert (sent.status_code, TEXT in sent.text, "Choose what is decided." in sent.text) == (422, True, True)
    assert re.findall(r'value="([^"]+)" id="item-', sent.text) == items(town, *ids)
    assert town.client("chen").post(URL, data=GOOD).status_code == 422
    assert {standing(town, id) for id in ids} == {State.ACKNOWLEDGED}


def test_similar_ones_that_wait_are_offered_on_the_page(town: Town) -> None:
    id = opened(town, title="A crossing at the school in Mill Street")
    like = opened(town, title="Crossing at the school in Mill Street is needed")
    opened(town, title="The market should move to Saturday")
    done = opened(town, title="The crossing at the school in Mill Street, please")
    answer(town, done, Code.SOLVED_ALREADY)
    page = town.client("chen").get(f"/feedback/{id}").text
    assert re.findall(r'name="id" value="(\d+)"', page) == [str(id), str(like)]


def test_choices_that_make_no_sense_are_passed_over(town: Town) -> None:
    id = opened(town)
    chen = town.client("chen")
    garbage = ["x", "-1", "9" * 30, "\0", "1-", "-", "1-x", "٣"]
    query = "&".join(f"id={one}" for one in ["x", "-1", "9" * 30, "9" * 19, "%00"])
    assert chen.get(f"{URL}?{query}").headers["location"] == "/feedback/inbox"
    assert chen.post(URL, data={**GOOD, "item": garbage}).status_code == 422
    many = "&".join(f"id={number}" for number in [id, *range(100, 200)])
    assert chen.get(f"{URL}?{many}").status_code == 200
    assert MOST == 50
