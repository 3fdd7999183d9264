"""The timeline of a contribution, ready to be shown: when, what, who, and the words that came with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from markupsafe import Markup

from codesign.core.contributions import Contribution
from codesign.kit import excerpt, gettext, ngettext, plain, render, show_date, show_number

SHOWN = 8
"""Steps that are always open; of a longer story the beginning is folded, unless that were one step only."""
SHORT = 240
"""Characters of a text that are shown without unfolding it."""


class Happened(Protocol):
    """What the template function `timeline` gives."""

    @property
    def name(self) -> str: ...
    @property
    def sentence(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def origin(self) -> Any: ...
    @property
    def actor_id(self) -> int | None: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Step:
    at: datetime
    side: str
    who: str
    what: str
    detail: str
    beginning: str
    """Of the text that came with it, or all of it when it is short."""
    whole: Markup | None
    """The text, when it is longer."""


@dataclass(frozen=True)
class Story:
    earlier: Sequence[Step]
    """Folded."""
    steps: Sequence[Step]
    extension: Markup | None
    """Why the town last took more time."""
    request: Markup | None
    """What the author was last asked to add."""


def story(moments: Sequence[Happened], thing: Contribution, in_words: bool = True) -> Story:
    """`in_words`: with the texts that people wrote; without them for what a moderator has hidden."""
    steps = [_step(moment, thing, in_words) for moment in moments]
    folded = len(steps) - SHOWN if len(steps) > SHOWN + 1 else 0
    last = {moment.name: moment for moment in moments}
    extension, request = (_words(last.get(name)) for name in ("feedback.extended", "feedback.returned"))
    return Story(steps[:folded], steps[folded:], extension, request)


def _words(moment: Happened | None) -> Markup | None:
    return render(str(moment.data.get("text", ""))) if moment is not None else None


def _step(moment: Happened, thing: Contribution, in_words: bool) -> Step:
    text = str(moment.data.get("text") or "") if in_words or moment.origin == "authority" else ""
    beginning, whole = _said(text) if text else ("", None)
    detail = DETAILS.get(moment.name, _nothing)(moment.data)
    what = moment.sentence.removesuffix(".")
    return Step(moment.at, str(moment.origin), _who(moment, thing), what, detail, beginning, whole)


@lru_cache(512)
def _said(text: str) -> tuple[str, Markup | None]:
    """Its beginning, and all of it when it is longer. What an event says never changes."""
    html = render(text)
    beginning = excerpt(html, SHORT)
    return beginning, html if beginning != plain(html) else None


def _who(moment: Happened, thing: Contribution) -> str:
    """A side and no name: names stand with what people write themselves."""
    match moment.origin:
        case "authority":
            told = moment.data.get("from_authority") or moment.data.get("authority")
            return str(told or gettext("The town"))
        case "moderator":
            return gettext("The moderators")
        case "resident":
            return gettext("Its author") if moment.actor_id == thing.author_id else gettext("Somebody who took part")
    return ""


def _nothing(data: Mapping[str, Any]) -> str:
    return ""


def _decision(data: Mapping[str, Any]) -> str:
    labels = [gettext(data[name]) for name in ("code_label", "refusal_label") if data.get(name)]
    return ": ".join(labels)


def _promise(data: Mapping[str, Any]) -> str:
    said = [data.get("deliverable"), data.get("owner"), show_date(data["due_on"]) if data.get("due_on") else None]
    return ", ".join(part for part in said if part)


def _count(data: Mapping[str, Any]) -> str:
    solved, replies = show_number(data.get("solved", 0)), show_number(data.get("replies", 0))
    return gettext("%(solved)s of %(replies)s who replied say it is done") % {"solved": solved, "replies": replies}


def _asked(data: Mapping[str, Any]) -> str:
    asked = int(data.get("asked", 0))
    return ngettext("%(num)s person was asked", "%(num)s people were asked", asked) % {"num": show_number(asked)}


def _longer(data: Mapping[str, Any]) -> str:
    days = int(data.get("days", 0))
    return ngettext("%(num)s day more", "%(num)s days more", days) % {"num": days}


def _outcome(data: Mapping[str, Any]) -> str:
    label = data.get("outcome_label")
    return gettext(label) if label else ""


def _authority(data: Mapping[str, Any]) -> str:
    return str(data.get("authority") or "")


DETAILS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "feedback.answered": _decision,
    "feedback.declined": _decision,
    "feedback.committed": _promise,
    "feedback.in_progress": _promise,
    "feedback.delivered": _promise,
    "feedback.verified": _count,
    "feedback.disputed": _count,
    "feedback.asked": _asked,
    "feedback.asked_again": _asked,
    "feedback.extended": _longer,
    "feedback.closed": _outcome,
    "feedback.transferred": _authority,
}
