"""One-time codes: made by officials, shown once, good for one vote each."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import inspect, select, text

from codesign.testing import Clock, Town
from codesign_polls.box import grouped
from codesign_polls.codes import AT_ONCE, make_codes
from codesign_polls.polls import Code, CodeSheet, Poll, Roll
from codesign_polls.receipts import new_code
from codesign_polls.tests.making import a_question, poll_id

CODE = re.compile(r"<code>([0-9A-Z-]{19})</code>")
HOUR = timedelta(hours=1)
SHEET = {"purpose": "One-stop shop, desk 2", "count": "3", "area": ""}


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("polls")


def codes_of(town: Town, id: int, count: int = 1) -> list[str]:
    with town.write() as db:
        poll, chen = db.get_one(Poll, id), town.person(db, "chen")
        return make_codes(db, poll, chen, "Desk", count, None, town.world.clock.now())


def votes(town: Town, id: int) -> dict[object, int]:
    with town.read() as db:
        return dict(grouped(db, db.get_one(Poll, id), 0))


def all_rows(town: Town) -> str:
    """Everything that the town's store holds, as text."""
    with town.read() as db:
        names = inspect(db.connection()).get_table_names(schema=town.store.schema)
        return str([db.execute(text(f'SELECT * FROM "{name}"')).all() for name in names])


def test_codes_are_shown_once_and_never_again(town: Town) -> None:
    id = poll_id(town, by_code=True)
    chen, url = town.client("chen"), f"/polls/{id}/codes"
    made = chen.post(url, data=SHEET)
    codes = CODE.findall(made.text)
    assert (made.status_code, made.headers["cache-control"], len(set(codes))) == (200, "no-store", 3)
    later = chen.get(url).text
    assert "One-stop shop, desk 2" in later and "0 used" in later
    stored = all_rows(town)
    for code in codes:
        assert code not in later and code not in stored and code.replace("-", "") not in stored


def test_the_codes_of_two_sheets_have_nothing_in_common(town: Town) -> None:
    id = poll_id(town, by_code=True)
    chen = town.client("chen")
    first, second = (CODE.findall(chen.post(f"/polls/{id}/codes", data=SHEET).text) for _ in range(2))
    assert len({*first, *second}) == 6
    with town.read() as db:
        assert len(db.scalars(select(Code.digest)).all()) == 6


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"purpose": ""}, "Please fill this in."),
        ({"purpose": "x" * 121}, "This is 121 characters long; at most 120 are possible. Please shorten it."),
        ({"count": ""}, f"Write a whole number from 1 to {AT_ONCE}."),
        ({"count": "0"}, f"Write a whole number from 1 to {AT_ONCE}."),
        ({"count": "many"}, f"Write a whole number from 1 to {AT_ONCE}."),
        ({"count": "9" * 30}, f"Write a whole number from 1 to {AT_ONCE}."),
        ({"area": "77"}, "Please choose one of these."),
        ({"area": "x"}, "Please choose one of these."),
    ],
)
def test_a_sheet_that_cannot_be_comes_back_with_a_sentence(town: Town, sent: dict[str, str], sentence: str) -> None:
    id = poll_id(town, by_code=True)
    answer = town.client("chen").post(f"/polls/{id}/codes", data={**SHEET, **sent})
    assert (answer.status_code, sentence in answer.text) == (422, True)
    with town.read() as db:
        assert db.scalars(select(CodeSheet.id)).all() == []


@pytest.mark.parametrize("write", [str, str.lower, lambda code: code.replace("-", " "), lambda code: f" {code}\t"])
def test_a_code_is_one_vote_however_it_is_written(town: Town, write: object) -> None:
    id = poll_id(town, by_code=True, by_account=False)
    [code] = codes_of(town, id)
    typed = write(code)  # type: ignore[operator]
    client, url = town.client(), f"/polls/{id}/ballot"
    assert 'name="code"' in client.get(url).text  # nobody votes otherwise here, so the paper asks for it at once
    look = client.post(url, data={"q0": "1", "code": typed, "step": "check"})
    assert (look.status_code, 'name="code"' in look.text) == (200, True)
    answers = [client.post(url, data={"q0": option, "code": typed, "step": "cast"}) for option in ("1", "2")]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert "This code has been used" in answers[1].text
    assert votes(town, id) == {1: 1}
    assert "This code has been used" in client.post(url, data={"q0": "0", "code": code, "step": "check"}).text


