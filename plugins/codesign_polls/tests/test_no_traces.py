"""What must be in no log, event, cookie, address or page kept for others: receipts, codes and choices."""

import logging
import re

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from codesign.testing import Town
from codesign_polls import voting_pages
from codesign_polls.codes import make_codes
from codesign_polls.polls import Poll
from codesign_polls.tests.making import a_question, poll_id
from codesign_polls.tests.test_voting_pages import receipt_of

CHOICE = "quokka-choice"
"""An answer in words, so that it can be found wherever it went."""


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("polls")


def rows_outside(town: Town, *tables: str) -> str:
    """All rows of all other tables, as text."""
    with town.read() as db:
        names = set(inspect(db.connection()).get_table_names(schema=town.store.schema)) - set(tables)
        return str({name: db.execute(text(f'SELECT * FROM "{name}"')).all() for name in sorted(names)})


def test_nothing_of_a_ballot_is_written_anywhere_but_into_the_box(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    id = poll_id(town, a_question("text"), by_code=True)
    with town.write() as db:
        poll, chen = db.get_one(Poll, id), town.person(db, "chen")
        [code] = make_codes(db, poll, chen, "Desk", 1, None, town.world.clock.now())
    caplog.set_level(logging.DEBUG)
    anna, stranger, url = town.client("anna"), town.client(), f"/polls/{id}/ballot"
    answers = []
    for client, more in ((anna, {}), (stranger, {"code": code})):
        for step in ("check", "edit", "cast", "cast"):
            answers.append(client.post(url, data={"q0": CHOICE, "step": step, **more}))
    receipts = [receipt_of(answer.text) for answer in answers if "Your vote is counted" in answer.text]
    answers += [anna.post(f"/polls/{id}/verify", data={"receipt": receipts[0]}), anna.get(f"/polls/{id}")]
    secrets = [CHOICE, code, *receipts, *(receipt.replace("-", "") for receipt in receipts)]
    elsewhere = rows_outside(town, "polls_box") + caplog.text.replace("\\", "")
    elsewhere += "".join(f"{answer.headers}{answer.url}{dict(answer.cookies)}" for answer in answers)
    assert len(receipts) == 2
    assert [secret for secret in secrets if secret in elsewhere] == []
    assert receipts[0] not in rows_outside(town) and receipts[1] not in rows_outside(town)


def test_every_page_on_the_way_of_a_ballot_leaves_nothing_in_the_browser(town: Town) -> None:
    id, url = poll_id(town), ""
    url = f"/polls/{id}/ballot"
    anna = town.client("anna")
    answers = [anna.get(url), *(anna.post(url, data={"q0": "1", "step": step}) for step in ("check", "cast", "cast"))]
    answers += [
        anna.get(url),
        anna.post(url, data={"q0": "9"}),
        anna.post(f"/polls/{id}/verify", data={"receipt": "x"}),
    ]
    assert [answer.headers["cache-control"] for answer in answers] == ["no-store"] * len(answers)
    assert [dict(answer.cookies) for answer in answers] == [{}] * len(answers)


def test_an_error_of_the_database_does_not_tell_the_log_what_was_voted(
    town: Town, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Errors of SQLAlchemy usually quote the values of the statement that failed."""
    id = poll_id(town, a_question("text"))

    def failing(db: object, poll: Poll, voter: str, user_id: int, answers: list[str], now: object) -> str:
        with pytest.raises(SQLAlchemyError):
            town.client()
            db.execute(text("INSERT INTO polls_box_away VALUES (:entries)"), {"entries": answers[0]})  # type: ignore[attr-defined]
        db.execute(text("SELECT :entries FROM polls_box_away"), {"entries": answers[0]})  # type: ignore[attr-defined]
        return ""

    monkeypatch.setattr(voting_pages, "cast", failing)
    answer = town.client("anna").post(f"/polls/{id}/ballot", data={"q0": CHOICE, "step": "cast"})
    assert (answer.status_code, CHOICE in answer.text) in ((500, False), (503, False))
    assert CHOICE not in caplog.text


def test_the_page_of_a_poll_that_is_kept_for_all_holds_nothing_of_anybodys_ballot(town: Town) -> None:
    id = poll_id(town, a_question("text"))
    town.client("anna").post(f"/polls/{id}/ballot", data={"q0": CHOICE, "step": "cast"})
    seen = {name: town.client(name).get(f"/polls/{id}").text for name in (None, "anna", "boris", "chen", "maya")}
    assert [name for name, html in seen.items() if "Your vote is counted." in html] == ["anna"]
    assert not any(CHOICE in html for html in seen.values())
    assert len({re.search(r"(\d+) person has voted", html)[1] for html in seen.values()}) == 1  # type: ignore[index]


def test_nothing_of_a_vote_in_one_town_is_there_in_another(town: Town, birch: Town) -> None:
    birch.enable("polls")
    id = poll_id(town, a_question("text"), by_code=True)
    with town.write() as db:
        chen = town.person(db, "chen")
        [code] = make_codes(db, db.get_one(Poll, id), chen, "Desk", 1, None, town.world.clock.now())
    for name in (None, "dora", "edda"):
        client = birch.client(name)
        for path in ("ballot", "verify", "codes", "ballots.jsonl"):
            assert client.get(f"/polls/{id}/{path}").status_code == 404
        for path in ("ballot", "verify", "codes"):
            sent = {"q0": CHOICE, "code": code, "receipt": code, "step": "cast", "purpose": "Desk", "count": "3"}
            assert client.post(f"/polls/{id}/{path}", data=sent).status_code == 404
    assert CHOICE not in rows_outside(town) and CHOICE not in rows_outside(birch)
