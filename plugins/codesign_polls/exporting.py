"""Counted polls as data: what was asked and what came out as JSON and CSV, and every ballot in words.

The files are the same for every reader, whatever language they read: they can be compared.

    results.json    the definition and the outcome, complete: rounds and comparisons too
    results.csv     a line for each option of each question
    ballots.csv     a line for each answer in the box, made of the published file (`codesign_polls.published`)
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from codesign.core.contributions import get_of_kind
from codesign.kit import NotFound, allowed, session
from codesign_polls.counting.tally import Tally
from codesign_polls.definition import Definition, Method, Question, definition_of
from codesign_polls.outcome import Outcome, outcome_of
from codesign_polls.polls import Poll, PublishedBox
from codesign_polls.published import unpacked

FORMAT = "codesign results 1"
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What spreadsheets take for more than text."""
MARK = "\ufeff"
"""Spreadsheets know by it that a file is UTF-8."""
YES_NO = ("yes", "no", "abstain")
RESULTS_HEAD = (
    "question", "question_title", "rule", "option", "option_title", "total", "rank", "winner", "ballots", "blank",
)  # fmt: skip
BALLOTS_HEAD = ("question", "question_title", "key", "answer")
LINES_AT_ONCE = 500
Cells = Sequence[Any]


def results_json(request: Request) -> Response:
    with session(request) as db:
        poll, outcome = _counted(request, db)
        return _known(request, poll, "json") or Response(
            json.dumps(document(poll, outcome), ensure_ascii=False),
            media_type="application/json",
            headers=_headers(poll, "results", "json"),
        )


def results_csv(request: Request) -> Response:
    with session(request) as db:
        poll, outcome = _counted(request, db)
        text = "".join(csv_text(results(definition_of(poll.definition), outcome)))
        return _known(request, poll, "csv") or _csv(text, poll, "results")


def ballots_csv(request: Request) -> Response:
    """Written while it is sent: it may be large."""
    with session(request) as db:
        poll, _outcome = _counted(request, db)
        box = db.get_one(PublishedBox, poll.id)
        if (known := _known(request, poll, "csv")) is not None:
            return known
        return _csv(csv_text(ballots(definition_of(poll.definition), box.packed)), poll, "ballots")


def _counted(request: Request, db: Session) -> tuple[Poll, Outcome]:
    """Raises NotFound before it is counted, and when a moderator has hidden it."""
    poll = get_of_kind(db, Poll, request.path_params["id"])
    outcome = outcome_of(poll)
    if outcome is None or not allowed(request, "polls.results", poll):
        raise NotFound("not counted yet")
    return poll, outcome


def document(poll: Poll, outcome: Outcome) -> dict[str, Any]:
    pictures = {"questions": {"__all__": {"options": {"__all__": {"file_id"}}}}}
    assert poll.counted_at is not None
    return {
        "format": FORMAT,
        "poll": poll.number,
        "title": poll.title,
        "opens_at": poll.opens_at.isoformat(),
        "closes_at": poll.closes_at.isoformat(),
        "counted_at": poll.counted_at.isoformat(),
        "ballot": "secret" if poll.secret else "open",
        "definition": definition_of(poll.definition).model_dump(mode="json", exclude=pictures),
        "outcome": outcome.model_dump(mode="json"),
    }


def results(definition: Definition, outcome: Outcome) -> Iterator[Cells]:
    """Questions and options are numbered from 1. Texts, which nobody counts, have no line."""
    yield RESULTS_HEAD
    for place, question in enumerate(definition.questions):
        if (tally := outcome.tally(place)) is None:
            continue
        ranks = _ranks(tally)
        for option, title in enumerate(_titles(question)):
            total = tally.totals[option]
            yield (
                place + 1, question.title, question.rule, option + 1, title,
                total if isinstance(total, int) else f"{float(total):.4f}", ranks.get(option, ""),
                "yes" if option in tally.winners else "no", tally.ballots, tally.blank,
            )  # fmt: skip


def _ranks(tally: Tally) -> dict[int, int]:
    """Equals have the same rank, and the next one leaves as many out: 1, 2, 2, 4."""
    ranks: dict[int, int] = {}
    for group in tally.ranking:
        ranks |= dict.fromkeys(group, len(ranks) + 1)
    return ranks


def ballots(definition: Definition, packed: bytes) -> Iterator[Cells]:
    """Every entry of a published file, with its answer in words. Blank answers are empty."""
    yield BALLOTS_HEAD
    lines = unpacked(packed)
    next(lines, None)  # the line that says what was asked
    titles = [_titles(question) for question in definition.questions]
    for line in lines:
        place, key, answer = json.loads(line)
        question = definition.questions[place]
        yield place + 1, question.title, key, "" if answer is None else in_words(question, titles[place], answer)


def in_words(question: Question, titles: list[str], answer: Any) -> str:
    """Several options are separated by semicolons; a ranking is numbered, the best first."""
    if question.method is Method.TEXT:
        return str(answer)
    if question.method in (Method.SINGLE, Method.YES_NO):
        return titles[int(answer)]
    if question.method is Method.MULTIPLE:
        return "; ".join(titles[option] for option in answer)
    if question.method is Method.RANKED:
        return "; ".join(f"{rank}. {titles[option]}" for rank, option in enumerate(answer, 1))
    return "; ".join(f"{titles[option]}: {points}" for option, points in answer)


def _titles(question: Question) -> list[str]:
    return list(YES_NO) if question.method is Method.YES_NO else [option.title for option in question.options]


def csv_text(rows: Iterable[Cells]) -> Iterator[str]:
    """In pieces of some hundred lines."""
    piece = io.StringIO()
    piece.write(MARK)
    writer = csv.writer(piece)
    for number, row in enumerate(rows, 1):
        writer.writerow([guarded(cell) for cell in row])
        if number % LINES_AT_ONCE == 0:
            yield piece.getvalue()
            piece.seek(0)
            piece.truncate()
    yield piece.getvalue()


def guarded(cell: Any) -> Any:
    """A text that a spreadsheet would run as a formula is marked as text, by an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(STARTS_A_FORMULA) else cell


def _csv(text: str | Iterable[str], poll: Poll, name: str) -> Response:
    headers = _headers(poll, name, "csv")
    sort = "text/csv; charset=utf-8"
    if isinstance(text, str):
        return Response(text, media_type=sort, headers=headers)
    return StreamingResponse(text, media_type=sort, headers=headers)


def _headers(poll: Poll, name: str, sort: str) -> dict[str, str]:
    """A counted poll does not change, but it may be hidden: so it is asked for again, and mostly answered by 304."""
    return {
        "ETag": _tag(poll, sort),
        "Cache-Control": "no-cache",
        "Content-Disposition": f'attachment; filename="{name}-{poll.number}.{sort}"',
    }


def _tag(poll: Poll, sort: str) -> str:
    assert poll.counted_at is not None
    return f'"{poll.number}-{int(poll.counted_at.timestamp() * 1_000_000):x}-{sort}"'


def _known(request: Request, poll: Poll, sort: str) -> Response | None:
    """304 when the reader holds it already."""
    tags = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if not tags & {_tag(poll, sort), "*"}:
        return None
    return Response(status_code=304, headers={"ETag": _tag(poll, sort), "Cache-Control": "no-cache"})


def _file(name: str, endpoint: Callable[[Request], Response]) -> BaseRoute:
    return Route(f"/{{id:int}}/{name}", endpoint, methods=["GET"])


routes: list[BaseRoute] = [
    _file("results.json", results_json),
    _file("results.csv", results_csv),
    _file("ballots.csv", ballots_csv),
]
