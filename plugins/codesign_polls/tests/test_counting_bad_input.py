"""What cannot be a ballot is never counted: each rule says what is wrong with it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign_polls.counting import RULES, Tally, count
from codesign_polls.tests.counting_ballots import CHOICES, POINTS, RANKINGS, SELECTIONS

NO_CHOICE = [3, -1, True, 1.0, "1", (1,), ((1, 2),)]
NO_LIST = [1, "01", (3,), (-1,), (0, 0), (True,), ("a",), ((0, 1),), (None,)]
NO_POINTS = [1, "01", (0, 1), ((3, 1),), ((0, -1),), ((0, 1), (0, 2)), ((0, 1.5),), ((0,),), ((0, 1, 2),), ((0, True),)]
WRONG = [
    *((rule, answer) for rule in CHOICES for answer in NO_CHOICE),
    *((rule, answer) for rule in SELECTIONS + RANKINGS for answer in NO_LIST),
    *((rule, answer) for rule in POINTS for answer in NO_POINTS),
    *((rule, ((0, 6),)) for rule in POINTS if rule != "cumulative"),
]


@pytest.mark.parametrize(("rule", "answer"), WRONG)
def test_a_wrong_ballot_is_refused_even_among_good_ones(rule: str, answer: Any) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        count(rule, 3, {None: 3, answer: 1})


@pytest.mark.parametrize("rule", sorted(RULES))
@pytest.mark.parametrize("number", [-1, 1.0, True, None, "1"])
def test_how_many_gave_an_answer_is_a_whole_number(rule: str, number: Any) -> None:
    with pytest.raises(ValueError, match="cannot have been cast"):
        count(rule, 3, {None: number})


@pytest.mark.parametrize("rule", sorted(RULES))
@pytest.mark.parametrize("options", [0, -1, True, 2.0, None])
def test_a_question_has_options(rule: str, options: Any) -> None:
    with pytest.raises(ValueError, match="option"):
        count(rule, options, {})


def test_an_unknown_rule_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(ValueError, match=r"no counting rule 'borda'; there are plurality, .*schulze"):
        count("borda", 3, {})


def test_a_wrong_ballot_is_told_in_words() -> None:
    with pytest.raises(ValueError, match=r"^There is no option 7; options go from 0 to 2\.$"):
        count("plurality", 3, {7: 1})
    with pytest.raises(ValueError, match=r"^The ballot \(0, 0\) names an option twice\.$"):
        count("schulze", 3, {(0, 0): 1})


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 8) | st.floats(allow_nan=False) | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=6,
)


@given(st.sampled_from(sorted(RULES)), st.dictionaries(anything, st.integers(0, 3), max_size=4))
def test_anything_is_either_counted_or_refused_with_a_sentence(rule: str, ballots: dict[Any, int]) -> None:
    try:
        assert count(rule, 3, ballots).ballots == sum(ballots.values())
    except ValueError as error:
        assert str(error).endswith(".")


@pytest.mark.parametrize(
    "change",
    [{"winners": None}, {"winners": ["0"]}, {"totals": ["1/0"]}, {"totals": [1.5]}, {"notes": ["unheard_of"]}, {"rounds": [{}]},
     {"ballots": True}, {"ballots": "7"}, {"pairwise": [[1.0]]}, {"ranking": [0]}, {"totals": ["inf"]}],
)  # fmt: skip
def test_what_is_no_tally_is_refused(change: dict[str, Any]) -> None:
    good = count("plurality", 2, {0: 1}).to_json()
    with pytest.raises(ValueError, match="This is not a tally"):
        Tally.from_json({**good, **change})
    with pytest.raises(ValueError, match="This is not a tally"):
        Tally.from_json({name: value for name, value in good.items() if name not in change})
