"""The published box: its file, the recount that anybody can ask for, and looking for one's receipt."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from codesign.kit import NotFound, changes_at, gettext, keep, page, session, value, visit_of
from codesign_polls.definition import definition_of
from codesign_polls.paper import paper_of
from codesign_polls.polls import Box, Poll, PublishedBox
from codesign_polls.published import MEDIA_TYPE, unpacked
from codesign_polls.receipts import keys_of, normal_code
from codesign_polls.verifying import Recount, recount
from codesign_polls.voting_pages import moments, visible_poll


def show(request: Request) -> Response:
    """What can be checked and how; with `?count=1` the result of counting the published file again."""
    with session(request) as db:
        poll = visible_poll(request, db)
        changes_at(request, poll.closes_at)
        asked = request.query_params.get("count") == "1"
        return page(
            request,
            "polls/verify.html",
            keep=keep(poll),
            **_context(request, db, poll),
            recount=_recount(request, db, poll, asked),
        )


def look_up(request: Request) -> Response:
    """What stands in the box under a receipt. Sent by POST, so that no address or log ever holds a receipt."""
    with session(request) as db:
        poll = visible_poll(request, db)
        receipt = normal_code(value(request, "receipt"))
        wrong = "" if receipt else gettext("A receipt has 16 letters and digits. Compare it with what you wrote down.")
        found = _found(db, poll, receipt) if receipt and poll.counted_at else None
        status = 200 if found is not None or not wrong else 422
        context = {**_context(request, db, poll), "receipt": value(request, "receipt"), "problem": wrong}
        context |= {"looked": bool(receipt), "found": found}
        response = page(request, "polls/verify.html", status, **context, recount=None)
        response.headers["Cache-Control"] = "no-store"
        return response


def _context(request: Request, db: Session, poll: Poll) -> dict[str, Any]:
    query = select(PublishedBox.digest, PublishedBox.size).where(PublishedBox.poll_id == poll.id)
    file = db.execute(query).one_or_none()
    asked = {"receipt": "", "problem": "", "looked": False, "found": None}
    return {"poll": poll, "file": file, **asked, **moments(request, poll)}


def _recount(request: Request, db: Session, poll: Poll, asked: bool) -> Recount | None:
    packed = db.scalar(select(PublishedBox.packed).where(PublishedBox.poll_id == poll.id)) if asked else None
    if not packed:
        return None
    return _recounted(File(hashlib.sha256(packed).hexdigest(), visit_of(request).speech.locale, packed))


@dataclass(frozen=True)
class File:
    """A published file, packed; the same as another by its digest and the language in which it is told of."""

    digest: str
    language: str
    packed: bytes = field(compare=False, repr=False)


@lru_cache(8)
def _recounted(file: File) -> Recount:
    """The same bytes give the same result: whoever asks a thousand times does not keep the server busy."""
    return recount(unpacked(file.packed))


def _found(db: Session, poll: Poll, receipt: str) -> list[Any] | None:
    """The ballot under a receipt as a filled-in paper, None when it is not in the box."""
    definition = definition_of(poll.definition)
    answers: dict[int, Any] = {}
    for key, place in keys_of(poll.number, len(definition.questions), receipt).items():
        holds = (Box.poll_id == poll.id) & (Box.question == place) & Box.entries.contains(f'"{key}"', autoescape=True)
        for text in db.scalars(select(Box.entries).where(holds)):
            answers.update((place, answer) for found, answer in json.loads(text) if found == key)
    if len(answers) != len(definition.questions):
        return None
    ordered = [answers[place] for place in range(len(definition.questions))]
    return paper_of(definition, ordered)


def download(request: Request) -> Response:
    with session(request) as db:
        poll = visible_poll(request, db)
        box = db.get(PublishedBox, poll.id)
        if box is None:
            raise NotFound("not counted yet")
        headers = {
            "ETag": f'"{box.digest}"',
            "Vary": "Accept-Encoding",
            "Content-Disposition": f'attachment; filename="poll-{poll.number}.jsonl"',
        }
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(box.packed, media_type=MEDIA_TYPE, headers={**headers, "Content-Encoding": "gzip"})
        return Response(b"".join(unpacked(box.packed)), media_type=MEDIA_TYPE, headers=headers)


def secrecy(request: Request) -> Response:
    """How a secret ballot is kept, and what that does not protect from."""
    with session(request):
        visit_of(request)
        return page(request, "polls/secrecy.html", keep=keep())


routes: list[BaseRoute] = [
    Route("/secrecy", secrecy, methods=["GET"]),
    Route("/{id:int}/verify", show, methods=["GET"]),
    Route("/{id:int}/verify", look_up, methods=["POST"]),
    Route("/{id:int}/ballots.jsonl", download, methods=["GET"]),
]
