"""The ballot paper: whatever is sent, it is read without a fall, and only answers that can be are counted."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.testing import Town
from codesign_polls.answers import problem
from codesign_polls.box import grouped, read_answer
from codesign_polls.definition import Definition, Method, Question
from codesign_polls.paper import Part, filled_in, moved, paper_of
from codesign_polls.polls import Poll
from codesign_polls.tests.making import a_question, asking, poll_id

METHODS = [method.value for method in Method]
EVERY = asking(*(a_question(method, most=2 if method in ("multiple", "ranked") else 10 * (method == "points"))
                 for method in METHODS))  # fmt: skip
STEPS = ("add", "up", "down", "remove")


class Sent(dict[str, list[str]]):
    """A form as it came."""

    def getlist(self, name: str) -> list[str]:
        return self.get(name, [])


def again(parts: list[Part]) -> Sent:
    """What the look before casting sends."""
    sent = Sent()
    for part in parts:
        for name, text in part.fields:
            sent.setdefault(name, []).append(text)
    return sent


names = st.one_of(
    st.builds(lambda q: f"q{q}", st.integers(0, 8)), st.builds(lambda q, o: f"q{q}_{o}", st.integers(0, 8), st.integers(0, 4))
)  # fmt: skip
texts = st.one_of(
    st.sampled_from(["0", "1", "2", "3", "5", "00", "-1", "", " 1 ", "10", "²", "٣", "1.0"]), st.text(max_size=12)
)
forms = st.dictionaries(names, st.lists(texts, max_size=4), max_size=20).map(Sent)


@settings(max_examples=400)
@given(forms)
def test_no_form_brings_the_paper_to_a_fall_and_no_wrong_answer_is_let_through(sent: Sent) -> None:
    for part in filled_in(EVERY, sent):
        assert part.problem or not problem(part.question, part.answer)
        assert not part.problem or part.answer is None or problem(part.question, part.answer)
        assert all(0 <= option < part.question.size for option in part.ranked)


@settings(max_examples=400)
@given(forms)
def test_what_was_read_is_read_again_the_same(sent: Sent) -> None:
    parts = filled_in(EVERY, sent)
    assert filled_in(EVERY, again(parts)) == parts


def answers(question: Question) -> st.SearchStrategy[Any]:
    some = st.lists(st.sampled_from(range(max(1, question.size))), unique=True, min_size=1, max_size=2)
    scores = st.dictionaries(st.sampled_from(range(max(1, question.size))), st.integers(0, 5), min_size=1)
    return (
        st.none()
        | {
            Method.SINGLE: st.integers(0, 2),
            Method.YES_NO: st.integers(0, 2),
            Method.MULTIPLE: some.map(lambda options: tuple(sorted(options))),
            Method.RANKED: some.map(tuple),
            Method.SCORE: scores.map(lambda found: tuple(sorted(found.items()))),
            Method.POINTS: st.just(((0, 7), (2, 3))),
            Method.TEXT: st.text("abc é\n<&", min_size=1).map(str.strip).filter(bool),
        }[question.method]
    )


@given(st.tuples(*(answers(question) for question in EVERY.questions)))
def test_a_ballot_that_is_taken_up_again_says_the_same(ballot: tuple[Any, ...]) -> None:
    """Stored as JSON has it, shown on a paper, sent again."""
    raw = [[list(entry) if isinstance(entry, tuple) else entry for entry in one] if isinstance(one, tuple) else one
           for one in ballot]  # fmt: skip
    shown = paper_of(EVERY, raw)
    assert [part.answer for part in filled_in(EVERY, again(shown))] == list(ballot)


ranking = asking(a_question("ranked", *"ABCDE"))
presses = st.lists(st.builds(lambda step, option: f"0:{step}:{option}", st.sampled_from(STEPS), st.integers(0, 5)))


@given(presses)
def test_every_press_keeps_each_option_once_and_moves_the_focus_to_a_button_that_is_there(pressed: list[str]) -> None:
    parts = filled_in(ranking, Sent())
    for press in pressed:
        parts, part = moved(parts, press)
        if part is None:
            assert press.endswith(":5")
            continue
        assert sorted([*part.ranked, *part.unranked]) == list(range(5))
        assert part.focus.removeprefix("q0-") in buttons(part)
        assert filled_in(ranking, again(parts))[0].answer == (tuple(part.ranked) or None)


def buttons(part: Part) -> set[str]:
    """Those that the template shows."""
    order = part.ranked
    shown = {f"remove-{option}" for option in order} | {f"up-{option}" for option in order[1:]}
    shown |= {f"down-{option}" for option in order[:-1]}
    return shown | (set() if part.full else {f"add-{option}" for option in part.unranked})


@given(presses)
def test_as_many_are_ranked_as_may_be_and_no_button_is_lost(pressed: list[str]) -> None:
    parts = filled_in(asking(a_question("ranked", *"ABCDE", most=2)), Sent())
    for press in pressed:
        if press.split(":")[1] == "add" and parts[0].full:
            continue  # there is no such button then
        parts, part = moved(parts, press)
        assert part is None or (len(part.ranked) <= 2 and part.focus.removeprefix("q0-") in buttons(part))


@given(st.text(max_size=20) | st.from_regex(r"[0-9]{0,3}:(add|up|down|remove|x)?:[0-9]{0,6}", fullmatch=True))
def test_a_press_on_no_button_changes_nothing(press: str) -> None:
    before = filled_in(EVERY, Sent({"q0": ["1"], "q2": ["2", "0"]}))
    parts, part = moved(before, press)
    assert part is not None or [one.given for one in parts] == [one.given for one in before]


@pytest.mark.parametrize(
    ("press", "order", "focus"),
    [
        ("0:add:3", [2, 0, 3], "q0-add-4"),
        ("0:add:4", [2, 0, 4], "q0-add-1"),
        ("0:up:0", [0, 2], "q0-down-0"),
        ("0:down:2", [0, 2], "q0-up-2"),
        ("0:up:2", [2, 0], "q0-down-2"),
        ("0:remove:0", [2], "q0-add-0"),
    ],
)
def test_the_focus_stays_where_the_next_press_is_expected(press: str, order: list[int], focus: str) -> None:
    _parts, part = moved(filled_in(ranking, Sent({"q0": ["2", "0"]})), press)
    assert part is not None and (part.ranked, part.focus) == (order, focus)


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("polls")


TYPED = {"q0": ["1"], "q1": ["0", "2"], "q2": ["2", "0"], "q3_0": "4", "q4": "2", "q5_1": "x", "q6": "Kept"}


def test_a_press_gives_the_paper_back_with_everything_else_as_typed(town: Town) -> None:
    id = poll_id(town, *EVERY.questions, by_code=True)
    for name, extra in (("anna", {}), (None, {"code": "half-a-code"})):
        answer = town.client(name).post(f"/polls/{id}/ballot", data={**TYPED, **extra, "move": "2:up:0"})
        assert answer.status_code == 200
        html = answer.text
        assert html.index('<input type="hidden" name="q2" value="0">') < html.index('name="q2" value="2">')
        for kept in ('value="1" id="q0-1" checked', 'value="0" id="q1-0" checked', 'value="2" id="q1-2" checked',
                     'name="q3_0" value="4" checked', 'value="2" id="q4-2" checked', 'value="x"', "Kept</textarea>"):  # fmt: skip
            assert kept in html, kept
        assert html.count("autofocus") == 1 and ("half-a-code" in html) is (name is None)


def test_a_script_gets_only_the_question_it_asked_about(town: Town) -> None:
    id = poll_id(town, *EVERY.questions)
    answer = town.client("anna").htmx("POST", f"/polls/{id}/ballot", data={**TYPED, "move": "2:add:1"})
    assert (answer.status_code, answer.text.strip()[:9], answer.text.count("<fieldset")) == (200, "<fieldset", 1)
    assert 'id="q2"' in answer.text and answer.headers["cache-control"] == "no-store"
    swap = 'hx-target="#q2" hx-swap="outerHTML"'
    assert answer.text.count(f'hx-post="/polls/{id}/ballot" {swap}') == answer.text.count("<button")


@pytest.mark.parametrize("move", ["x", "2:add", "2:add:9", "9:add:0", "0:add:0", "2:fly:1", "2:add:١", "-1:up:0"])
def test_a_press_that_no_button_makes_gives_the_paper_back_as_it_was(town: Town, move: str) -> None:
    id = poll_id(town, *EVERY.questions)
    answer = town.client("anna").post(f"/polls/{id}/ballot", data={**TYPED, "step": "cast", "move": move})
    assert (answer.status_code, 'name="q2" value="2">' in answer.text, "autofocus" in answer.text) == (200, True, False)
    with town.read() as db:
        assert grouped(db, db.get_one(Poll, id), 2) == {}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_only_answers_that_can_be_reach_the_box(data: st.DataObject) -> None:
    """The whole way in one breath: what a paper lets through, the box gives back to the counting rules."""
    definition = Definition(questions=EVERY.questions)
    parts = filled_in(definition, data.draw(forms))
    for part in parts:
        if not part.problem:
            raw = part.answer
            assert read_answer(part.question.method, raw) == raw
