"""What is asked: the questions of a poll with their options, as one document that is frozen when voting starts."""

import enum
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from codesign.kit import mark


class Method(enum.StrEnum):
    """How a question is answered."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    RANKED = "ranked"
    SCORE = "score"
    YES_NO = "yes_no"
    POINTS = "points"
    TEXT = "text"


RULES: Mapping[Method, tuple[str, ...]] = {
    Method.SINGLE: ("plurality",),
    Method.MULTIPLE: ("approval",),
    Method.RANKED: ("instant_runoff", "schulze"),
    Method.SCORE: ("score", "star"),
    Method.YES_NO: ("majority",),
    Method.POINTS: ("cumulative",),
    Method.TEXT: ("",),
}
"""The counting rules (`codesign_polls.counting`) that fit a method, the usual one first. Texts are read, not counted."""
YES, NO, ABSTAIN = 0, 1, 2
YES_NO_LABELS = (mark("Yes"), mark("No"), mark("Abstain"))
BEST_SCORE = 5
OPTIONS_AT_MOST = 500
QUESTIONS_AT_MOST = 20
TEXT_LENGTH = 2000


class Option(BaseModel):
    model_config = ConfigDict(frozen=True)

    title: str
    text: str = ""
    """An explanation, in the same markup as contributions."""
    file_id: int | None = None
    """Its picture (`codesign.core.files`)."""
    source: str = ""
    """Its id in the file it was imported from."""


class Question(BaseModel):
    model_config = ConfigDict(frozen=True)

    title: str
    text: str = ""
    method: Method
    rule: str
    least: int = 0
    """How many options must be chosen or ranked at least, when the question is answered at all."""
    most: int = 0
    """How many may be chosen or ranked at most, 0 for all; of `points`: how many points there are to give."""
    options: tuple[Option, ...] = Field(default=())
    """Empty for `yes_no` (0 yes, 1 no, 2 abstain) and `text`."""

    @property
    def size(self) -> int:
        """The number of options that the counting rule knows."""
        return len(YES_NO_LABELS) if self.method is Method.YES_NO else len(self.options)


class Definition(BaseModel):
    model_config = ConfigDict(frozen=True)

    questions: tuple[Question, ...] = ()


def definition_of(document: Mapping[str, Any]) -> Definition:
    return Definition.model_validate(document)
