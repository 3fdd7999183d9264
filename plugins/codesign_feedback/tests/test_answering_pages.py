"""Officials answer in one screen: nothing incomplete is published, nothing typed is lost, nobody answers over another."""

from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from sqlalchemy import select

from codesign.testing import Town
from codesign_feedback.answers import Answer, Commitment
from codesign_feedback.loop import State
from codesign_feedback.tests.making import PARKS, an_authority, events, loop_in, opened, standing, take_part
from codesign_feedback.tests.walking import appeal, decline

TEXT = "We will build the crossing at the school in August."
GOOD = {
    "code": "accepted_as_is", "text": TEXT, "authority": "1", "refusal": "", "until": "", "owner": "", "due_on": "",
    "deliverable": "", "seen": "0",
}  # fmt: skip
PROMISE = {"owner": "Office of works", "due_on": "2026-08-31", "deliverable": "A zebra crossing"}


@pytest.fixture
def town(alder: Town) -> Town:
    an_authority(alder, PARKS, people=("chen",))
    return alder.enable("feedback")


def send(town: Town, id: int, who: str = "chen", **changed: str) -> Any:
    return town.client(who).post(f"/feedback/{id}/answer", data={**GOOD, **changed})


def test_an_answer_is_published_and_everybody_who_took_part_gets_it_at_once(town: Town) -> None:
    id = opened(town)
    take_part(town, id, "boris")
    town.send_mail()
    assert send(town, id).headers["location"] == f"/feedback/{id}"
    assert (standing(town, id), events(town, id)[-1]) == (State.ANSWERED, "answered")
    assert TEXT in town.client().get(f"/threads/{id}").text
    told = sorted(letter.read_text().split("\nTo: ")[1].split("\n")[0] for letter in town.send_mail()[-2:])
    assert told == ["anna@alder.example", "boris@alder.example"]


def test_a_yes_with_a_promise_is_one_go_and_its_letter_says_both(town: Town) -> None:
    id = opened(town)
    town.send_mail()
    assert send(town, id, **PROMISE).status_code == 303
    assert (standing(town, id), events(town, id)[-2:]) == (State.COMMITTED, ["answered", "committed"])
    with town.read() as db:
        kept = db.scalars(select(Commitment)).one()
    assert {"owner": kept.owner, "due_on": str(kept.due_on), "deliverable": kept.deliverable} == PROMISE
    letter = message_from_bytes(town.send_mail()[-1].read_bytes(), policy=policy.default)
    text = letter.get_body(("plain",)).get_content()
    said = (
        TEXT, "What will be there: A zebra crossing", "Who does it: Office of works", "By when: 31 August 2026",
        "the town writes news of the work",
    )  # fmt: skip
    assert [words for words in said if words not in text] == []


MISSING = [
    ({"code": ""}, {"code": "Choose what is decided."}),
    ({"text": " \n"}, {"text": "Write the reason: everybody concerned reads it."}),
    ({"authority": ""}, {"authority": "Choose which authority is responsible."}),
    ({"code": "declined"}, {"refusal": "Choose why it is declined."}),
    ({"code": "deferred"}, {"until": "Give the day on which it is looked at again."}),
    ({"owner": "Works"}, {"due_on": "Give the day by which it will be done.", "deliverable": "Write what will be there when it is done."}),
    ({"due_on": "2026-08-31"}, {"owner": "Write who will do it.", "deliverable": "Write what will be there when it is done."}),
    ({"code": "", "text": "", "authority": ""}, {"code": "Choose what is decided.", "text": "Write the reason", "authority": "Choose which"}),
]  # fmt: skip
IMPOSSIBLE = [
    ({"code": "perhaps"}, "code"), ({"code": "declined", "refusal": "x"}, "refusal"), ({"authority": "77"}, "authority"),
    ({"authority": "9" * 400}, "authority"), ({"code": "deferred", "until": "2026-05-04"}, "until"),
    ({"code": "deferred", "until": "soon"}, "until"), ({"code": "deferred", "until": "0001-01-01"}, "until"),
    ({**PROMISE, "due_on": "2026-05-03"}, "due_on"), ({**PROMISE, "due_on": "9999-12-31"}, "due_on"),
    ({**PROMISE, "code": "declined", "refusal": "illegal"}, "owner"), ({**PROMISE, "owner": "x" * 201}, "owner"),
    ({"text": "x" * 20_001}, "text"),
]  # fmt: skip


