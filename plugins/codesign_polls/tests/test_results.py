"""The page of a result: who won in a sentence, figures with bars, ties and a missed quorum said, all of it bounded."""

import re
from typing import Any

import pytest

from codesign.testing import Town
from codesign_polls.figures import SHOWN_AT_ONCE
from codesign_polls.results_pages import TEXTS_AT_ONCE, TEXTS_ON_A_PAGE
from codesign_polls.rounds import COMPARED, ROUNDS_AS_TABLES
from codesign_polls.tests.counted import counted, words
from codesign_polls.tests.making import a_question

OAK, ELM, ASH = 0, 1, 2
NO_WINNER = "The rule names no winner between them."


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("polls")


def html(town: Town, id: int) -> str:
    answer = town.client().get(f"/polls/{id}/results")
    assert answer.status_code == 200
    return str(answer.text)


def rows(text: str) -> list[list[str]]:
    """The cells of every row of every table, in their order."""
    found = re.findall(r"<tr[^>]*>(.*?)</tr>", text, re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in found]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


@pytest.mark.parametrize(
    ("method", "rule", "ballots", "sentence", "table"),
    [
        ("single", "plurality", [OAK, OAK, ELM, None], "“Oak” has the most votes: 2 of 3.",
         [["Option", "Votes", "Share"], ["Oak Winner", "2", "66.7 %"], ["Elm", "1", "33.3 %"], ["Ash", "0", "0 %"]]),
        ("multiple", "approval", [(OAK, ELM), (ELM,), (ASH,)], "“Elm” has the most votes: it is chosen on 2 of 3 ballots.",
         [["Option", "Votes", "Share of ballots"], ["Elm Winner", "2", "66.7 %"], ["Oak", "1", "33.3 %"], ["Ash", "1", "33.3 %"]]),
        ("yes_no", "majority", [0, 1, 1, 2], "The majority said no: 2 no, 1 yes.",
         [["Option", "Votes", "Share"], ["Yes", "1", "25 %"], ["No Winner", "2", "50 %"], ["Abstain", "1", "25 %"]]),
        ("points", "cumulative", [((OAK, 4), (ELM, 6)), ((OAK, 5),)], "“Oak” has the most points: 9.",
         [["Option", "Points", "Share"], ["Oak Winner", "9", "60 %"], ["Elm", "6", "40 %"], ["Ash", "0", "0 %"]]),
        ("score", "score", [((OAK, 5), (ELM, 2)), ((ELM, 4),)], "“Elm” has the highest sum: 6.",
         [["Option", "Sum"], ["Elm Winner", "6"], ["Oak", "5"], ["Ash", "0"]]),
        ("score", "star", [((OAK, 5), (ELM, 4)), ((OAK, 1), (ELM, 2)), ((OAK, 1), (ELM, 2))],
         "“Elm” wins the final against “Oak”: 2 to 1.",
         [["Option", "Sum"], ["Elm Winner", "8"], ["Oak", "7"], ["Ash", "0"],
          ["Option", "Sum"], ["Elm", "8"], ["Oak", "7"], ["Ash Leaves", "0"],
          ["Option", "Votes", "Share"], ["Elm", "2", "66.7 %"], ["Oak Leaves", "1", "33.3 %"]]),
        ("ranked", "instant_runoff", [(OAK,), (OAK,), (ELM,), (ELM,), (ASH, ELM)],
         "“Elm” has more than half of the votes in round 2: 3 of 5.",
         [["Option", "First choices", "Share"], ["Oak", "2", "40 %"], ["Elm Winner", "2", "40 %"], ["Ash", "1", "20 %"],
          ["Option", "Votes", "Share"], ["Oak", "2", "40 %"], ["Elm", "2", "40 %"], ["Ash Leaves", "1", "20 %"],
          ["Option", "Votes", "Share"], ["Elm", "3", "60 %"], ["Oak", "2", "40 %"]]),
        ("ranked", "schulze", [(ELM, OAK, ASH), (ELM, ASH), (OAK, ELM)],
         "“Elm” wins: compared with each other option, more people prefer it.",
         [["Option", "Options it beats"], ["Elm Winner", "2"], ["Oak", "1"], ["Ash", "0"],
          ["Option", "1 Elm", "2 Oak", "3 Ash"], ["1. Elm", "–", "2 more", "3 more"], ["2. Oak", "1", "–", "2 more"],
          ["3. Ash", "0", "1", "–"]]),
    ],
)  # fmt: skip
def test_every_method_and_rule_tells_its_winner_and_its_figures(
    town: Town, method: str, rule: str, ballots: list[Any], sentence: str, table: list[list[str]]
) -> None:
    text = html(town, counted(town, [a_question(method, rule=rule)], [[answer] for answer in ballots]))
    assert (sentence in words(text), rows(text)[: len(table)]) == (True, table)
    assert (
        text.count('<svg class="result-bar') == text.count('" aria-hidden="true" focusable="false"><rect width="') > 0
    )


