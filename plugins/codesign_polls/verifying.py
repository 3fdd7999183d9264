"""Counting a published ballot box again: pure functions on the lines of the file, without a database or this site."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from pydantic import ValidationError

from codesign.kit import gettext
from codesign_polls.answers import problem
from codesign_polls.box import read_answer
from codesign_polls.counting import count
from codesign_polls.counting.tally import Tally
from codesign_polls.definition import RULES, Option, Question
from codesign_polls.published import FORMAT
from codesign_polls.receipts import KEY_DIGITS, keys_of, normal_code

LINE_LENGTH = 1_000_000
PROBLEMS_TOLD = 20


class Unreadable(Exception):
    """This is no published ballot box; the message says what is wrong, and where."""


@dataclass
class Recount:
    """What came of counting again."""

    title: str
    number: str
    voters: int
    questions: tuple[Question, ...]
    entries: list[int] = field(default_factory=list)
    """Entries of each question."""
    tallies: list[Tally | None] = field(default_factory=list)
    """None for texts, which nobody counts."""
    published: list[Any] = field(default_factory=list)
    """The tallies that the file states."""
    problems: list[str] = field(default_factory=list)
    receipt: str = ""
    found: dict[int, Any] = field(default_factory=dict)
    """The answers under the receipt, by question."""

    @property
    def receipt_is_there(self) -> bool:
        return bool(self.receipt) and len(self.found) == len(self.questions)

    @property
    def right(self) -> bool:
        return not self.problems

    def differs(self, question: int) -> bool:
        tally = self.tallies[question]
        stated: Any = self.published[question]
        return bool((tally.to_json() if tally else None) != stated)


def recount(lines: Iterable[bytes], receipt: str = "") -> Recount:
    """Read a published box, check every entry, count it, and compare. Raises Unreadable when it is no such file."""
    numbered = enumerate(lines, 1)
    result = _begin(next(numbered, (1, b""))[1], receipt)
    wanted = keys_of(result.number, len(result.questions), result.receipt) if result.receipt else {}
    waiting: tuple[int, str, Any] | None = None
    read = _entries(result, numbered, wanted)
    for place, question in enumerate(result.questions):
        groups: Counter[Any] = Counter()
        for found in chain([waiting] if waiting else [], read):
            waiting = found
            if found[0] != place:
                break
            groups[found[2]] += 1
            waiting = None
        result.entries.append(sum(groups.values()))
        result.tallies.append(count(question.rule, question.size, groups) if question.rule else None)
    _compare(result)
    return result


def _begin(first: bytes, receipt: str) -> Recount:
    head = _json(first, 1)
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise Unreadable(gettext("This is not a ballot file of codesign: its first line does not say so."))
    try:
        questions = tuple(
            Question(**{**told, "options": tuple(Option(title=title) for title in told["options"])})
            for told in head["questions"]
        )
        voters, published = int(head["voters"]), list(head["result"])
        number, title = str(head["poll"]), str(head["title"])
    except (KeyError, TypeError, ValueError, OverflowError, ValidationError) as error:
        raise Unreadable(gettext("The first line of the file is damaged: something is missing in it.")) from error
    if any(
        question.rule not in RULES[question.method] or (question.rule and not question.size) for question in questions
    ):
        raise Unreadable(gettext("The first line of the file names a counting rule that does not fit its question."))
    known = normal_code(receipt)
    result = Recount(title, number, voters, questions, published=published, receipt=known)
    if receipt.strip() and not known:
        _tell(result, gettext("This is not a receipt: a receipt has 16 letters and digits."))
    return result


def _entries(
    result: Recount, numbered: Iterator[tuple[int, bytes]], wanted: dict[str, int]
) -> Iterator[tuple[int, str, Any]]:
    """Valid entries in order; of the others the report tells."""
    before = (-1, "")
    for number, text in numbered:
        entry = _entry(result, number, text)
        if entry is None:
            continue
        place, key, answer = entry
        if (place, key) <= before:
            told = gettext("Line %(line)s: entries must be sorted, and each key may come once. It was not counted.")
            _tell(result, told % {"line": number})
            continue
        before = (place, key)
        if wanted.get(key) == place:
            result.found[place] = answer
        yield entry


def _entry(result: Recount, number: int, text: bytes) -> tuple[int, str, Any] | None:
    raw = _json(text, number)
    if not isinstance(raw, list) or len(raw) != 3 or type(raw[0]) is not int or not _is_key(raw[1]):
        _tell(result, gettext("Line %(line)s is not an entry. It was not counted.") % {"line": number})
        return None
    place, key, told = raw
    question = result.questions[place] if 0 <= place < len(result.questions) else None
    try:
        answer = read_answer(question.method, told) if question else None
    except (TypeError, ValueError):
        answer = object()  # not an answer of any question
    if question is None or problem(question, answer):
        _tell(result, gettext("Line %(line)s answers what was not asked. It was not counted.") % {"line": number})
        return None
    return place, key, answer


def _is_key(key: Any) -> bool:
    return isinstance(key, str) and len(key) == KEY_DIGITS and not set(key) - set("0123456789abcdef")


def _json(text: bytes, number: int) -> Any:
    try:
        return json.loads(text) if len(text) <= LINE_LENGTH else None
    except (ValueError, RecursionError):
        return None


def _compare(result: Recount) -> None:
    if len(result.published) != len(result.questions):
        _tell(result, gettext("The file does not state a result for every question."))
        result.published = [None] * len(result.questions)
    for place, question in enumerate(result.questions):
        if result.entries[place] != result.voters:
            told = gettext("“%(question)s”: %(entries)s entries, but %(voters)s people voted.")
            numbers = {"question": question.title, "entries": result.entries[place], "voters": result.voters}
            _tell(result, told % numbers)
        if result.differs(place):
            told = gettext("“%(question)s”: the recount differs from the published result.")
            _tell(result, told % {"question": question.title})


def _tell(result: Recount, sentence: str) -> None:
    if len(result.problems) < PROBLEMS_TOLD:
        result.problems.append(sentence)
