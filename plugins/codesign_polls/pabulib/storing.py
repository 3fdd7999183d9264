"""Stores a Pabulib election as a closed, counted poll. Everything that takes time is done before the transaction."""

import re
import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from codesign.core.contributions import TITLE_LENGTHS, publish
from codesign.core.origins import remember
from codesign.core.settings import TownSettings
from codesign.kit import clean, gettext
from codesign_polls import outcome, published
from codesign_polls.box import pour, read_answer
from codesign_polls.counting import count
from codesign_polls.definition import Definition, Method, Option, Question
from codesign_polls.pabulib.reading import Ballot, Election
from codesign_polls.polls import Poll

SOURCE, NOUN = "pabulib", "election"
METHODS = {
    "approval": (Method.MULTIPLE, "approval"),
    "choose-1": (Method.SINGLE, "plurality"),
    "ordinal": (Method.RANKED, "schulze"),
    "cumulative": (Method.POINTS, "cumulative"),
}
"""Cities score ordinal ballots each in their own way; Schulze's rule uses nothing but the order."""
OPTION_LENGTH = 300
KEY_BYTES = 16
FACTS = ("country", "unit", "district", "subunit", "instance", "budget", "currency", "rule", "comment")
"""What of META becomes the text of the poll."""


@dataclass(frozen=True)
class Prepared:
    """A poll as it will be stored."""

    source_id: str
    title: str
    text: str
    language: str
    origin: str
    opens_at: datetime
    closes_at: datetime
    definition: Definition
    entries: list[tuple[str, Any]]
    outcome: outcome.Outcome
    notes: list[str] = field(default_factory=list)


def prepared(election: Election, town: TownSettings, now: datetime) -> Prepared:
    """Read into what a poll is, and counted."""
    method, rule = METHODS[election.vote_type]
    answers = [_answer(method, ballot) for ballot in election.ballots]
    question = Question(
        title=gettext("Which projects should be carried out?"),
        method=method,
        rule=rule,
        options=tuple(_option(project.name, project.id, project.cost) for project in election.projects),
        most=_most(election, method),
    )
    groups = Counter(read_answer(method, answer) for answer in answers)
    tally = count(rule, question.size, groups)
    notes: list[str] = []
    opens_at, closes_at = _dates(election, ZoneInfo(town.zone), now, notes)
    return Prepared(
        source_id=election.path.stem,
        title=_title(election),
        text="\n\n".join(f"{name}: {_plain(election.meta[name])}" for name in FACTS if election.meta.get(name)),
        language=_language(election, town),
        origin=f"Pabulib, {election.path.name}",
        opens_at=opens_at,
        closes_at=closes_at,
        definition=Definition(questions=(question,)),
        entries=[(secrets.token_hex(KEY_BYTES), answer) for answer in answers],
        outcome=outcome.Outcome(tallies=[tally.to_json()], voters=len(answers)),
        notes=notes,
    )


def store(db: Session, work: Prepared, now: datetime) -> Poll:
    """One transaction: the poll, its box, its outcome, its file, and that it was imported."""
    poll = Poll(
        kind="poll", title=work.title, text=work.text, language=work.language, opens_at=work.opens_at,
        closes_at=work.closes_at, created_at=work.opens_at, definition=work.definition.model_dump(mode="json"),
        secret=True, by_account=False, by_code=False, min_level=1, area_ids=[], code_salt=secrets.token_hex(16),
        voter_count=len(work.entries), opened_told_at=work.opens_at, counted_at=now, imported_from=work.origin,
        outcome=work.outcome.model_dump(mode="json"),
    )  # fmt: skip
    publish(db, poll, now)
    pour(db, poll.id, 0, work.entries)
    published.publish(db, poll)
    remember(db, SOURCE, NOUN, {work.source_id: poll.id})
    return poll


def _answer(method: Method, ballot: Ballot) -> Any:
    places, points = ballot
    if not places:
        return None
    if method is Method.SINGLE:
        return places[0]
    return [list(pair) for pair in zip(places, points, strict=True)] if method is Method.POINTS else list(places)


def _option(name: str, id: str, cost: str) -> Option:
    title = clean(name)[:OPTION_LENGTH] or gettext("Project %(id)s") % {"id": id}
    return Option(title=title, text=gettext("Cost: %(cost)s") % {"cost": cost} if cost else "", source=id)


def _most(election: Election, method: Method) -> int:
    """How many options one may name, or points one may give: what the file says, unless its ballots say otherwise."""
    if method is Method.POINTS:
        given = max((sum(points) for _places, points in election.ballots), default=0)
        return max(_number(election.meta.get("max_sum_points")), given)
    chosen = max((len(places) for places, _points in election.ballots), default=0)
    stated = _number(election.meta.get("max_length"))
    return max(stated, chosen) if stated and method is not Method.SINGLE else 0


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _title(election: Election) -> str:
    meta = election.meta
    parts = (meta.get("description"), meta.get("unit"), meta.get("instance"), election.path.stem)
    title = " ".join(clean(next(part for part in parts if part and len(part) >= TITLE_LENGTHS[0])).split())
    return title[: TITLE_LENGTHS[1]]


def _language(election: Election, town: TownSettings) -> str:
    told = election.meta.get("language", "").casefold()
    return told if re.fullmatch("[a-z]{2}", told) else town.locale


def _plain(text: str) -> str:
    """META as text: nothing in it is meant as markup."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>~-])", r"\\\1", " ".join(clean(text).split()))


def _dates(election: Election, zone: ZoneInfo, now: datetime, notes: list[str]) -> tuple[datetime, datetime]:
    """From the first moment of the first day to the last of the last; a year alone means all of it."""
    first, _last = _days(election.meta.get("date_begin", ""))
    _first, last = _days(election.meta.get("date_end", ""))
    if first is None or last is None or last < first:
        notes.append(
            f"{election.path.name}: the dates of the vote are not known; the day before this import was taken."
        )
        return now - timedelta(days=2), now - timedelta(days=1)
    opens = datetime.combine(first, time(), zone).astimezone(UTC)
    closes = datetime.combine(last, time(23, 59, 59), zone).astimezone(UTC)
    return (opens, closes) if closes < now else (min(opens, now - timedelta(days=1)), now)


def _days(text: str) -> tuple[date | None, date | None]:
    """The first and last day that `28.09.2015`, `2015-09-28` or `2015` mean."""
    numbers = [int(number) for number in re.findall(r"\d{1,4}", text)[:3]]
    try:
        if len(numbers) == 1:
            return date(numbers[0], 1, 1), date(numbers[0], 12, 31)
        year, month, day = numbers if numbers[0] > 31 else numbers[::-1]
        return date(year, month, day), date(year, month, day)
    except (ValueError, IndexError):
        return None, None
