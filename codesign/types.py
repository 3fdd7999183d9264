"""What passes between core and plugins: frozen values, and the few exceptions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from pydantic import BaseModel
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from codesign.core.contributions import Contribution
    from codesign.core.notices import Ground
    from codesign.core.users import User


class NotFound(Exception):
    """There is no such thing here, or it is not for this reader's eyes: a 404 page."""


class Forbidden(Exception):
    """The reader may not do this; the message says why: a 403 page, or the way to sign in."""


class Invalid(Exception):
    """What was sent cannot be accepted; the message says what to do. `field` names the form field."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Refused(Exception):
    """A command cannot be carried out; the message tells the operator why (exit code 1)."""


Predicate: TypeAlias = "Callable[[User | None, Any, datetime], bool]"
"""May `actor` (None when anonymous) do it to `thing` at `now`? Never raises."""


@dataclass(frozen=True)
class About:
    """What an administrator reads before switching a plugin on."""

    title: str
    description: str
    effects: str
    """What changes for residents when it is on, in one sentence."""
    settings: "type[BaseModel] | None" = None
    """The plugin's settings; the administration form is made from it."""


@dataclass(frozen=True)
class Answerable:
    """The events of a kind that begin and end what the municipality owes it. The names are `<plugin>.<what happened>`."""

    after: str
    """From this event on an answer is owed: `threads.started`."""
    withdrawn: str = ""
    """Its author has taken it back."""
    merged: str = ""
    """It has become part of another contribution, whose answer counts for it."""
    took_part: "Callable[[int], Sequence[Select[Any]]]" = lambda _id: ()
    """Queries for the ids of those who took part in the contribution with this id, beside its author, those who
    commented and those who voted with `contributions.vote`."""


@dataclass(frozen=True)
class Kind:
    """A sort of contribution. From this alone it gets comments, votes, follows, reports, search and feed."""

    name: str
    model: "type[Contribution]"
    """Says the label and the URL of its kind, and when it is owed an answer."""
    commentable: bool = True
    votable: bool = True
    followable: bool = True
    reportable: bool = True
    opposable: bool = True
    """Whether one can also vote against it."""
    votes: str = "contributions/_votes.html"
    """The template that shows the votes, with `thing` and `my_vote`: the answer to a vote."""

    @property
    def label(self) -> str:
        return self.model.LABEL

    @property
    def answerable(self) -> "Answerable | None":
        """When the municipality owes it an answer; None: never."""
        return self.model.ANSWERABLE

    def url_of(self, id: int) -> str:
        return self.model.URL.format(id=id)


@dataclass(frozen=True)
class Link:
    label: str
    href: str
    icon: str = ""
    current: bool = False
    count: int | None = None
    lang: str = ""
    weight: int = 0


@dataclass(frozen=True)
class Section:
    """A template and its context for a named slot of a page. The core renders it."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    weight: int = 0
    same_for_residents: bool = False
    """Nothing in it depends on who reads, but for its `mine` parts: pages with it are made once for all residents."""
    moments: Sequence[datetime | None] = ()
    """When the clock alone changes it."""


@dataclass(frozen=True)
class Objection:
    """Why an action may not be done just now, as a sentence for the person."""

    sentence: str
    weight: int = 0


@dataclass(frozen=True)
class Occurrence:
    """Something that a vote brought about, or time: recorded as an event, in the transaction that found it out."""

    name: str
    """`<plugin>.<what happened>`."""
    thing: "Contribution"
    data: Mapping[str, Any] = field(default_factory=dict)
    """What its letters say beside the title and the URL."""
    weight: int = 0


@dataclass(frozen=True)
class Tick:
    """What a plugin is given when time has passed in a town."""

    read: "Callable[[], AbstractContextManager[Session]]"
    write: "Callable[[], AbstractContextManager[Session]]"
    """A transaction, committed at the end of `with`. Keep it short: in a SQLite store nobody else writes meanwhile."""
    record: "Callable[[Session, Occurrence], None]"
    """Writes the event in the transaction of that session."""
    now: datetime
    kinds: "Mapping[str, Kind]"
    """The kinds of contribution that are switched on there; rows of others may not even load."""


@dataclass(frozen=True)
class Audience:
    """Who must hear of an event: a query for user ids, computed in the database, and the reason they are told."""

    users: "Select[Any]"
    """One column, of one table, that an index gives in order: it is read in steps, each from where the last one ended."""
    reason: str
    template: str
    """Mail template, without its ending: `moderation/mail/hidden`."""
    ground: "Ground"
    """Which of the reasons that people can switch off this is."""
    at_once: bool = False
    """An official answer: by a letter of its own, at once, where others wait for the daily letter."""
    folded: bool = False
    """Who has not read an earlier one of these letters about the same contribution is not told again: for what happens often."""
    weight: int = 0


class Sentences(Protocol):
    """A list of sentences that may be longer than memory: it knows its length and can be walked."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[str]: ...


@dataclass(frozen=True)
class ImportReport:
    """What became of every row of an import."""

    imported: Mapping[str, int]
    """What was imported, by noun: {"stories": 80, "comments": 5633}."""
    unchanged: Mapping[str, int]
    """What an earlier run had already imported."""
    skipped: "Sentences"
    """One sentence for each row left out, with file and line."""
    notes: "Sentences" = ()
    """What a reader should know: rows taken in with something missing."""
    passed_over: Sequence[str] = ()
    """What it knows but leaves to other importers, each as the beginning of a sentence; told when none took it."""


@dataclass(frozen=True)
class ImportJob:
    """What an importer is given."""

    write: Callable[[], Any]
    """Opens a write session on the town's store: `with job.write() as db`. Commits at its end."""
    path: Path
    now: datetime
    progress: Callable[[str, int, int], None]
    """progress(noun, done, total); total may be 0 when unknown."""


@dataclass(frozen=True)
class Importer:
    name: str
    description: str
    run: Callable[[ImportJob], ImportReport]
    weight: int = 0
