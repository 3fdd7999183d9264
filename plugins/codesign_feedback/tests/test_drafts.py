"""A draft of an answer keeps whatever was typed, for nobody but who typed it, until the answer is given."""

import pytest

from codesign.testing import Town
from codesign_feedback.tests.making import PARKS, an_authority, events, opened
from codesign_feedback.tests.test_answering_pages import GOOD, TEXT
from tests.nasty import sendable, strings

HALF = {"do": "draft", "text": "Dear neighbours, we", "due_on": "in summer", "owner": "Works", "code": "", "until": "x"}


@pytest.fixture
def town(alder: Town) -> Town:
    an_authority(alder, PARKS, people=("chen",))
    return alder.enable("feedback")


def test_a_draft_may_be_as_unfinished_as_it_is_and_comes_back_as_it_was_typed(town: Town) -> None:
    id = opened(town)
    chen = town.client("chen")
    assert chen.post(f"/feedback/{id}/answer", data=HALF).headers["location"] == f"/feedback/{id}/answer"
    page = chen.get(f"/feedback/{id}/answer").text
    for kept in ("Dear neighbours, we", 'value="in summer"', 'value="Works"', 'value="x"', "Only you can see it"):
        assert kept in page, kept
    assert chen.post(f"/feedback/{id}/answer", data={**HALF, "text": "Dear all"}).status_code == 303
    page = chen.get(f"/feedback/{id}/answer").text
    assert ("Dear all" in page, "Dear neighbours" in page) == (True, False)
    assert events(town, id) == ["received", "acknowledged"]


def test_a_draft_is_found_in_the_inbox_of_who_wrote_it_and_by_nobody_else(town: Town) -> None:
    id = opened(town)
    opened(town, title="Another story")
    chen, maya = town.client("chen"), town.client("maya")
    assert chen.post(f"/feedback/{id}/answer", data=HALF).status_code == 303
    mine, theirs = chen.get("/feedback/inbox?scope=drafts").text, maya.get("/feedback/inbox?scope=drafts").text
    assert ("Three visits" in mine, "Another story" in mine, "Three visits" in theirs) == (True, False, False)
    assert ("Your draft" in chen.get("/feedback/inbox").text, "Your draft" in maya.get("/feedback/inbox").text) == (
        True,
        False,
    )
    assert "Dear neighbours" not in maya.get(f"/feedback/{id}/answer").text


def test_the_drafts_of_all_are_gone_when_the_answer_is_given(town: Town) -> None:
    id = opened(town)
    chen, maya = town.client("chen"), town.client("maya")
    for client in (chen, maya):
        assert client.post(f"/feedback/{id}/answer", data=HALF).status_code == 303
    assert chen.post(f"/feedback/{id}/answer", data={**GOOD, "text": TEXT}).status_code == 303
    for client in (chen, maya):
        assert "Your draft" not in client.get("/feedback/inbox?group=open").text


def test_a_draft_can_be_discarded(town: Town) -> None:
    id = opened(town)
    chen = town.client("chen")
    assert chen.post(f"/feedback/{id}/answer", data=HALF).status_code == 303
    assert chen.post(f"/feedback/{id}/answer/discard").status_code == 303
    assert "Dear neighbours" not in chen.get(f"/feedback/{id}/answer").text


def test_a_draft_holds_the_strings_that_broke_others(town: Town, shared_data: object) -> None:
    id = opened(town)
    chen = town.client("chen")
    for string in strings(shared_data)[::60]:  # type: ignore[arg-type]
        assert chen.post(f"/feedback/{id}/answer", data={**HALF, "text": sendable(string)}).status_code == 303, string
        assert chen.get(f"/feedback/{id}/answer").status_code == 200, string
