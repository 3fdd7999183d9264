"""Receipts: whoever holds the code sees the fate, without an account; and nobody else does."""

import pytest
from sqlalchemy import select

from codesign.core.contributions import Contribution
from codesign.testing import Town
from codesign_debates.tests.making import debate_id
from codesign_feedback.loop import State
from codesign_feedback.receipts import issue, written
from codesign_feedback.tests import walking
from codesign_feedback.tests.making import happen, loop_in, opened, take_part
from codesign_feedback.tests.walking import walked
from codesign_feedback.voices import Receipt

PAGE = "/feedback/receipt"


def code_of(town: Town, id: int) -> str:
    """Of its author's receipt."""
    with town.read() as db:
        return written(db.scalars(select(Receipt.code).where(Receipt.contribution_id == id)).one())


def slip(town: Town, id: int) -> str:
    """The code of a receipt that Chen handed out to somebody without an account."""
    with town.write() as db:
        thing, now = db.get_one(Contribution, id), town.world.clock.now()
        return written(issue(db, thing, now, helper=town.person(db, "chen"), label="The lady in the blue coat").code)


def test_the_code_shows_the_fate_without_an_account_and_stands_in_no_address(alder: Town) -> None:
    alder.enable("feedback")
    id = walked(alder, State.DECLINED)
    client = alder.client()
    assert "The code of your receipt" in client.get(PAGE).text
    answer = client.post(PAGE, data={"code": code_of(alder, id)})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    for words in ("Three visits", "Declined", "There is no money for it", "30 days left", "Step by step"):
        assert words in answer.text
    assert code_of(alder, id) not in "".join(answer.headers.values())


@pytest.mark.parametrize(
    "change", [str.lower, lambda code: code.replace("-", " "), lambda code: f"  {code.replace('-', '')} "]
)
def test_it_does_not_matter_how_the_code_is_written(alder: Town, change: object) -> None:
    id = opened(alder.enable("feedback"))
    typed = change(code_of(alder, id))  # type: ignore[operator]
    assert alder.client().post(PAGE, data={"code": typed}).status_code == 200


@pytest.mark.parametrize(
    "code", ["", "  ", "AAAA-BBBB-CCCC", "7KQM", "x" * 5000, "'; DROP TABLE receipt; --", "\0\ufffe", "🦊" * 12]
)
def test_a_code_that_is_none_comes_back_with_a_sentence(alder: Town, code: str) -> None:
    opened(alder.enable("feedback"))
    answer = alder.client().post(PAGE, data={"code": code})
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    assert alder.client().post(PAGE).status_code == 422


def test_a_code_of_another_town_is_none(alder: Town, birch: Town) -> None:
    birch.enable("feedback")
    id = opened(alder.enable("feedback"))
    answer = birch.client("dora").post(PAGE, data={"code": code_of(alder, id)})
    assert (answer.status_code, "Three visits" in answer.text) == (422, False)


def test_of_what_a_moderator_has_hidden_it_shows_the_fate_and_the_reason_but_no_text_of_residents(alder: Town) -> None:
    alder.enable("feedback")
    id = walked(alder, State.RETURNED)
    walking.complete(alder, id, text="The one at the market.")
    walking.decline(alder, id)
    alder.client("boris").post(f"/moderation/hide/contribution:{id}", data={"reason": "personal_data"})
    html = alder.client().post(PAGE, data={"code": code_of(alder, id)}).text
    said = ("A moderator hid this.", "private data", "/moderation/log", "Declined", "There is no money for it")
    assert [words for words in said if words not in html] == []
    assert [words for words in ("Three visits", "signature", "The one at the market.") if words in html] == []


def test_where_its_kind_is_switched_off_the_receipt_says_so(alder: Town) -> None:
    debate = debate_id(alder.enable("feedback", "debates"))
    with alder.write() as db:
        thing = db.get_one(Contribution, debate)
        happen(alder, db, "debates.closed", thing, None, conclusion="So be it.")
    code = code_of(alder, debate)
    assert alder.client().post(PAGE, data={"code": code}).status_code == 200
    alder.disable("debates")
    answer = alder.client().post(PAGE, data={"code": code})
    assert (answer.status_code, "switched off at the moment" in answer.text) == (422, True)


def test_somebody_who_was_helped_says_there_whether_it_is_done(alder: Town) -> None:
    id = opened(alder.enable("feedback"))
    take_part(alder, id, "boris")
    code = slip(alder, id)
    walking.asked(alder, id)
    client = alder.client()
    assert 'name="solved"' in client.post(PAGE, data={"code": code}).text
    for solved, counts in (("no", (0, 1)), ("yes", (1, 0)), ("yes", (1, 0))):
        answer = client.post(PAGE, data={"code": code, "solved": solved})
        loop = loop_in(alder, id)
        assert (answer.status_code, loop.solved_count, loop.unsolved_count) == (200, *counts)
    assert "Your reply is counted." in answer.text
    assert "blue coat" not in answer.text


def test_with_the_receipt_of_an_account_one_signs_in_to_reply(alder: Town) -> None:
    id = opened(alder.enable("feedback"))
    take_part(alder, id, "boris")
    walking.asked(alder, id)
    client, code = alder.client(), code_of(alder, id)
    assert 'name="solved"' not in client.post(PAGE, data={"code": code}).text
    answer = client.post(PAGE, data={"code": code, "solved": "yes"})
    assert (answer.status_code, "Sign in to say whether it is done." in answer.text) == (422, True)
    assert loop_in(alder, id).solved_count == 0


def test_who_tries_codes_is_soon_stopped(alder: Town) -> None:
    alder.enable("feedback")
    client = alder.client()
    statuses = [client.post(PAGE, data={"code": f"AAAA-BBBB-{number:04}"}).status_code for number in range(100)]
    assert statuses[-1] == 429
