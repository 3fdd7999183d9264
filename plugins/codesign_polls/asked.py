"""What a poll asks and rules, as its pages show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from codesign.kit import gettext, ngettext, render
from codesign_polls.answers import how_to_answer
from codesign_polls.definition import YES_NO_LABELS, Method, Question
from codesign_polls.wording import rule_sentence


@dataclass(frozen=True)
class Choice:
    """An option that people can choose."""

    title: str
    html: Markup
    picture: Any
    """Of `codesign.core.files`, or None."""


@dataclass(frozen=True)
class Asked:
    """A question with its texts made ready."""

    title: str
    html: Markup
    how: str
    """What those who vote do, in a sentence."""
    counted: str
    """How it is counted, in a sentence."""
    options: list[Choice]
    fixed: bool
    """Whether the options are ours, in the language of the reader: yes, no, abstain."""


def asked(questions: tuple[Question, ...], pictures: Mapping[int, Any]) -> list[Asked]:
    return [
        Asked(
            question.title,
            render(question.text) if question.text else Markup(),
            how_to_answer(question),
            rule_sentence(question.rule),
            _choices(question, pictures),
            question.method is Method.YES_NO,
        )
        for question in questions
    ]


def _choices(question: Question, pictures: Mapping[int, Any]) -> list[Choice]:
    if question.method is Method.YES_NO:
        return [Choice(gettext(label), Markup(), None) for label in YES_NO_LABELS]
    return [
        Choice(
            option.title,
            render(option.text) if option.text else Markup(),
            pictures.get(option.file_id) if option.file_id is not None else None,
        )
        for option in question.options
    ]


def quorum_sentence(quorum: int | None, quorum_share: int | None) -> str:
    """How many must vote for the result to count, "" when it counts in any case."""
    if quorum is not None:
        told = ngettext(
            "The result counts only if at least %(num)s person votes.",
            "The result counts only if at least %(num)s people vote.",
            quorum,
        )
        return told % {"num": quorum}
    if quorum_share is None:
        return ""
    share = f"{quorum_share / 10:g}"
    return gettext("The result counts only if at least %(share)s%% of those who may vote take part.") % {"share": share}
