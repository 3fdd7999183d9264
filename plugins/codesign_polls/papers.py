"""A paper: all that a poll asks and rules, while it is prepared. It becomes a poll, and a poll is changed through it."""

import hashlib
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from codesign_polls.definition import Definition, Question, definition_of
from codesign_polls.polls import Draft, Poll

TERMS = (
    "opens_at", "closes_at", "secret", "live", "quorum", "quorum_share", "by_account", "by_code", "min_level", "min_age",
    "max_age",
)  # fmt: skip
"""What a paper and a poll call by the same name."""


class Paper(BaseModel):
    """See `Poll` for what each of these means there."""

    model_config = ConfigDict(frozen=True)

    title: str
    text: str = ""
    topic_id: int | None = None
    questions: tuple[Question, ...] = ()
    opens_at: datetime | None = None
    """None: when it is published."""
    closes_at: datetime | None = None
    secret: bool = True
    live: bool = False
    quorum: int | None = None
    quorum_share: int | None = None
    by_account: bool = True
    by_code: bool = False
    min_level: int = 1
    min_age: int | None = None
    max_age: int | None = None
    area_ids: tuple[int, ...] = ()

    @property
    def mark(self) -> str:
        """Of all that it holds: who sends it with a change says which state the change is meant for."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:20]

    @property
    def file_ids(self) -> list[int]:
        """The pictures of its options, in their order."""
        return [option.file_id for question in self.questions for option in question.options if option.file_id]

    def changed(self, **values: Any) -> "Paper":
        return self.model_copy(update=values)

    def columns(self) -> dict[str, Any]:
        """As a poll stores it, but for what all contributions have."""
        terms = {name: getattr(self, name) for name in TERMS}
        definition = Definition(questions=self.questions).model_dump(mode="json")
        return {**terms, "area_ids": list(self.area_ids), "definition": definition}


def paper_of_draft(draft: Draft) -> Paper:
    return Paper.model_validate(draft.document)


def paper_of_poll(poll: Poll) -> Paper:
    return Paper(
        title=poll.title,
        text=poll.text,
        topic_id=poll.topic_id,
        questions=definition_of(poll.definition).questions,
        area_ids=tuple(poll.area_ids),
        **{name: getattr(poll, name) for name in TERMS},
    )


def as_poll(paper: Paper, now: datetime) -> Poll:
    """A poll that is stored nowhere: to show what the paper would become. Without a last moment it ends now."""
    columns = paper.columns()
    columns |= {"opens_at": paper.opens_at or now, "closes_at": paper.closes_at or now}
    return Poll(kind="poll", title=paper.title, text=paper.text, imported_from="", voter_count=0, **columns)
