"""The sentences on what came of a question: none is missing, none is said twice, and each is right for its rule."""

from typing import Any

import pytest

from codesign_polls.concluding import NOTES, TIES, WINS, listed, note_sentences, winner_sentence
from codesign_polls.counting import RULES, count
from codesign_polls.counting.tally import Note, Round, Tally
from codesign_polls.definition import Method, Option, Question
from codesign_polls.wording import RULES as WORDED

METHODS = {
    "plurality": Method.SINGLE, "approval": Method.MULTIPLE, "majority": Method.YES_NO, "cumulative": Method.POINTS,
    "score": Method.SCORE, "mean_score": Method.SCORE, "star": Method.SCORE, "instant_runoff": Method.RANKED,
    "schulze": Method.RANKED,
}  # fmt: skip
PAIRS = {"cumulative", "score", "mean_score", "star"}


def question(rule: str, *titles: str) -> Question:
    method = METHODS[rule]
    options = () if method is Method.YES_NO else tuple(Option(title=title) for title in titles or ("Oak", "Elm", "Ash"))
    return Question(title="Which?", method=method, rule=rule, options=options)


def an_answer(rule: str, option: int) -> Any:
    """A ballot that is for one option only."""
    if rule in ("plurality", "majority"):
        return option
    return ((option, 5),) if rule in PAIRS else (option,)


def test_every_note_has_a_sentence_of_its_own() -> None:
    assert set(NOTES) == set(Note)
    assert len(set(NOTES.values())) == len(Note)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_sentences_for_a_winner_a_tie_and_how_it_counts(rule: str) -> None:
    asked = question(rule)
    won = winner_sentence(asked, count(rule, asked.size, {an_answer(rule, 0): 2}))
    tied = winner_sentence(asked, count(rule, asked.size, {an_answer(rule, 0): 1, an_answer(rule, 1): 1}))
    nothing = winner_sentence(asked, count(rule, asked.size, {None: 3}))
    assert (won.endswith("."), "names no winner" in won, "%" in won + tied) == (True, False, False)
    assert tied.endswith("The rule names no winner between them.")
    assert (nothing, rule in WORDED, rule in TIES) == ("Nobody answered this question.", True, True)
    assert set(WINS) < set(TIES) == set(RULES)


@pytest.mark.parametrize("rule", ["instant_runoff", "star"])
def test_one_winner_either_way_is_told_with_what_the_figures_show(rule: str) -> None:
    """Instant runoff goes on by one of the ways; STAR shows no final at all."""
    told = " ".join(note_sentences(_either_way(rule)))
    one_way = "The rounds shown here follow one of these ways." in told
    assert (one_way, "wins every one of these finals" in told) == (rule == "instant_runoff", rule == "star")
    assert winner_sentence(question(rule), _either_way(rule)).startswith("“Oak”")


def _either_way(rule: str) -> Tally:
    if rule == "star":
        # Elm and Ash are equal in everything: whoever meets Oak in the final loses.
        ballots: Any = {((0, 5), (1, 2), (2, 2)): 3, ((1, 3),): 1, ((2, 3),): 1}
    else:
        # Elm and Ash have fewest votes, together more than Pine: their order of leaving changes nothing for Oak.
        ballots = {(0,): 9, (3,): 4, (1, 0): 3, (2, 0): 3}
    tally = count(rule, 4 if rule == "instant_runoff" else 3, ballots)
    assert {Note.SAME_WINNER_EITHER_WAY} <= {*tally.notes}, tally
    return tally


def test_a_note_is_not_told_beside_the_sentence_that_says_the_same() -> None:
    nobody = count("majority", 3, {2: 4})
    assert winner_sentence(question("majority"), nobody).startswith("Nobody said yes or no")
    assert note_sentences(nobody) == ["No lot is drawn here: what follows from a tie is for the town to say."]
    assert note_sentences(count("plurality", 3, {None: 4})) == []


def test_a_tie_of_many_tells_how_many_they_are() -> None:
    titles = [f"Project {number}" for number in range(7)]
    tally = count("plurality", 7, dict.fromkeys(range(7), 2))
    assert winner_sentence(question("plurality", *titles), tally).startswith("7 options have the same number of votes")


def test_titles_are_listed_as_people_list_things() -> None:
    assert [listed([]), listed(["A"]), listed(["A", "B"]), listed(["A", "B", "C"])] == [
        "", "“A”", "“A” and “B”", "“A”, “B” and “C”",
    ]  # fmt: skip


def test_a_title_with_signs_of_formatting_stays_as_it_is() -> None:
    asked = question("plurality", "100 %(option)s", "%s", "{0}")
    for option, title in enumerate(("100 %(option)s", "%s", "{0}")):
        assert f"“{title}”" in winner_sentence(asked, count("plurality", 3, {option: 1}))
    assert "“100 %(option)s” and “%s”" in winner_sentence(asked, count("plurality", 3, {0: 1, 1: 1}))


def test_a_final_that_is_level_is_told_with_its_numbers() -> None:
    tally = Tally(
        "star", 2, 0, (7, 6, 0), (0,), rounds=(Round((7, 6, 0), 0, (2,)), Round((1, 1, None), 0, (1,), (0, 1)))
    )
    assert winner_sentence(question("star"), tally) == "“Oak” wins the final against “Elm”: 1 to 1."