@pytest.mark.parametrize(
    ("method", "rule", "ballots", "sentence"),
    [
        ("single", "plurality", [OAK, ELM], "“Oak” and “Elm” have the same number of votes: 1."),
        ("multiple", "approval", [(OAK, ELM, ASH)], "“Oak”, “Elm” and “Ash” have the same number of votes: 1."),
        ("yes_no", "majority", [0, 1, 2], "As many said yes as no: 1."),
        ("points", "cumulative", [((OAK, 5), (ELM, 5))], "“Oak” and “Elm” have the same number of points: 5."),
        ("score", "score", [((OAK, 5), (ELM, 5))], "“Oak” and “Elm” have the same sum: 5."),
        ("score", "star", [((OAK, 5),), ((ELM, 5),)],
         "Each of these can win a final, and nothing but a lot could decide: “Oak” and “Elm”."),
        ("ranked", "instant_runoff", [(OAK,), (ELM,)],
         "Each of these can win, depending on which of the tied options leaves first: “Oak” and “Elm”."),
        ("ranked", "schulze", [(OAK, ELM), (ELM, OAK)], "None of these beats another of them: “Oak” and “Elm”."),
    ],
)  # fmt: skip
def test_a_tie_is_named_and_nobody_is_called_the_winner(
    town: Town, method: str, rule: str, ballots: list[Any], sentence: str
) -> None:
    id = counted(town, [a_question(method, rule=rule)], [[answer] for answer in ballots])
    text = html(town, id)
    assert f"{sentence} {NO_WINNER}" in words(text)
    assert ("Winner" in text, text.count(">Tied</span>") >= 2) == (False, True)
    assert f"{sentence} {NO_WINNER}" in words(town.client().get(f"/polls/{id}").text)


def test_a_question_that_nobody_answered_says_so(town: Town) -> None:
    kinds = ("single", "multiple", "yes_no", "points", "score", "ranked", "text")
    text = html(town, counted(town, [a_question(kind) for kind in kinds], [[None] * 7]))
    assert text.count("Nobody answered this question.") == 7
    assert words(html(town, counted(town, [a_question("ranked")], []))).count("Nobody answered this question.") == 1


def test_a_missed_quorum_stands_at_the_top_and_on_the_page_of_the_poll(town: Town) -> None:
    id = counted(town, [a_question()], [[OAK]] * 3, quorum=1200)
    told = "The quorum was missed: 3 voted, 1,200 were needed."
    seen = words(html(town, id))
    assert told in seen.partition("has the most votes")[0]
    assert ("Winner" in seen, told in words(town.client().get(f"/polls/{id}").text)) == (False, True)


def test_a_quorum_that_was_reached_is_said(town: Town) -> None:
    seen = words(html(town, counted(town, [a_question()], [[OAK]] * 3, quorum=3)))
    assert ("The quorum is reached: 3 voted, 3 were needed." in seen, "Winner" in seen) == (True, True)


def test_of_many_options_the_first_are_shown_and_the_others_can_be_unfolded(town: Town) -> None:
    titles = [f"Project {number}" for number in range(220)]
    ballots = [[tuple(range(number))] for number in range(1, 221)]
    text = html(town, counted(town, [a_question("multiple", *titles)], ballots))
    shown, folded = text.split("<details", 1)
    assert [len(re.findall(r'<th scope="row">', part)) for part in (shown, folded)] == [
        SHOWN_AT_ONCE,
        220 - SHOWN_AT_ONCE + 1,
    ]


def test_of_many_rounds_the_last_ones_are_tables_and_the_others_sentences(town: Town) -> None:
    """An option leaves in every round but the last two."""
    count = ROUNDS_AS_TABLES + 15
    titles = [f"Project {number}" for number in range(count)]
    ballots = [[(number,)] for number in range(count) for _voter in range(number + 1)]
    text = html(town, counted(town, [a_question("ranked", *titles)], ballots))
    rounds = len(re.findall(r"<summary>Round \d+", text))
    [early] = re.findall(r'<ol class="early-rounds">(.*?)</ol>', text, re.DOTALL)
    assert (rounds, f"{early.count('<li>')} rounds before these" in words(text)) == (ROUNDS_AS_TABLES, True)
    assert "“Project 0” leaves. Votes: 1." in early


def test_of_many_options_only_the_best_are_compared(town: Town) -> None:
    titles = [f"Project {number}" for number in range(COMPARED + 5)]
    ranking = tuple(range(COMPARED + 5))
    text = html(town, counted(town, [a_question("ranked", *titles, rule="schulze")], [[ranking]]))
    [table] = re.findall(r'<table class="result-table compared">(.*?)</table>', text, re.DOTALL)
    assert [row[0] for row in rows(table)[1:]] == [f"{place}. Project {place - 1}" for place in range(1, COMPARED + 1)]
    assert f"Only the best {COMPARED} options are shown." in words(text)


def test_what_people_wrote_is_listed_in_the_order_of_its_keys_page_by_page(town: Town) -> None:
    count = TEXTS_ON_A_PAGE * 2 + 3
    ballots = [[OAK, f"Answer {number}"] for number in range(count)] + [[ELM, None]] * 5
    id = counted(town, [a_question(), a_question("text")], ballots)
    client = town.client()
    first = re.findall(r"<blockquote>(.*?)</blockquote>", html(town, id))
    url, found, orders = f"/polls/{id}/results/1", [], []
    while url:
        text = client.get(url).text
        found += re.findall(r"<blockquote>(.*?)</blockquote>", text)
        more = re.search(r' hx-get="([^"]+)"', text)
        url = more[1] if more else ""
        orders.append(client.htmx("GET", url).text.count("<html") if url else 0)
    assert (sorted(found), first) == (sorted(f"Answer {n}" for n in range(count)), found[:TEXTS_AT_ONCE])
    assert (orders, found != sorted(found)) == ([0, 0, 0], True)
    published = client.get(f"/polls/{id}/ballots.csv").text
    assert re.findall(r"Answer \d+", published) == found


@pytest.mark.parametrize("path", ["results/0", "results/7", "results/1?after=x", "results/1?after=" + "g" * 32])
def test_a_page_of_answers_that_is_not_there_is_not_found_and_a_wrong_place_is_the_beginning(
    town: Town, path: str
) -> None:
    id = counted(town, [a_question(), a_question("text")], [[OAK, "Shade"]])
    answer = town.client().get(f"/polls/{id}/{path}")
    assert (answer.status_code, "Shade" in answer.text) == ((200, True) if "after" in path else (404, False))
