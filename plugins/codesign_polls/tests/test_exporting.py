"""Counted polls as data: complete, the same for every reader, and no spreadsheet runs what somebody typed."""

import csv
import io
from typing import Any

import pytest

from codesign.testing import Town
from codesign_polls.counting import count
from codesign_polls.definition import definition_of
from codesign_polls.exporting import guarded
from codesign_polls.outcome import Outcome, outcome_of
from codesign_polls.polls import Poll
from codesign_polls.tests.counted import counted
from codesign_polls.tests.making import a_question

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1")


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("polls")


def table(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def get(town: Town, id: int, file: str, name: str | None = None, **headers: str) -> Any:
    return town.client(name).get(f"/polls/{id}/{file}", headers=headers)


def test_the_json_file_holds_what_was_asked_and_what_came_out(town: Town) -> None:
    id = counted(town, [a_question("ranked", rule="schulze"), a_question("text")], [[(0, 1), "Shade"], [(1,), None]])
    told = get(town, id, "results.json").json()
    with town.read() as db:
        poll = db.get_one(Poll, id)
        definition, outcome = definition_of(poll.definition), outcome_of(poll)
        assert definition_of(told["definition"]) == definition
        assert Outcome.model_validate(told["outcome"]) == outcome
    assert (told["format"], told["poll"], told["ballot"]) == ("codesign results 1", "2026-00001", "secret")
    tally = count("schulze", 3, {(0, 1): 1, (1,): 1})
    assert told["outcome"]["tallies"] == [tally.to_json(), None]


def test_the_table_of_results_has_a_line_for_each_option(town: Town) -> None:
    questions = [a_question(), a_question("yes_no", title="A bench?"), a_question("text"), a_question("ranked")]
    id = counted(
        town, questions, [[0, 1, "Shade", (0,)], [0, None, None, (1,)], [1, 2, None, (0,)], [2, 1, None, None]]
    )
    head, *lines = table(get(town, id, "results.csv").text)
    assert head == ["question", "question_title", "rule", "option", "option_title", "total", "rank", "winner", "ballots",
                    "blank"]  # fmt: skip
    assert [line[:1] + line[2:] for line in lines] == [
        ["1", "plurality", "1", "Oak", "2", "1", "yes", "4", "0"],
        ["1", "plurality", "2", "Elm", "1", "2", "no", "4", "0"],
        ["1", "plurality", "3", "Ash", "1", "2", "no", "4", "0"],
        ["2", "majority", "1", "yes", "0", "2", "no", "4", "1"],
        ["2", "majority", "2", "no", "2", "1", "yes", "4", "1"],
        ["2", "majority", "3", "abstain", "1", "", "no", "4", "1"],
        ["4", "instant_runoff", "1", "Oak", "2", "", "yes", "4", "1"],
        ["4", "instant_runoff", "2", "Elm", "1", "", "no", "4", "1"],
        ["4", "instant_runoff", "3", "Ash", "0", "", "no", "4", "1"],
    ]


@pytest.mark.parametrize(
    ("method", "answer", "in_words"),
    [
        ("single", 1, "Elm"), ("multiple", (0, 2), "Oak; Ash"), ("yes_no", 2, "abstain"),
        ("ranked", (2, 0), "1. Ash; 2. Oak"), ("score", ((0, 5), (1, 0)), "Oak: 5; Elm: 0"),
        ("points", ((2, 10),), "Ash: 10"), ("text", "Shade,\nand \"birds\"", "Shade,\nand \"birds\""),
    ],
)  # fmt: skip
def test_every_ballot_is_told_in_words(town: Town, method: str, answer: Any, in_words: str) -> None:
    id = counted(town, [a_question(method)], [[answer], [None]])
    head, *lines = table(get(town, id, "ballots.csv").text)
    assert head == ["question", "question_title", "key", "answer"]
    assert sorted(line[3] for line in lines) == ["", in_words]
    published = [line.split('"')[1] for line in get(town, id, "ballots.jsonl").text.splitlines()[1:]]
    assert [line[2] for line in lines] == published


def test_more_ballots_than_one_piece_holds_are_all_there(town: Town) -> None:
    id = counted(town, [a_question(), a_question("yes_no")], [[number % 3, None] for number in range(300)])
    lines = table(get(town, id, "ballots.csv").text)[1:]
    found = [(line[0], line[3]) for line in lines]
    wanted = [("1", title) for title in ("Oak", "Elm", "Ash")] + [("2", "")]
    assert [found.count(one) for one in wanted] == [100, 100, 100, 300]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_begins_as_a_formula(town: Town, formula: str) -> None:
    questions = [a_question("single", formula, "Elm", title=formula), a_question("text", title=formula)]
    id = counted(town, questions, [[0, formula]])
    cells = [
        cell for file in ("results.csv", "ballots.csv") for line in table(get(town, id, file).text) for cell in line
    ]
    begun = [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    assert (begun, cells.count(f"'{formula}")) == ([], 7)


def test_numbers_and_ordinary_words_are_not_marked() -> None:
    assert [guarded(cell) for cell in (-1, 7, "Oak", "", "a=b", "'=1")] == [-1, 7, "Oak", "", "a=b", "'=1"]


@pytest.mark.parametrize("file", ["results.json", "results.csv", "ballots.csv"])
def test_a_file_is_saved_under_the_name_of_the_poll_and_sent_once(town: Town, file: str) -> None:
    id = counted(town, [a_question()], [[0]])
    first = get(town, id, file, "anna")
    name, _dot, sort = file.partition(".")
    assert first.headers["content-disposition"] == f'attachment; filename="{name}-2026-00001.{sort}"'
    assert first.headers["cache-control"] == "no-cache"
    for known in (first.headers["etag"], f'W/{first.headers["etag"]}, "x"', "*"):
        for reader in (None, "anna"):
            again = get(town, id, file, reader, **{"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert get(town, id, file, None, **{"If-None-Match": '"other"'}).content == first.content
