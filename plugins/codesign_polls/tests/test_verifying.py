"""The published box can be counted again by anybody: what was changed in it is found."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer import Typer
from typer.testing import CliRunner

from codesign.kit import Refused
from codesign_polls.commands import add_commands
from codesign_polls.counting import count
from codesign_polls.published import FORMAT, line
from codesign_polls.receipts import key_of, new_code
from codesign_polls.verifying import Unreadable, recount

NUMBER = "2026-00042"
OPTIONS = ["Oak", "Elm", "Ash"]
QUESTIONS = [
    {"title": "Which tree?", "method": "single", "rule": "plurality", "least": 0, "most": 0, "options": OPTIONS},
    {"title": "Ranked", "method": "ranked", "rule": "instant_runoff", "least": 0, "most": 0, "options": OPTIONS},
    {"title": "Why?", "method": "text", "rule": "", "least": 0, "most": 0, "options": []},
]
ANSWERS: list[list[Any]] = [[0, 0, 1, None], [[0, 1], [1], [2, 1, 0], None], ["Shade", None, None, "Fruit"]]


def a_file(receipts: list[str], answers: list[list[Any]] = ANSWERS) -> list[Any]:
    """The values of a published file, one for each line."""
    groups: list[dict[Any, int]] = [{}, {}]
    for place in (0, 1):
        for answer in answers[place]:
            frozen = tuple(answer) if isinstance(answer, list) else answer
            groups[place][frozen] = groups[place].get(frozen, 0) + 1
    tallies = [count(str(QUESTIONS[place]["rule"]), 3, groups[place]).to_json() for place in (0, 1)]
    head = {"format": FORMAT, "poll": NUMBER, "title": "Trees", "voters": len(receipts), "questions": QUESTIONS}
    entries = [
        [place, key_of(NUMBER, place, receipt), answer]
        for place, column in enumerate(answers)
        for receipt, answer in zip(receipts, column, strict=True)
    ]
    return [{**head, "result": [*tallies, None]}, *sorted(entries, key=lambda entry: (entry[0], entry[1]))]


def lines(values: list[Any]) -> Iterator[bytes]:
    return iter([line(value) for value in values])


@pytest.fixture
def receipts() -> list[str]:
    return [new_code() for _ in range(4)]


def test_an_untouched_file_gives_the_published_result(receipts: list[str]) -> None:
    found = recount(lines(a_file(receipts)))
    assert (found.problems, found.entries, found.voters) == ([], [4, 4, 4], 4)
    assert [tally.winners if tally else None for tally in found.tallies] == [(0,), (0, 1, 2), None]


def test_a_receipt_shows_its_own_answers_to_every_question(receipts: list[str]) -> None:
    found = recount(lines(a_file(receipts)), receipts[2].lower().replace("-", ""))
    assert (found.receipt_is_there, found.found) == (True, {0: 1, 1: (2, 1, 0), 2: None})
    assert recount(lines(a_file(receipts)), new_code()).receipt_is_there is False


def changed(values: list[Any], place: int, value: Any) -> list[Any]:
    return [*values[:place], value, *values[place + 1 :]]


@pytest.mark.parametrize("kind", ["answer", "missing", "added", "doubled", "unsorted", "result", "voters", "rule"])
def test_whatever_is_changed_in_a_file_is_found(receipts: list[str], kind: str) -> None:
    values = a_file(receipts)
    head = values[0]
    votes_for_oak = next(n for n, value in enumerate(values) if n and value[0] == 0 and value[2] == 0)
    of_oak = values[votes_for_oak]
    tampered = {
        "answer": changed(values, votes_for_oak, [0, of_oak[1], 1]),
        "missing": values[:votes_for_oak] + values[votes_for_oak + 1 :],
        "added": [head, [0, "0" * 32, 2], *values[1:]],
        "doubled": [*values[: votes_for_oak + 1], of_oak, *values[votes_for_oak + 1 :]],
        "unsorted": [head, values[2], values[1], *values[3:]],
        "result": [{**head, "result": [{**head["result"][0], "winners": [1]}, *head["result"][1:]]}, *values[1:]],
        "voters": [{**head, "voters": 5}, *values[1:]],
        "rule": [{**head, "result": head["result"][:1]}, *values[1:]],
    }[kind]
    assert recount(lines(tampered)).problems


@pytest.mark.parametrize(
    "wrong",
    [[0, "f" * 32, 3], [0, "f" * 32, "0"], [0, "f" * 32, [1]], [0, "F" * 32, 1], [3, "f" * 32, 1], [0, 1], {}, 7],
)
def test_an_entry_that_answers_what_was_not_asked_is_told_with_its_line(receipts: list[str], wrong: Any) -> None:
    found = recount(lines([*a_file(receipts), wrong]))
    assert any("Line 14" in problem for problem in found.problems)


@pytest.mark.parametrize(
    "first", [b"", b"{}\n", b"[1]\n", b"not json\n", b'{"format": "codesign ballots 1"}\n', b"\xff\n"]
)
def test_what_is_no_ballot_file_is_refused_with_a_sentence(first: bytes) -> None:
    with pytest.raises(Unreadable):
        recount(iter([first]))


def test_a_rule_that_does_not_fit_its_question_is_refused(receipts: list[str]) -> None:
    values = a_file(receipts)
    values[0] = {**values[0], "questions": [{**QUESTIONS[0], "rule": "schulze"}, *QUESTIONS[1:]]}
    with pytest.raises(Unreadable, match="rule"):
        recount(lines(values))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=80), max_size=8))
def test_no_bytes_bring_it_to_a_fall(parts: list[bytes]) -> None:
    values = [line(value) for value in a_file([new_code() for _ in range(4)])]
    found = recount(iter([*values, *parts]))
    assert not any(parts) or found.problems or all(not part.strip() for part in parts)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(st.integers(-1, 4), json_values)
def test_no_answer_brings_it_to_a_fall(place: int, answer: Any) -> None:
    values = a_file([new_code() for _ in range(4)])
    recount(lines([*values, [place, "f" * 32, answer]]))


def run(*arguments: str) -> Any:
    app = Typer()
    add_commands(app)
    return CliRunner().invoke(app, ["verify", *arguments])


def test_the_command_counts_a_file_and_shows_what_stands_under_a_receipt(tmp_path: Path, receipts: list[str]) -> None:
    file = tmp_path / "ballots.jsonl"
    file.write_bytes(b"".join(lines(a_file(receipts))))
    said = run(str(file), "--receipt", receipts[2])
    assert (said.exit_code, said.output.splitlines()[-1]) == (0, "The recount gives the published result.")
    assert "  Which tree?: Elm\n  Ranked: Ash > Elm > Oak\n  Why?: blank\n" in said.output
    assert "  2\tOak\n  1\tElm\n  0\tAsh\n  blank: 1\n  rule: plurality\n  winner: Oak\n" in said.output


def test_the_command_ends_with_1_when_something_differs(tmp_path: Path, receipts: list[str]) -> None:
    file = tmp_path / "ballots.jsonl"
    file.write_bytes(b"".join(lines(a_file(receipts)[:-1])))
    said = run(str(file))
    assert (said.exit_code, said.output.splitlines()[-1]) == (1, "“Why?”: 3 entries, but 4 people voted.")
    file.write_bytes(b"".join(lines(a_file(receipts))))
    assert run(str(file), "--receipt", new_code()).exit_code == 1
    for path in (tmp_path / "missing", tmp_path):
        assert isinstance(run(str(path)).exception, Refused)


def test_a_file_is_the_same_to_the_byte_whenever_it_is_written(receipts: list[str]) -> None:
    assert [json.loads(text) for text in lines(a_file(receipts))] == a_file(receipts)
