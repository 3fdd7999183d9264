"""What a paper lacks before it can be published, in sentences that say what to do."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from codesign.core.residents import Level
from codesign.kit import gettext
from codesign_polls.definition import OPTIONS_AT_MOST, QUESTIONS_AT_MOST, RULES, Method, Question
from codesign_polls.papers import Paper

WITHOUT_OPTIONS = (Method.YES_NO, Method.TEXT)
LIMITED = (Method.MULTIPLE, Method.RANKED)
"""Methods of which the least and the most number of options can be said."""


class Lack(NamedTuple):
    part: str
    """Of the preparation where it is put right: `questions`, `when`, `who` or `how`."""
    sentence: str


def lacks(paper: Paper, now: datetime) -> list[Lack]:
    """Everything that keeps it from being published at `now`."""
    parts = {"questions": _questions(paper), "when": _when(paper, now), "who": _who(paper), "how": _how(paper)}
    return [Lack(part, sentence) for part, sentences in parts.items() for sentence in sentences]


def _questions(paper: Paper) -> Iterator[str]:
    if not paper.questions:
        yield gettext("There is no question yet. Add at least one.")
    if len(paper.questions) > QUESTIONS_AT_MOST:
        yield gettext("There are too many questions; at most %(most)s are possible.") % {"most": QUESTIONS_AT_MOST}
    for question in paper.questions:
        for sentence in question_lacks(question):
            yield gettext("Question “%(title)s”: %(sentence)s") % {"title": question.title, "sentence": sentence}


def question_lacks(question: Question) -> Iterator[str]:
    """What is wrong with one question."""
    count = len(question.options)
    if question.rule not in RULES[question.method]:
        yield gettext("Choose how it is counted.")
    if question.method in WITHOUT_OPTIONS:
        if count:
            yield gettext("It cannot have options of its own. Remove them, or choose another way to answer.")
        return
    if count < 2:
        yield gettext("It needs at least two options.")
    if count > OPTIONS_AT_MOST:
        yield gettext("It has too many options; at most %(most)s are possible.") % {"most": OPTIONS_AT_MOST}
    if twice := same_twice([option.title for option in question.options]):
        yield gettext("The option “%(title)s” is there twice.") % {"title": twice}
    yield from _limits(question)


def _limits(question: Question) -> Iterator[str]:
    least, most, count = question.least, question.most, len(question.options)
    if question.method in LIMITED and max(least, most) > count >= 2:
        yield gettext("More options must be chosen than there are. There are %(count)s.") % {"count": count}
    if question.method is Method.POINTS and most < 1:
        yield gettext("Say how many points each person can give.")
    if most and least > most:
        yield gettext("The least number is greater than the most.")


def same_twice(titles: list[str]) -> str:
    """The first title that is there a second time, "" when all differ. Capitals and spaces make no difference."""
    seen: set[str] = set()
    for title in titles:
        normal = " ".join(title.casefold().split())
        if normal in seen:
            return title
        seen.add(normal)
    return ""


def _when(paper: Paper, now: datetime) -> Iterator[str]:
    if paper.opens_at is not None and paper.opens_at <= now:
        yield gettext("Voting would have opened in the past. Choose a later moment, or leave it empty to open at once.")
    if paper.closes_at is None:
        yield gettext("Say when voting closes.")
    elif paper.closes_at <= now:
        yield gettext("Voting would have closed in the past. Choose a later moment.")
    elif paper.opens_at is not None and paper.closes_at <= paper.opens_at:
        yield gettext("Voting closes before it opens. Choose a later moment for the close.")


def _who(paper: Paper) -> Iterator[str]:
    if not paper.by_account and not paper.by_code:
        yield gettext("Say how people vote: with their account, with a code, or both.")
    if paper.min_age is not None and paper.max_age is not None and paper.min_age > paper.max_age:
        yield gettext("The lowest age is higher than the highest.")
    asked = bool(paper.area_ids) or paper.min_age is not None or paper.max_age is not None
    if paper.by_account and asked and paper.min_level < Level.VERIFIED:
        yield gettext("Area and age are known of verified residents only. Choose that only they may vote.")


def _how(paper: Paper) -> Iterator[str]:
    if paper.secret and paper.live:
        yield gettext("A secret ballot shows no results before the close.")
    if paper.quorum is not None and paper.quorum_share is not None:
        yield gettext("Say the quorum as a number or as a share, not both.")