def test_a_code_that_is_none_comes_back_with_a_sentence_and_all_that_was_chosen(town: Town, birch: Town) -> None:
    id, other = poll_id(town, a_question(), by_code=True), poll_id(town, by_code=True)
    birch.enable("polls")
    theirs = poll_id(birch, by_code=True, author="edda")
    with birch.write() as db:
        poll, edda = db.get_one(Poll, theirs), birch.person(db, "edda")
        [of_birch] = make_codes(db, poll, edda, "Desk", 1, None, birch.world.clock.now())
    client, url = town.client(), f"/polls/{id}/ballot"
    for code in ("ABCD", new_code(), *codes_of(town, other), of_birch, "' OR 1=1 --", "x" * 5000, "\x00"):
        for step in ("check", "cast"):
            answer = client.post(url, data={"q0": "1", "code": code, "step": step})
            assert answer.status_code == 422 and 'value="1" id="q0-1" checked' in answer.text
            assert "There is no such code for this vote" in answer.text or "Write the code" in answer.text
    assert votes(town, id) == {}


def test_a_used_code_of_another_poll_is_no_code_here(town: Town) -> None:
    first, second = poll_id(town, by_code=True), poll_id(town, by_code=True)
    [code] = codes_of(town, first)
    client = town.client()
    sent = {"q0": "1", "code": code, "step": "cast"}
    assert client.post(f"/polls/{first}/ballot", data=sent).status_code == 200
    assert client.post(f"/polls/{second}/ballot", data=sent).status_code == 422


def test_a_code_where_none_are_given_out_asks_to_sign_in(town: Town) -> None:
    id = poll_id(town)
    answer = town.client().post(f"/polls/{id}/ballot", data={"q0": "1", "code": new_code(), "step": "cast"})
    assert answer.headers["location"].startswith("http://alder.localhost/accounts/sign-in")
    assert votes(town, id) == {}


def test_in_an_open_vote_a_code_can_change_its_vote(town: Town) -> None:
    id = poll_id(town, by_code=True, secret=False)
    [code] = codes_of(town, id)
    for option in ("1", "2"):
        sent = {"q0": option, "code": code, "step": "cast"}
        assert town.client().post(f"/polls/{id}/ballot", data=sent).status_code == 200
    assert votes(town, id) == {2: 1}


def test_a_ballot_with_a_code_comes_too_late_after_the_close(town: Town, clock: Clock) -> None:
    id = poll_id(town, by_code=True, by_account=False, closes_at=clock.now() + HOUR)
    [code] = codes_of(town, id)
    clock.advance(HOUR)
    answer = town.client().post(f"/polls/{id}/ballot", data={"q0": "1", "code": code, "step": "cast"})
    assert (answer.status_code, "came too late and is not counted" in answer.text) == (403, True)
    assert votes(town, id) == {}


def test_nobody_makes_codes_after_the_close_or_where_nobody_votes_with_them(town: Town, clock: Clock) -> None:
    id, without = poll_id(town, by_code=True, closes_at=clock.now() + HOUR), poll_id(town)
    clock.advance(HOUR)
    chen = town.client("chen")
    refused = chen.post(f"/polls/{id}/codes", data=SHEET)
    assert (refused.status_code, "The vote is over. No more codes can be made for it." in refused.text) == (403, True)
    assert "<form class" not in chen.get(f"/polls/{id}/codes").text.partition("<main")[2]
    assert (chen.get(f"/polls/{without}/codes").status_code, chen.post(f"/polls/{without}/codes").status_code) == (
        403,
        403,
    )


@pytest.mark.parametrize(("name", "status"), [("anna", 403), ("boris", 403), ("chen", 200), ("maya", 200), (None, 303)])
def test_codes_are_the_business_of_officials(town: Town, name: str | None, status: int) -> None:
    id = poll_id(town, by_code=True)
    client = town.client(name)
    assert client.get(f"/polls/{id}/codes").status_code == status
    posted = client.post(f"/polls/{id}/codes", data=SHEET)
    assert posted.status_code == (307 if name is None else status)


def test_how_many_codes_of_a_sheet_were_used_is_told(town: Town) -> None:
    id = poll_id(town, by_code=True)
    chen = town.client("chen")
    codes = CODE.findall(chen.post(f"/polls/{id}/codes", data=SHEET).text)
    for code in codes[:2]:
        town.client().post(f"/polls/{id}/ballot", data={"q0": "1", "code": code, "step": "cast"})
    assert re.search(r"3 codes.*?2 used", chen.get(f"/polls/{id}/codes").text, re.DOTALL)
    with town.read() as db:
        assert {row.user_id for row in db.scalars(select(Roll))} == {None}