def test_an_answer_cannot_be_sent_incomplete_and_each_missing_field_says_what_to_do(town: Town) -> None:
    id = opened(town)
    for changed, sentences in MISSING:
        answer = send(town, id, **changed)
        assert answer.status_code == 422, changed
        for field, sentence in sentences.items():
            assert f'id="{field}-error"' in answer.text, (changed, field)
            assert sentence in answer.text, (changed, field)
        assert "text" in changed or TEXT in answer.text
    for changed, field in IMPOSSIBLE:
        answer = send(town, id, **changed)
        assert (answer.status_code, f'id="{field}-error"' in answer.text) == (422, True), (changed, answer.text[-3000:])
    assert (standing(town, id), events(town, id)) == (State.ACKNOWLEDGED, ["received", "acknowledged"])
    with town.read() as db:
        assert (db.scalars(select(Answer)).all(), db.scalars(select(Commitment)).all()) == ([], [])
    assert loop_in(town, id).authority_id is None


def test_who_is_overtaken_by_somebody_elses_answer_is_told_and_loses_nothing(town: Town) -> None:
    id = opened(town)
    assert send(town, id, who="maya", text="No news yet, but soon.").status_code == 303
    late = send(town, id)
    assert late.status_code == 409
    assert "Maya has answered this meanwhile" in late.text
    assert (TEXT in late.text, "No news yet, but soon." in late.text) == (True, True)
    with town.read() as db:
        [first] = db.scalars(select(Answer))
    again = send(town, id, seen=str(first.id))
    assert (again.status_code, TEXT in again.text, events(town, id).count("answered")) == (422, True, 1)


def test_an_answer_that_is_no_longer_possible_is_refused_with_the_state_and_nothing_is_lost(town: Town) -> None:
    id = opened(town)
    decline(town, id)
    appeal(town, id)
    with town.read() as db:
        [first] = db.scalars(select(Answer))
    answer = send(town, id, seen=str(first.id))
    assert (answer.status_code, TEXT in answer.text) == (422, True)
    assert "Somebody has appealed." in answer.text


@pytest.mark.parametrize("who", [None, "anna", "boris"])
def test_only_officials_reach_what_officials_do(town: Town, who: str | None) -> None:
    id = opened(town)
    client = town.client(who)
    assert client.get(f"/feedback/{id}").headers["location"] == f"/threads/{id}"
    for page in (
        "answer",
        "assign",
        "transfer",
        "return",
        "extend",
        "decide",
        "commit",
        "progress",
        "deliver",
        "receipts",
    ):
        for method in ("GET", "POST"):
            status = client.request(method, f"/feedback/{id}/{page}", data={"text": "x"}).status_code
            assert status in ((403,) if who else (303, 403)), (page, method, status)
    for path in (f"{id}/take", f"{id}/take-up", f"{id}/notes", f"{id}/answer/discard", "several", "calendar"):
        assert client.post(f"/feedback/{path}", data={"note": "x"}).status_code in ((403,) if who else (303, 403)), path
    assert events(town, id) == ["received", "acknowledged"]


def test_an_authority_is_said_it_is_taken_in_hand_handed_over_and_given_more_time(town: Town) -> None:
    an_authority(town, "Roads department", people=())
    id = opened(town)
    chen = town.client("chen")
    assert chen.post(f"/feedback/{id}/assign", data={"authority": "1", "owner": ""}).status_code == 303
    assert chen.post(f"/feedback/{id}/take").status_code == 303
    assert (standing(town, id), loop_in(town, id).owner_id is not None) == (State.UNDER_REVIEW, True)
    assert "In the hands of" in town.client().get(f"/threads/{id}").text
    wrong = chen.post(f"/feedback/{id}/assign", data={"authority": "2", "owner": ""})
    assert (wrong.status_code, "Hand it over instead" in wrong.text) == (422, True)
    maya = town.client("maya")
    assert maya.post(f"/feedback/{id}/transfer", data={"authority": "1", "text": "Theirs."}).status_code == 422
    assert maya.post(f"/feedback/{id}/transfer", data={"authority": "2", "text": ""}).status_code == 422
    assert maya.post(f"/feedback/{id}/transfer", data={"authority": "2", "text": "Their road."}).status_code == 303
    assert chen.post(f"/feedback/{id}/extend", data={"text": "The engineer is ill."}).status_code == 303
    assert chen.post(f"/feedback/{id}/extend", data={"text": "Still ill."}).status_code == 422
    assert events(town, id)[2:] == ["assigned", "review_begun", "transferred", "extended"]


