"""The ballot paper: what was ticked, ranked, scored or written, read from the form question by question.

Fields: `q0` is the first question. Single and yes/no send one option, several choices send several, a ranking sends
its options in order, texts send themselves; scores and points have a field for each option, `q0_3`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from markupsafe import Markup

from codesign.kit import clean, gettext, render
from codesign_polls.answers import NUMBER_LENGTH, how_to_answer, problem
from codesign_polls.box import read_answer
from codesign_polls.definition import Definition, Method, Question

PLACE_LENGTH = 5
"""More digits than the place of any option has."""


@dataclass(frozen=True)
class Shown:
    """An option as the paper shows it."""

    place: int
    title: str
    html: Markup
    file_id: int | None


@dataclass(frozen=True)
class Part:
    """One question of a ballot paper, as somebody filled it in."""

    place: int
    question: Question
    given: tuple[str, ...] = ()
    """Options in the order sent, or the text."""
    numbers: dict[int, str] = field(default_factory=dict)
    """Scores or points by option, as typed."""
    answer: Any = None
    problem: str = ""
    focus: str = ""
    """The id of the button where the next press is expected, after one that moved an option."""

    @property
    def name(self) -> str:
        return f"q{self.place}"

    @property
    def html(self) -> Markup:
        """The explanation of the question."""
        return render(self.question.text)

    @property
    def how(self) -> str:
        return how_to_answer(self.question)

    @cached_property
    def options(self) -> list["Shown"]:
        return [
            Shown(place, option.title, render(option.text), option.file_id)
            for place, option in enumerate(self.question.options)
        ]

    @property
    def blank(self) -> bool:
        return self.answer is None

    @property
    def ranked(self) -> list[int]:
        """The options of a ranking that exist, best first."""
        options = [int(text) for text in self.given if _is_place(text)]
        return [option for option in dict.fromkeys(options) if option < self.question.size]

    @property
    def unranked(self) -> list[int]:
        taken = set(self.ranked)
        return [option for option in range(self.question.size) if option not in taken]

    @property
    def full(self) -> bool:
        """Whether as many options are ranked as may be."""
        return 0 < self.question.most <= len(self.ranked)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Names and values of the form that give this part again."""
        numbers = [(f"{self.name}_{option}", text) for option, text in self.numbers.items()]
        return [*((self.name, text) for text in self.given), *numbers]


def empty_paper(definition: Definition) -> list[Part]:
    return [Part(place, question) for place, question in enumerate(definition.questions)]


def paper_of(definition: Definition, answers: list[Any]) -> list[Part]:
    """A paper that says again what was voted: for those who change their vote."""
    return [
        _again(Part(place, question), read_answer(question.method, answer))
        for place, (question, answer) in enumerate(zip(definition.questions, answers, strict=True))
    ]


def _again(part: Part, answer: Any) -> Part:
    if answer is None:
        return part
    if part.question.method in (Method.SCORE, Method.POINTS):
        return replace(part, numbers={option: str(number) for option, number in answer}, answer=answer)
    given = tuple(str(option) for option in (answer if isinstance(answer, tuple) else (answer,)))
    return replace(part, given=given, answer=answer)


def filled_in(definition: Definition, sent: Any) -> list[Part]:
    """The paper as it was sent, each answer with what is wrong with it. `sent` has `getlist(name)`."""
    return [_filled(Part(place, question), sent) for place, question in enumerate(definition.questions)]


def _filled(part: Part, sent: Any) -> Part:
    given = tuple(clean(text).strip() for text in sent.getlist(part.name))
    given = tuple(text for text in given if text)
    names = {option: f"{part.name}_{option}" for option in range(part.question.size)}
    typed = {option: "".join(sent.getlist(name)[:1]).strip() for option, name in names.items()}
    part = replace(part, given=given, numbers={option: text for option, text in typed.items() if text})
    try:
        answer = _answer(part)
    except ValueError as error:
        return replace(part, problem=str(error))
    return replace(part, answer=answer, problem=problem(part.question, answer))


def _answer(part: Part) -> Any:
    """What a part says. Raises ValueError with a sentence when it says nothing that can be understood."""
    method = part.question.method
    if method in (Method.SCORE, Method.POINTS):
        pairs = tuple((option, _number(text)) for option, text in part.numbers.items())
        pairs = tuple(pair for pair in pairs if pair[1] or method is Method.SCORE)
        return pairs or None
    if not part.given:
        return None
    if method is Method.TEXT:
        return part.given[0]
    options = tuple(_number(text) for text in part.given)
    if method in (Method.MULTIPLE, Method.RANKED):
        return read_answer(method, options)
    if len(options) > 1:  # no browser sends that; which one was meant is not for us to say
        raise ValueError(gettext("Choose one of the options of this question."))
    return options[0]


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > NUMBER_LENGTH:
        raise ValueError(gettext("“%(text)s” is not a whole number.") % {"text": text[:20]})
    return int(text)


def moved(parts: list[Part], move: str) -> tuple[list[Part], Part | None]:
    """The paper after a press on a button of a ranking, `<question>:<add|up|down|remove>:<option>`, unchecked, and the
    part that was moved; None when there is no such button."""
    parts = [replace(part, problem="") for part in parts]
    place, _colon, rest = move.partition(":")
    step, _colon, option = rest.partition(":")
    if not (_is_place(place) and _is_place(option) and int(place) < len(parts)):
        return parts, None
    part = parts[int(place)]
    if part.question.method is not Method.RANKED or int(option) >= part.question.size or step not in STEPS:
        return parts, None
    part = _moved(part, step, int(option))
    return [part if other.place == part.place else other for other in parts], part


def _is_place(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < PLACE_LENGTH


def _moved(part: Part, step: str, option: int) -> Part:
    order = part.ranked
    STEPS[step](order, option)
    part = replace(part, given=tuple(map(str, order)), answer=tuple(order) or None)
    return replace(part, focus=f"{part.name}-{_next_press(part, step, option)}")


def _add(order: list[int], option: int) -> None:
    if option not in order:
        order.append(option)


def _up(order: list[int], option: int) -> None:
    at = order.index(option) if option in order else 0
    if at > 0:
        order[at - 1], order[at] = order[at], order[at - 1]


def _down(order: list[int], option: int) -> None:
    at = order.index(option) if option in order else len(order)
    if at < len(order) - 1:
        order[at], order[at + 1] = order[at + 1], order[at]


def _remove(order: list[int], option: int) -> None:
    if option in order:
        order.remove(option)


STEPS: dict[str, Callable[[list[int], int], None]] = {"add": _add, "up": _up, "down": _down, "remove": _remove}


def _next_press(part: Part, step: str, option: int) -> str:
    """Where the focus goes: to the same button again, or what comes nearest when it is gone."""
    order, rest = part.ranked, part.unranked
    if step == "add" and rest and not part.full:
        return f"add-{next((other for other in rest if other > option), rest[0])}"
    if option not in order:
        return f"remove-{order[-1]}" if part.full else f"add-{option}"
    first, last = order[0] == option, order[-1] == option
    if first and last:
        return f"remove-{option}"
    return f"down-{option}" if first or (step == "down" and not last) else f"up-{option}"
