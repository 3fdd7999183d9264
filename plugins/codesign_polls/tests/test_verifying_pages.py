"""The published box on its page: its file, the recount, and looking for one's own ballot."""

import gzip
import hashlib
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from codesign.testing import Town
from codesign_polls import verifying_pages
from codesign_polls.ballots import cast, voter_of
from codesign_polls.polls import Poll, PublishedBox
from codesign_polls.receipts import new_code
from codesign_polls.tests.making import a_question, poll_id
from codesign_polls.verifying import recount

NASTY = "<script>alert(1)</script> & “quotes” \\ %(name)s {{ 7*7 }}"
WEEK = timedelta(days=7)


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("polls")


def a_counted_poll(town: Town, **more: Any) -> tuple[int, list[str]]:
    """Three ballots, with their receipts."""
    id = poll_id(town, a_question(), a_question("ranked", NASTY, "Elm"), a_question("text"), **more)
    receipts = []
    for name, answers in {"anna": [1, (1, 0), NASTY], "boris": [1, (0,), None], "chen": [None, None, "No"]}.items():
        with town.write() as db:
            person = town.person(db, name)
            now = town.world.clock.now()
            receipts.append(cast(db, db.get_one(Poll, id), voter_of(person), person.id, answers, now))
    town.world.clock.advance(WEEK)
    town.tick()
    return id, receipts


@pytest.mark.parametrize("secret", [True, False])
def test_everybody_finds_their_own_ballot_with_the_receipt_and_nobody_elses(town: Town, secret: bool) -> None:
    id, receipts = a_counted_poll(town, secret=secret)
    stranger = town.client()
    html = stranger.post(f"/polls/{id}/verify", data={"receipt": receipts[0].lower().replace("-", " ")}).text
    said = " ".join(re.sub(r"<[^>]+>", " ", html.partition("It says:")[2].partition("</dl>")[0]).split())
    assert "Elm" in said and "&lt;script&gt;alert(1)&lt;/script&gt;" in said and "{{ 7*7 }}" in said
    blank = stranger.post(f"/polls/{id}/verify", data={"receipt": receipts[2]}).text
    assert blank.count("Left blank") == 2 and "<blockquote>No</blockquote>" in blank


def test_a_receipt_that_is_in_no_box_is_told_so_and_what_is_no_receipt_comes_back(town: Town) -> None:
    id, _receipts = a_counted_poll(town)
    client, url = town.client("anna"), f"/polls/{id}/verify"
    missing = client.post(url, data={"receipt": new_code()})
    assert (missing.status_code, "There is no ballot with this receipt" in missing.text) == (200, True)
    for wrong in ("", "ABC", "%" * 16, '"><b>' * 9, "\x00", "U" * 16, "x" * 4000):
        answer = client.post(url, data={"receipt": wrong})
        assert (answer.status_code, "A receipt has 16 letters and digits." in answer.text) == (422, True)
    assert client.post(url, data={"receipt": "ABC"}).text.count('value="ABC"') == 1


def test_a_receipt_of_one_poll_says_nothing_in_another(town: Town) -> None:
    first, receipts = a_counted_poll(town)
    second, _ = a_counted_poll(town)
    client = town.client()
    found = [client.post(f"/polls/{id}/verify", data={"receipt": receipts[0]}).text for id in (first, second)]
    assert ["Your ballot is in the box" in html for html in found] == [True, False]


@pytest.mark.parametrize("secret", [True, False])
def test_before_the_count_nothing_can_be_looked_up_or_downloaded(town: Town, secret: bool) -> None:
    id = poll_id(town, secret=secret)
    sent = town.client("anna").post(f"/polls/{id}/ballot", data={"q0": "1", "step": "cast"}).text
    receipt = re.sub(r"<[^>]+>", "", re.findall(r'receipt-code">(.*?)</p>', sent)[0])
    town.world.clock.advance(WEEK)  # over, but the worker has not come yet
    client = town.client()
    assert "published here, without names, when the vote is over" in client.get(f"/polls/{id}/verify").text
    assert "Elm" not in client.post(f"/polls/{id}/verify", data={"receipt": receipt}).text
    assert client.get(f"/polls/{id}/verify?count=1").status_code == 200
    assert client.get(f"/polls/{id}/ballots.jsonl").status_code == 404
    town.tick()
    assert client.get(f"/polls/{id}/ballots.jsonl").status_code == 200
    assert "Elm" in client.post(f"/polls/{id}/verify", data={"receipt": receipt}).text


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_the_file_is_the_one_whose_fingerprint_is_told_and_counts_to_the_same(town: Town, encoding: str) -> None:
    id, receipts = a_counted_poll(town)
    client = town.client()
    answer = client.get(f"/polls/{id}/ballots.jsonl", headers={"accept-encoding": encoding})
    assert answer.headers["content-type"].startswith("application/jsonl")
    assert hashlib.sha256(answer.content).hexdigest() in client.get(f"/polls/{id}/verify").text
    found = recount(iter(answer.content.splitlines(keepends=True)), receipts[1])
    assert (found.problems, found.receipt_is_there, found.found) == ([], True, {0: 1, 1: (0,), 2: None})
    for name in ("anna", "boris", "chen", "Anna"):
        assert name not in answer.text


def test_counting_again_on_the_page_reads_the_file_and_notices_what_was_changed_in_it(town: Town) -> None:
    id, _receipts = a_counted_poll(town)
    url = f"/polls/{id}/verify?count=1"
    assert "Counted again: the same result" in town.client().get(url).text
    with town.write() as db:
        file, poll = db.get_one(PublishedBox, id), db.get_one(Poll, id)
        changed = gzip.decompress(file.packed).replace(b'",1]', b'",0]')
        file.packed = gzip.compress(changed)
        poll.version += 1
    html = town.client().get(url).text
    assert "Something differs" in html and "the recount differs from the published result" in html


def test_the_same_file_is_counted_once_however_often_it_is_asked(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    id, _receipts = a_counted_poll(town)
    counted: list[int] = []

    def noted(*arguments: Any) -> Any:
        counted.append(1)
        return recount(*arguments)

    monkeypatch.setattr(verifying_pages, "recount", noted)
    with town.world.again(fragments_mb=0) as plain:
        client = plain.towns["alder"].client()
        for number in range(5):
            assert "the same result" in client.get(f"/polls/{id}/verify?count=1&x={number}").text
    assert len(counted) == 1


def test_the_example_in_the_readme_is_a_file_that_counts(tmp_path: Path) -> None:
    readme = (Path(__file__).resolve().parents[1] / "README.md").read_text("utf-8")
    example = readme.partition("```jsonl\n")[2].partition("```")[0].encode()
    found = recount(iter(example.splitlines(keepends=True)), "K7QF-9M2P-XW3T-5HJA")
    assert (found.problems, found.voters, found.found) == ([], 3, {0: 0})