def test_somebody_who_does_not_work_there_cannot_have_it_in_hand(town: Town) -> None:
    an_authority(town, "Roads department", people=())
    id = opened(town)
    with town.read() as db:
        chen = town.person(db, "chen").id
    answer = town.client("maya").post(f"/feedback/{id}/assign", data={"authority": "2", "owner": str(chen)})
    assert (answer.status_code, "Chen does not work at" in answer.text) == (422, True)
    assert (standing(town, id), loop_in(town, id).owner_id) == (State.ACKNOWLEDGED, None)


def test_an_appeal_is_decided_by_somebody_else_and_the_page_says_so(town: Town) -> None:
    id = opened(town)
    decline(town, id)
    appeal(town, id)
    chen, maya = town.client("chen"), town.client("maya")
    assert "Somebody else at the town must decide the appeal." in chen.get(f"/feedback/{id}").text
    assert "Publish the decision" not in chen.get(f"/feedback/{id}/decide").text
    assert chen.post(f"/feedback/{id}/decide", data={"granted": "no", "text": "As before."}).status_code == 422
    assert "There is money for worse." in maya.get(f"/feedback/{id}/decide").text
    assert maya.post(f"/feedback/{id}/decide", data={"granted": "", "text": "x"}).status_code == 422
    assert maya.post(f"/feedback/{id}/decide", data={"granted": "yes", "text": "There is."}).status_code == 303
    assert (standing(town, id), events(town, id)[-1]) == (State.REOPENED, "granted")


def test_an_official_takes_up_what_the_town_owed_no_answer_yet(town: Town) -> None:
    town.disable("feedback")
    id = opened(town)
    town.enable("feedback")
    chen = town.client("chen")
    assert f'href="/feedback/{id}"' in chen.get(f"/threads/{id}").text
    assert f'href="/feedback/{id}"' not in town.client("anna").get(f"/threads/{id}").text
    assert "The town owes no answer yet" in chen.get(f"/feedback/{id}").text
    assert chen.post(f"/feedback/{id}/take-up").status_code == 303
    assert chen.post(f"/feedback/{id}/take-up").status_code == 422
    assert events(town, id) == ["received", "acknowledged"]


def test_a_receipt_is_handed_out_and_its_code_is_in_no_address(town: Town) -> None:
    id = opened(town)
    chen = town.client("chen")
    made = chen.post(f"/feedback/{id}/receipts", data={"label": "the lady with the stroller"})
    slip = chen.get(made.headers["location"])
    assert f"{'http://alder.localhost'}/feedback/receipt" in slip.text
    assert "the lady with the stroller" in chen.get(f"/feedback/{id}/receipts").text
    assert town.client("maya").get(made.headers["location"]).status_code == 404
    assert chen.post(f"/feedback/{id}/receipts", data={"label": "x" * 81}).status_code == 422
    assert "lady" not in slip.text


def test_the_page_offers_one_thing_first_and_it_is_what_comes_next(town: Town) -> None:
    id = opened(town)
    chen = town.client("chen")
    first = '<p><a class="ds-button" href="/feedback/%s/%s">'
    assert first % (id, "answer") in chen.get(f"/feedback/{id}").text
    send(town, id)
    assert first % (id, "commit") in chen.get(f"/feedback/{id}").text
    assert chen.post(f"/feedback/{id}/commit", data=PROMISE).status_code == 303
    town.world.clock.advance(timedelta(days=31))
    town.tick()
    page = town.client("chen").get(f"/feedback/{id}").text
    assert first % (id, "deliver") in page
    assert "reminder" in page
