"""The way of a ballot through the pages: paper, look, casting, receipt; and everything that can be sent instead."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest

from codesign.core.contributions import Reason
from codesign.core.moderation import Action, Target, decide
from codesign.testing import Clock, Town
from codesign_polls.box import entries, grouped
from codesign_polls.polls import Poll
from codesign_polls.receipts import key_of
from codesign_polls.tests.making import a_question, poll_id
from tests.nasty import dangers

RECEIPT = re.compile(r'<p class="receipt-code"><code>(.*?)</code>')
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
FILLED: dict[str, tuple[dict[str, Any], Any, str]] = {
    "single": ({"q0": "1"}, 1, "Elm"),
    "multiple": ({"q0": ["2", "0"]}, (0, 2), "Oak Ash"),
    "ranked": ({"q0": ["2", "0"]}, (2, 0), "Ash Oak"),
    "score": ({"q0_0": "5", "q0_2": "0"}, ((0, 5), (2, 0)), "Oak: 5 Ash: 0"),
    "yes_no": ({"q0": "2"}, 2, "Abstain"),
    "points": ({"q0_0": "7", "q0_1": "0", "q0_2": "3"}, ((0, 7), (2, 3)), "Oak: 7 Ash: 3"),
    "text": ({"q0": "  More <b>shade</b> & 5 % less noise.\r\nPlease! "}, "More <b>shade</b> & 5 % less noise.\nPlease!",
             "More <b>shade</b> & 5 % less noise. Please!"),
}  # fmt: skip
DAY = timedelta(days=1)


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("polls")


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def receipt_of(html: str) -> str:
    found = RECEIPT.search(html)
    assert found is not None, words(html)
    return re.sub(r"<[^>]+>", "", found[1])


def counted(town: Town, id: int, question: int = 0) -> dict[Any, int]:
    with town.read() as db:
        return dict(grouped(db, db.get_one(Poll, id), question))


def hidden_fields(html: str) -> dict[str, list[str]]:
    """What the look before casting sends again."""
    found: dict[str, list[str]] = {}
    for name, text in HIDDEN.findall(html.partition('<dl class="said">')[2]):
        found.setdefault(unescape(name), []).append(unescape(text))
    return found


@pytest.mark.parametrize("method", sorted(FILLED))
def test_a_ballot_goes_from_the_paper_over_a_look_to_the_receipt(town: Town, method: str) -> None:
    id = poll_id(town, a_question(method))
    sent, answer, said = FILLED[method]
    client, url = town.client("anna"), f"/polls/{id}/ballot"
    assert client.get(url).status_code == 200
    look = client.post(url, data={**sent, "step": "check"})
    assert (look.status_code, counted(town, id)) == (200, {})
    told = re.search(r"<dd>(.*?)</dd>", look.text, re.DOTALL)
    assert told is not None and words(told[1]) == said
    fields = hidden_fields(look.text)
    edited = client.post(url, data={**fields, "step": "edit"})
    assert edited.status_code == 200 and dangers(edited.text) == []
    assert hidden_fields(client.post(url, data={**fields, "step": "check"}).text) == fields
    cast = client.post(url, data={**fields, "step": "cast"})
    assert (cast.status_code, counted(town, id)) == (200, {answer: 1})
    with town.read() as db:
        poll = db.get_one(Poll, id)
        assert list(entries(db, poll, 0)) == [(key_of(poll.number, 0, receipt_of(cast.text)), answer)]


@pytest.mark.parametrize("method", sorted(FILLED))
def test_every_question_can_be_left_blank(town: Town, method: str) -> None:
    id = poll_id(town, a_question(method, least=2) if method == "multiple" else a_question(method))
    client = town.client("anna")
    look = client.post(f"/polls/{id}/ballot", data={"step": "check"})
    assert "You left 1 question blank. That is possible." in words(look.text)
    client.post(f"/polls/{id}/ballot", data={"step": "cast"})
    assert counted(town, id) == {None: 1}


@pytest.mark.parametrize(("secret", "statuses"), [(True, [200, 409, 409]), (False, [200, 200, 200])])
def test_whoever_votes_twice_is_told_what_became_of_it(town: Town, secret: bool, statuses: list[int]) -> None:
    id = poll_id(town, secret=secret)
    client, url = town.client("anna"), f"/polls/{id}/ballot"
    answers = [client.post(url, data={"q0": str(option), "step": "cast"}) for option in (0, 1, 2)]
    assert [answer.status_code for answer in answers] == statuses
    assert counted(town, id) == ({0: 1} if secret else {2: 1})
    again = client.get(url)
    if secret:
        for answer in (again, answers[1], client.post(url, data={"q0": "1", "step": "check"})):
            assert "Your vote is already counted" in words(answer.text)
    else:
        assert len({receipt_of(answer.text) for answer in answers}) == 3
        assert 'value="2" id="q0-2" checked' in again.text
        assert "What you choose now takes the place of your earlier ballot." in again.text


@pytest.mark.parametrize("name", ["anna", "boris", "chen", "maya"])
@pytest.mark.parametrize(
    ("seconds", "sentence"), [(0, "came too late and is not counted"), (-1, "Your vote is counted")]
)
def test_voting_ends_to_the_second_for_everybody(
    town: Town, clock: Clock, name: str, seconds: int, sentence: str
) -> None:
    id = poll_id(town, closes_at=clock.now() + timedelta(hours=1))
    client = town.client(name)
    clock.advance(timedelta(hours=1, seconds=seconds))
    answer = client.post(f"/polls/{id}/ballot", data={"q0": "0", "step": "cast"})
    assert sentence in words(answer.text)
    assert (answer.status_code, counted(town, id)) == ((200, {0: 1}) if seconds < 0 else (403, {}))
    clock.advance(timedelta(seconds=1))
    after = client.get(f"/polls/{id}/ballot")
    assert "Voting ended on" in words(after.text) and "<form class" not in after.text.partition("<main")[2]


CASTING = {"upcoming": (1, 2, 403, 403), "open": (-1, 1, 200, 307), "at its opening": (0, 1, 200, 307),
           "at its close": (-1, 0, 403, 403), "closed": (-2, -1, 403, 403), "hidden": (-1, 1, 404, 404)}  # fmt: skip
"""Opens and closes so many days from now; what casting answers to those who are signed in, and to a stranger."""


@pytest.mark.parametrize("state", CASTING)
def test_who_may_cast_a_ballot_and_when(town: Town, state: str) -> None:
    now = town.world.clock.now()
    opens, closes, signed_in, stranger = CASTING[state]
    id = poll_id(town, opens_at=now + opens * DAY, closes_at=now + closes * DAY)
    with town.write() as db:
        db.get_one(Poll, id).hidden_at = now if state == "hidden" else None
    cast = {"anna": signed_in, "boris": signed_in, "chen": signed_in, "maya": signed_in, None: stranger}
    sent = {"q0": "1", "step": "cast"}
    found = {name: town.client(name).post(f"/polls/{id}/ballot", data=sent).status_code for name in cast}
    assert (found, counted(town, id)) == (cast, {1: 4} if signed_in == 200 else {})


@pytest.mark.parametrize("data", [{"q0": "9", "step": "check"}, {"move": "0:add:1"}, {"step": "edit"}])
def test_whatever_is_sent_from_a_paper_after_the_close_says_that_it_is_too_late(
    town: Town, clock: Clock, data: dict[str, str]
) -> None:
    id = poll_id(town, a_question("ranked"), closes_at=clock.now() + timedelta(hours=1))
    clock.advance(timedelta(hours=1))
    for client in (town.client(), town.client("anna")):
        answer = client.post(f"/polls/{id}/ballot", data=data)
        assert (answer.status_code, "came too late and is not counted" in answer.text) == (403, True)


def test_before_the_vote_opens_there_is_no_paper_and_no_casting(town: Town, clock: Clock) -> None:
    id = poll_id(town, opens_at=clock.now() + DAY, closes_at=clock.now() + 2 * DAY)
    client = town.client("anna")
    assert "Voting opens on" in client.get(f"/polls/{id}/ballot").text
    answer = client.post(f"/polls/{id}/ballot", data={"q0": "1", "step": "cast"})
    assert (answer.status_code, "Voting opens on" in answer.text, counted(town, id)) == (403, True, {})


def test_a_stranger_is_shown_the_way_to_sign_in_and_comes_back_to_the_paper(town: Town) -> None:
    id = poll_id(town, by_code=True)
    html = town.client().get(f"/polls/{id}/ballot").text
    assert f'href="/accounts/sign-in?next=/polls/{id}/ballot"' in html.replace("%2F", "/")
    assert f'href="/polls/{id}/ballot?by=code"' in html
    alone = poll_id(town)
    assert "by=code" not in town.client().get(f"/polls/{alone}/ballot").text


def test_a_ballot_sent_when_the_session_is_over_is_sent_on_after_signing_in(town: Town) -> None:
    """What was chosen travels in the pages themselves; the server keeps nothing of it."""
    id = poll_id(town, a_question(), a_question("text"))
    client = town.client()
    asked = client.post(f"/polls/{id}/ballot", data={"q0": "2", "q1": "The pigeons", "step": "cast"})
    assert asked.status_code == 307 and "pigeons" not in str(asked.headers)
    form = client.post(asked.headers["location"], data={"q0": "2", "q1": "The pigeons", "step": "cast"})
    fields = {name: unescape(text) for name, text in HIDDEN.findall(form.text)}
    resumed = client.post(
        asked.headers["location"],
        data={**fields, "email": "anna@alder.example", "password": "three unrelated words"},
    )
    again = {name: unescape(text) for name, text in HIDDEN.findall(resumed.text)}
    assert (again, counted(town, id)) == ({"q0": "2", "q1": "The pigeons", "step": "cast"}, {})
    assert "Your vote is counted" in client.post(f"/polls/{id}/ballot", data=again).text
    assert counted(town, id) == {2: 1}


def test_a_hidden_poll_has_no_ballot_and_no_verification(town: Town) -> None:
    id = poll_id(town, by_code=True)
    with town.write() as db:
        poll = db.get_one(Poll, id)
        decide(db, town.person(db, "boris"), Target(poll), Action.HIDE, Reason.SPAM, "Not ours", town.world.clock.now())
    for name in (None, "anna", "chen", "maya"):
        client = town.client(name)
        for path in ("ballot", "verify", "codes", "ballots.jsonl"):
            assert client.get(f"/polls/{id}/{path}").status_code == 404
        assert client.post(f"/polls/{id}/ballot", data={"q0": "1", "step": "cast"}).status_code == 404
        assert client.post(f"/polls/{id}/verify", data={"receipt": "x"}).status_code == 404
    assert counted(town, id) == {}


def test_an_imported_poll_has_no_ballot(town: Town, clock: Clock) -> None:
    now = clock.now()
    id = poll_id(town, opens_at=now - 2 * DAY, closes_at=now - DAY)
    with town.write() as db:
        db.get_one(Poll, id).imported_from = "Pabulib"
    client = town.client("anna")
    assert "Voting ended on" in client.get(f"/polls/{id}/ballot").text
    assert client.post(f"/polls/{id}/ballot", data={"q0": "1", "step": "cast"}).status_code == 403


def test_where_polls_are_off_there_is_nothing_of_them(town: Town) -> None:
    id = poll_id(town, by_code=True)
    town.disable("polls")
    client = town.client("maya")
    paths = [f"/polls/{id}/{page}" for page in ("ballot", "verify", "codes", "ballots.jsonl")]
    assert {client.get(path).status_code for path in [*paths, "/polls/secrecy"]} == {404}
    assert {client.post(path, data={"q0": "1", "step": "cast"}).status_code for path in paths[:3]} == {404}
    town.enable("polls")
    assert counted(town, id) == {}


@pytest.mark.parametrize("secret", [True, False])
@pytest.mark.parametrize("name", ["anna", None])
def test_the_paper_asks_at_most_eight_questions_of_the_database(town: Town, name: str | None, secret: bool) -> None:
    area = town.area("Riverside")
    more: dict[str, Any] = {"secret": secret, "min_age": 16, "area_ids": (area,), "min_level": 2}
    ids = [poll_id(town, *(a_question("ranked", *map(str, range(size))) for _question in range(size)), **more)
           for size in (2, 12)]  # fmt: skip
    town.verify("anna", area, date(1985, 4, 23), "AB 123 456")
    client, asked = town.client(name), []
    for id in ids:
        client.get(f"/polls/{id}/ballot")
        with town.counted() as statements:
            assert client.get(f"/polls/{id}/ballot").status_code == 200
        asked.append(len(statements))
    assert asked[0] == asked[1] <= 8
