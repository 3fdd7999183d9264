"""What residents do: say whether it is done, appeal, ask to open it again, add what was asked for; and what goes wrong."""

from urllib.parse import urlsplit

import pytest

from codesign.testing import Town
from codesign_feedback.loop import State
from codesign_feedback.tests import walking
from codesign_feedback.tests.making import (
    DAY,
    events,
    loop_in,
    more_people,
    opened,
    standing,
    take_part,
)
from codesign_feedback.tests.walking import walked

REASON = "The lamp was never lit, come and see."


def being_asked(town: Town, *names: str) -> int:
    """The id of a story of which Anna, Boris and these people are asked whether it is done."""
    town.enable("feedback")
    more_people(town, *names)
    id = opened(town)
    take_part(town, id, "boris", *names)
    walking.asked(town, id)
    return id


def counts(town: Town, id: int) -> tuple[int, int]:
    loop = loop_in(town, id)
    return loop.solved_count, loop.unsolved_count


def test_one_tap_counts_and_leads_back_to_the_fate(alder: Town) -> None:
    id = being_asked(alder, "dana")
    answer = alder.client("anna").post(f"/feedback/{id}/reply", data={"solved": "yes"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/threads/{id}#fate")
    assert counts(alder, id) == (1, 0)


def test_who_says_no_is_offered_room_for_words_and_changing_ones_mind_counts_once(alder: Town) -> None:
    id = being_asked(alder, "dana")
    client = alder.client("anna")
    answer = client.post(f"/feedback/{id}/reply", data={"solved": "no"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/feedback/{id}/reply")
    assert counts(alder, id) == (0, 1)
    assert "What is missing" in client.get(f"/feedback/{id}/reply").text
    more = client.post(f"/feedback/{id}/reply", data={"solved": "no", "text": REASON})
    assert (more.headers["location"], counts(alder, id)) == (f"/threads/{id}#fate", (0, 1))
    client.post(f"/feedback/{id}/reply", data={"solved": "yes"})
    assert counts(alder, id) == (1, 0)


def test_with_htmx_the_tap_gives_the_fate_anew_with_the_count(alder: Town) -> None:
    id = being_asked(alder, "dana")
    answer = alder.client("anna").htmx("POST", f"/feedback/{id}/reply", data={"solved": "yes"})
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<section class="fate band" id="fate"')
    assert "You said: it is done." in answer.text
    assert "1 of 1 says it is done" in answer.text


def test_when_everybody_has_said_yes_it_is_done(alder: Town) -> None:
    id = being_asked(alder)
    for name in ("anna", "boris"):
        alder.client(name).post(f"/feedback/{id}/reply", data={"solved": "yes"})
    assert standing(alder, id) is State.VERIFIED
    assert events(alder, id)[-1] == "verified"


def test_who_took_no_part_is_told_so_in_a_sentence_and_nothing_counts(alder: Town) -> None:
    id = being_asked(alder)
    more_people(alder, "erin")
    client = alder.client("erin")
    sentence = "Only those who wrote it, commented or voted on it decide about this."
    assert sentence in client.get(f"/feedback/{id}/reply").text
    answer = client.post(f"/feedback/{id}/reply", data={"solved": "yes"})
    assert (answer.status_code, sentence in answer.text, counts(alder, id)) == (422, True, (0, 0))


def test_officials_who_took_part_are_told_that_others_decide(alder: Town) -> None:
    id = being_asked(alder)
    take_part(alder, id, "maya")
    client, sentence = alder.client("maya"), "You work for the town."
    assert sentence in client.get(f"/feedback/{id}/reply").text
    answer = client.post(f"/feedback/{id}/reply", data={"solved": "yes"})
    assert (answer.status_code, sentence in answer.text, counts(alder, id)) == (422, True, (0, 0))


@pytest.mark.parametrize("path", ["reply", "appeal", "reopen", "complete"])
def test_visitors_are_asked_to_sign_in_first(alder: Town, path: str) -> None:
    id = being_asked(alder)
    client = alder.client()
    shown, sent = client.get(f"/feedback/{id}/{path}"), client.post(f"/feedback/{id}/{path}", data={"solved": "yes"})
    assert [(answer.status_code, urlsplit(answer.headers["location"]).path) for answer in (shown, sent)] == [
        (303, "/accounts/sign-in"),
        (307, "/accounts/sign-in"),
    ]
    assert counts(alder, id) == (0, 0)


@pytest.mark.parametrize("data", [{}, {"solved": ""}, {"solved": "perhaps"}, {"solved": "yes", "text": "x" * 1001}])
def test_a_reply_that_makes_no_sense_is_refused_with_what_was_typed(alder: Town, data: dict[str, str]) -> None:
    id = being_asked(alder)
    answer = alder.client("anna").post(f"/feedback/{id}/reply", data=data)
    assert (answer.status_code, counts(alder, id)) == (422, (0, 0))
    assert data.get("text", "") in answer.text


def test_nobody_replies_when_nobody_is_asked(alder: Town) -> None:
    alder.enable("feedback")
    id = walked(alder, State.ASSIGNED)
    client = alder.client("anna")
    assert "Nobody is asked about this at the moment." in client.get(f"/feedback/{id}/reply").text
    assert client.post(f"/feedback/{id}/reply", data={"solved": "yes"}).status_code == 422


def test_an_appeal_is_filed_with_its_reason_for_everybody(alder: Town) -> None:
    alder.enable("feedback")
    id = walked(alder, State.DECLINED, "boris")
    client = alder.client("boris")
    assert "Why is the refusal wrong?" in client.get(f"/feedback/{id}/appeal").text
    answer = client.post(f"/feedback/{id}/appeal", data={"text": REASON})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/threads/{id}#fate")
    assert (standing(alder, id), events(alder, id)[-1]) == (State.DISPUTED, "appealed")
    assert REASON in alder.client().get(f"/threads/{id}").text


def test_an_appeal_that_comes_too_late_loses_nothing_of_what_was_typed(alder: Town) -> None:
    alder.enable("feedback")
    id = walked(alder, State.DECLINED)
    alder.world.clock.advance(31 * DAY)
    client = alder.client("anna")
    shown, sent = client.get(f"/feedback/{id}/appeal"), client.post(f"/feedback/{id}/appeal", data={"text": REASON})
    assert "The time to appeal is over." in shown.text
    assert (sent.status_code, "The time to appeal is over." in sent.text, REASON in sent.text) == (422, True, True)


def test_opening_again_takes_its_author_or_enough_of_the_others(alder: Town) -> None:
    alder.enable("feedback")
    more_people(alder, "dana", "erin")
    id = walked(alder, State.VERIFIED, "boris", "dana", "erin")
    for name in ("boris", "dana"):
        answer = alder.client(name).post(f"/feedback/{id}/reopen", data={"text": REASON})
        assert (answer.status_code, standing(alder, id)) == (303, State.VERIFIED)
    assert "2 people have asked for it so far." in alder.client().get(f"/threads/{id}").text
    alder.client("erin").post(f"/feedback/{id}/reopen", data={"text": REASON})
    assert standing(alder, id) is State.REOPENED
    other = walked(alder, State.VERIFIED, "boris", title="Another")
    alder.client("anna").post(f"/feedback/{other}/reopen", data={"text": REASON})
    assert standing(alder, other) is State.REOPENED


def test_after_a_year_it_cannot_be_opened_again_and_the_page_says_what_to_do(alder: Town) -> None:
    alder.enable("feedback")
    id = walked(alder, State.CLOSED, "boris")
    assert f'href="/feedback/{id}/reopen"' in alder.client("anna").get(f"/threads/{id}").text
    alder.world.clock.advance(367 * DAY)
    assert f'href="/feedback/{id}/reopen"' not in alder.client("anna").get(f"/threads/{id}").text
    sent = alder.client("anna").post(f"/feedback/{id}/reopen", data={"text": REASON})
    assert (sent.status_code, REASON in sent.text) == (422, True)
    assert "This was closed too long ago to be opened again. Please start a new one." in sent.text


def test_the_author_adds_what_was_asked_for_and_the_time_begins_anew(alder: Town) -> None:
    alder.enable("feedback")
    id = walked(alder, State.RETURNED)
    client = alder.client("anna")
    assert "Which office was it?" in client.get(f"/feedback/{id}/complete").text
    answer = client.post(f"/feedback/{id}/complete", data={"text": "The one at the market."})
    assert (answer.status_code, standing(alder, id)) == (303, State.UNDER_REVIEW)
    again = client.post(f"/feedback/{id}/complete", data={"text": "Twice, to be sure."})
    assert (again.status_code, "Twice, to be sure." in again.text) == (422, True)


def test_only_its_author_adds_something(alder: Town) -> None:
    alder.enable("feedback")
    id = walked(alder, State.RETURNED, "boris")
    client = alder.client("boris")
    assert client.get(f"/feedback/{id}/complete").status_code == 403
    assert client.post(f"/feedback/{id}/complete", data={"text": REASON}).status_code == 403


@pytest.mark.parametrize("text", ["", "   ", "short", "\u200b" * 20, "x" * 4001, "\0" * 30])
@pytest.mark.parametrize(("state", "path"), [(State.DECLINED, "appeal"), (State.VERIFIED, "reopen"), (State.RETURNED, "complete")])  # fmt: skip
def test_words_that_say_nothing_or_too_much_come_back(alder: Town, state: State, path: str, text: str) -> None:
    alder.enable("feedback")
    id = walked(alder, state, "boris")
    answer = alder.client("anna").post(f"/feedback/{id}/{path}", data={"text": text})
    assert (answer.status_code, standing(alder, id)) == (422, state)


@pytest.mark.parametrize("path", ["reply", "appeal", "reopen", "complete"])
def test_what_is_not_there_or_not_of_this_town_is_not_found(alder: Town, birch: Town, path: str) -> None:
    birch.enable("feedback")
    id = being_asked(alder)
    for town, name, number in ((alder, "anna", 999), (birch, "dora", id), (alder, "anna", 2**70)):
        client = town.client(name)
        data = {"solved": "yes", "text": REASON}
        assert client.get(f"/feedback/{number}/{path}").status_code == 404
        assert client.post(f"/feedback/{number}/{path}", data=data).status_code == 404
