"""What cannot be an answer comes back with a sentence, and with all that was typed; nothing of it is counted."""

import re
from pathlib import Path
from typing import Any

import pytest

from codesign.testing import Town
from codesign_polls.definition import OPTIONS_AT_MOST
from codesign_polls.tests.making import a_question, poll_id
from codesign_polls.tests.test_voting_pages import counted, words
from tests.nasty import dangers, sendable, strings


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("polls")


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("single", {"q0": "3"}, "Choose one of the options of this question."),
    ("single", {"q0": "-1"}, "“-1” is not a whole number."),
    ("single", {"q0": ["0", "1"]}, "Choose one of the options of this question."),
    ("single", {"q0": "9" * 400}, f"“{'9' * 20}” is not a whole number."),
    ("single", {"q0": "²"}, "“²” is not a whole number."),
    ("single", {"q0": "Oak"}, "“Oak” is not a whole number."),
    ("yes_no", {"q0": "3"}, "Choose one of the options of this question."),
    ("multiple", {"q0": ["0", "0"]}, "Each option can be named once."),
    ("multiple", {"q0": ["0", "7"]}, "Choose among the options of this question."),
    ("multiple", {"q0": ["0", "1", "2"]}, "You chose 3; at most 2 are possible. Take some out."),
    ("ranked", {"q0": ["0", "1", "2"]}, "You chose 3; at most 2 are possible. Take some out."),
    ("ranked", {"q0": ["1", "1"]}, "Each option can be named once."),
    ("score", {"q0_0": "6"}, "Give each option a number from 0 to 5."),
    ("score", {"q0_0": "4.5"}, "“4.5” is not a whole number."),
    ("points", {"q0_0": "3", "q0_1": "8"}, "You gave 11 points; there are 2. Take some away."),
    ("points", {"q0_0": "999999999"}, "You gave 999999999 points; there are 2. Take some away."),
    ("points", {"q0_0": "1e3"}, "“1e3” is not a whole number."),
    ("text", {"q0": "x" * 2001}, "This is 2001 characters long; at most 2000 are possible. Please shorten it."),
]


@pytest.mark.parametrize(("method", "sent", "sentence"), WRONG)
@pytest.mark.parametrize("step", ["check", "cast", "nobody knows this", ""])
def test_what_is_no_answer_comes_back_with_a_sentence(
    town: Town, method: str, sent: dict[str, Any], sentence: str, step: str
) -> None:
    id = poll_id(town, a_question(method, most=2), a_question("text", title="Why?"))
    answer = town.client("anna").post(f"/polls/{id}/ballot", data={**sent, "q1": "Typed before", "step": step})
    assert (answer.status_code, counted(town, id)) == (422, {})
    assert words(answer.text).count(sentence) == 2  # above, and beside the question
    assert "Typed before</textarea>" in answer.text and 'href="#q0"' in answer.text and 'id="q0"' in answer.text


def test_a_text_that_is_too_long_and_points_that_are_none_are_kept_as_typed(town: Town) -> None:
    id = poll_id(town, a_question("points"), a_question("text"), a_question("multiple", most=1))
    sent = {"q0_1": "many <3", "q1": "y" * 2500, "q2": ["0", "2"]}
    html = town.client("anna").post(f"/polls/{id}/ballot", data={**sent, "step": "check"}).text
    assert 'value="many &lt;3"' in html and "y" * 2500 in html
    assert re.findall(r'name="q2" value="(\d)" id="q2-\d" checked', html) == ["0", "2"]


def test_a_step_that_nobody_knows_casts_nothing(town: Town) -> None:
    id = poll_id(town)
    for step in ("", "CAST", "cast ", "1", "x" * 5000):
        answer = town.client("anna").post(f"/polls/{id}/ballot", data={"q0": "1", "step": step})
        assert (answer.status_code, "Is this how you want to vote?" in answer.text) == (200, True)
    assert counted(town, id) == {}


def test_files_in_place_of_answers_count_as_nothing(town: Town) -> None:
    id = poll_id(town)
    files = {"q0": ("vote.txt", b"1", "text/plain")}
    answer = town.client("anna").post(f"/polls/{id}/ballot", data={"step": "check"}, files=files)
    assert (answer.status_code, "Left blank" in answer.text) == (200, True)


def test_nasty_strings_are_answers_like_others(town: Town, shared_data: Path) -> None:
    id = poll_id(town, a_question("text"), a_question(), secret=False)
    client = town.client("anna")
    for number, nasty in enumerate(sendable(text) for text in strings(shared_data)):
        if number % 40 == 0:  # nobody is too fast
            client = town.client("anna")
        forms = [{"q0": nasty}, {"q1": nasty}, {"q0": nasty, "move": nasty}, {"q0": nasty, "step": nasty}]
        for data in forms[: 4 if number % 7 == 0 else 1]:
            answer = client.post(f"/polls/{id}/ballot", data={"step": "check", **data})
            assert answer.status_code in (200, 422), nasty
            assert dangers(answer.text) == [], nasty


def test_five_hundred_options_fit_on_a_paper(town: Town) -> None:
    titles = [f"Place {number}" for number in range(OPTIONS_AT_MOST)]
    id = poll_id(town, a_question("ranked", *titles), a_question("points", *titles, most=600))
    order = [str(number) for number in reversed(range(OPTIONS_AT_MOST))]
    sent = {"q0": order, **{f"q1_{number}": "1" for number in range(OPTIONS_AT_MOST)}}
    client = town.client("anna")
    moved = client.post(f"/polls/{id}/ballot", data={**sent, "move": "0:up:0"})
    assert (moved.status_code, moved.text.count('value="0:remove:')) == (200, OPTIONS_AT_MOST)
    assert client.post(f"/polls/{id}/ballot", data={**sent, "step": "cast"}).status_code == 200
    assert counted(town, id) == {tuple(map(int, order)): 1}
