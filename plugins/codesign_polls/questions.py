"""Editing what a paper asks: each function takes a paper and returns the changed one. Places are counted from 0."""

import unicodedata
from typing import Any, TypeVar

from codesign.kit import Invalid, NotFound, gettext
from codesign_polls.checking import LIMITED, WITHOUT_OPTIONS, question_lacks, same_twice
from codesign_polls.definition import OPTIONS_AT_MOST, QUESTIONS_AT_MOST, RULES, Method, Option, Question
from codesign_polls.papers import Paper

POINTS = 10
"""To give, until it is said otherwise."""
OPTION_LENGTH = 200
Item = TypeVar("Item")


def new_question(title: str, text: str, method: Method, options: tuple[Option, ...] = ()) -> Question:
    """A question that is counted by the usual rule of its method."""
    if method in WITHOUT_OPTIONS:
        options = ()
    most = POINTS if method is Method.POINTS else 0
    return Question(title=title, text=text, method=method, rule=RULES[method][0], most=most, options=options)


def question_at(paper: Paper, place: int) -> Question:
    """Raises NotFound when there is none at that place."""
    if not 0 <= place < len(paper.questions):
        raise NotFound(f"no question {place}")
    return paper.questions[place]


def option_at(question: Question, place: int) -> Option:
    """Raises NotFound when there is none at that place."""
    if not 0 <= place < len(question.options):
        raise NotFound(f"no option {place}")
    return question.options[place]


def with_question(paper: Paper, question: Question) -> Paper:
    """With one more at the end. Raises Invalid when there are too many."""
    if len(paper.questions) >= QUESTIONS_AT_MOST:
        raise Invalid(gettext("At most %(most)s questions are possible.") % {"most": QUESTIONS_AT_MOST})
    return paper.changed(questions=(*paper.questions, question))


def replaced(paper: Paper, place: int, question: Question) -> Paper:
    question_at(paper, place)
    return paper.changed(questions=_put(paper.questions, place, question))


def without_question(paper: Paper, place: int) -> Paper:
    question_at(paper, place)
    return paper.changed(questions=_without(paper.questions, place))


def shifted(paper: Paper, place: int, step: int) -> Paper:
    """The question one place up (-1) or down (1); the first and the last stay where they are."""
    question_at(paper, place)
    return paper.changed(questions=_shift(paper.questions, place, step))


def reworded(question: Question, title: str, text: str, method: Method, rule: str, limits: dict[str, int]) -> Question:
    """With these words. A method that changes brings its usual rule and no limits; otherwise they are as given.

    Raises Invalid when the question has options and the method none, or when the limits make no sense.
    """
    if method in WITHOUT_OPTIONS and question.options:
        sentence = gettext(
            "Who answers in this way chooses no options. Remove the options first, or add a new question."
        )
        raise Invalid(sentence, "method")
    if method is not question.method:
        return new_question(title, text, method, question.options)
    limited = method in LIMITED or method is Method.POINTS
    values: dict[str, Any] = {"title": title, "text": text, "rule": rule, **(limits if limited else {})}
    changed = question.model_copy(update=values)
    if found := [*question_lacks(changed)] if question.options else []:
        raise Invalid(" ".join(found), "most" if limited else "rule")
    return changed


def titles_in(lines: str) -> list[str]:
    """One title a line; lines in which nothing can be seen are none."""
    titles = [" ".join(line.split()) for line in lines.splitlines()]
    return [title for title in titles if any(unicodedata.category(sign)[0] in "LNPS" for sign in title)]


def with_options(question: Question, titles: list[str]) -> Question:
    """With more options at the end. Raises Invalid when one is too long or there twice, or there are too many."""
    options = (*question.options, *(Option(title=title) for title in titles))
    if question.method in WITHOUT_OPTIONS and titles:
        raise Invalid(gettext("Who answers in this way chooses no options."), "options")
    if len(options) > OPTIONS_AT_MOST:
        sentence = gettext("These would be %(count)s options; at most %(most)s are possible.")
        raise Invalid(sentence % {"count": len(options), "most": OPTIONS_AT_MOST}, "options")
    for title in titles:
        if len(title) > OPTION_LENGTH:
            sentence = gettext("“%(title)s” is too long: at most %(most)s characters. Explain the rest afterwards.")
            raise Invalid(sentence % {"title": f"{title[:40]}…", "most": OPTION_LENGTH}, "options")
    _check_differ(options, "options")
    return question.model_copy(update={"options": options})


def with_option(question: Question, place: int, option: Option) -> Question:
    """With another option at that place. Raises Invalid when there is one of that name elsewhere."""
    option_at(question, place)
    options = _put(question.options, place, option)
    _check_differ(options, "title")
    return question.model_copy(update={"options": options})


def without_option(question: Question, place: int) -> Question:
    option_at(question, place)
    return question.model_copy(update={"options": _without(question.options, place)})


def shifted_option(question: Question, place: int, step: int) -> Question:
    option_at(question, place)
    return question.model_copy(update={"options": _shift(question.options, place, step)})


def _check_differ(options: tuple[Option, ...], field: str) -> None:
    if twice := same_twice([option.title for option in options]):
        raise Invalid(gettext("The option “%(title)s” is there twice.") % {"title": twice}, field)


def _put(items: tuple[Item, ...], place: int, item: Item) -> tuple[Item, ...]:
    return (*items[:place], item, *items[place + 1 :])


def _without(items: tuple[Item, ...], place: int) -> tuple[Item, ...]:
    return (*items[:place], *items[place + 1 :])


def _shift(items: tuple[Item, ...], place: int, step: int) -> tuple[Item, ...]:
    other = place + step
    if not 0 <= other < len(items):
        return items
    changed = [*items]
    changed[place], changed[other] = changed[other], changed[place]
    return tuple(changed)
