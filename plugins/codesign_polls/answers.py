"""What an answer to a question may be: checked when a ballot is cast, and again when a published box is verified."""

from typing import Any

from codesign.kit import gettext, ngettext
from codesign_polls.definition import BEST_SCORE, TEXT_LENGTH, Method, Question

NUMBER_LENGTH = 9
"""Digits of a number of points at most."""


def how_to_answer(question: Question) -> str:
    """What to do with a question, in a sentence above its options."""
    least, most = max(1, question.least), question.most or question.size
    if question.method is Method.MULTIPLE:
        return _how_many(least, most, question.size, gettext("Choose one or several."))
    if question.method is Method.RANKED:
        return _how_many(least, most, question.size, gettext("Rank the options, the best first."))
    return {
        Method.SINGLE: gettext("Choose one."),
        Method.YES_NO: gettext("Choose one."),
        Method.SCORE: gettext("Give each option a number from 0 (worst) to 5 (best)."),
        Method.POINTS: gettext("You have %(most)s points. Give them to one option or divide them.")
        % {"most": question.most},
        Method.TEXT: gettext("Answer in your own words. All answers are published without names."),
    }[question.method]


def _how_many(least: int, most: int, size: int, any_number: str) -> str:
    if least <= 1 and most >= size:
        return any_number
    return gettext("%(sentence)s At least %(least)s, at most %(most)s.") % {
        "sentence": any_number,
        "least": least,
        "most": most,
    }


def problem(question: Question, answer: Any) -> str:
    """What is wrong with an answer, as a sentence that says what to do; "" when nothing is. None is a blank answer."""
    if answer is None:
        return ""
    check = {
        Method.SINGLE: _one,
        Method.YES_NO: _one,
        Method.MULTIPLE: _several,
        Method.RANKED: _several,
        Method.SCORE: _scores,
        Method.POINTS: _points,
        Method.TEXT: _text,
    }[question.method]
    return check(question, answer)


def _one(question: Question, answer: Any) -> str:
    known = type(answer) is int and 0 <= answer < question.size
    return "" if known else gettext("Choose one of the options of this question.")


def _several(question: Question, answer: Any) -> str:
    if not isinstance(answer, tuple) or any(_one(question, option) for option in answer):
        return gettext("Choose among the options of this question.")
    if len(set(answer)) != len(answer):
        return gettext("Each option can be named once.")
    return _number(question, len(answer))


def _number(question: Question, chosen: int) -> str:
    """Too few or too many options; leaving all of a question blank is always possible."""
    if chosen < max(1, question.least):
        told = ngettext(
            "Choose at least %(num)s option, or none to leave this question blank.",
            "Choose at least %(num)s options, or none to leave this question blank.",
            max(1, question.least),
        )
        return told % {"num": max(1, question.least)}
    if question.most and chosen > question.most:
        told = ngettext(
            "You chose %(chosen)s; at most %(num)s is possible. Take some out.",
            "You chose %(chosen)s; at most %(num)s are possible. Take some out.",
            question.most,
        )
        return told % {"num": question.most, "chosen": chosen}
    return ""


def _scores(question: Question, answer: Any) -> str:
    if _not_pairs(question, answer) or any(points > BEST_SCORE for _option, points in answer):
        return gettext("Give each option a number from 0 to %(best)s.") % {"best": BEST_SCORE}
    return ""


def _points(question: Question, answer: Any) -> str:
    if _not_pairs(question, answer):
        return gettext("Give the options whole numbers of points, 0 or more.")
    total = sum(points for _option, points in answer)
    if question.most and total > question.most:
        told = gettext("You gave %(total)s points; there are %(most)s. Take some away.")
        return told % {"total": total, "most": question.most}
    if total < question.least:
        told = gettext("You gave %(total)s points; give at least %(least)s, or none to leave this question blank.")
        return told % {"total": total, "least": question.least}
    return ""


def _not_pairs(question: Question, answer: Any) -> bool:
    if not isinstance(answer, tuple) or not answer or not all(isinstance(p, tuple) and len(p) == 2 for p in answer):
        return True
    options = [option for option, _points in answer]
    numbers = all(type(points) is int and points >= 0 for _option, points in answer)
    return not numbers or len(set(options)) != len(options) or any(_one(question, option) for option in options)


def _text(question: Question, answer: Any) -> str:
    if not isinstance(answer, str) or not answer:
        return gettext("Write your answer as text.")
    if len(answer) > TEXT_LENGTH:
        told = gettext("This is %(count)s characters long; at most %(most)s are possible. Please shorten it.")
        return told % {"count": len(answer), "most": TEXT_LENGTH}
    return ""
