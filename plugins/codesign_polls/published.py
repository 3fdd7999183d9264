"""The published ballot box: a file that anybody can keep, compare and count again.

It is JSON, one value a line. The first line is an object: what was asked and what came out. Each further line is an
entry `[question, key, answer]`, sorted by question and key, so that the same box is always the same file:

    {"format": "codesign ballots 1", "poll": "2026-00042", "voters": 3, "questions": [...], "result": [...]}
    [0, "00f3...", 2]
    [0, "7a41...", null]
    [0, "c05d...", 0]

Answers: the place of an option from 0 (single; yes 0, no 1, abstain 2), a list of places (multiple; ranked: best
first), a list of [place, points] (score, points), a text, or null for blank.
"""

import gzip
import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from codesign_polls.box import entries
from codesign_polls.definition import definition_of
from codesign_polls.polls import Poll, PublishedBox

FORMAT = "codesign ballots 1"
MEDIA_TYPE = "application/jsonl"
COMPRESSION = 6


def header(poll: Poll) -> dict[str, Any]:
    """The first line: everything that is needed to count without this site."""
    questions = [
        {
            "title": question.title,
            "method": question.method.value,
            "rule": question.rule,
            "least": question.least,
            "most": question.most,
            "options": [option.title for option in question.options],
        }
        for question in definition_of(poll.definition).questions
    ]
    return {
        "format": FORMAT,
        "poll": poll.number,
        "title": poll.title,
        "opens_at": poll.opens_at.isoformat(),
        "closes_at": poll.closes_at.isoformat(),
        "ballot": "secret" if poll.secret else "open",
        "voters": poll.voter_count,
        "questions": questions,
        "result": (poll.outcome or {}).get("tallies", []),
    }


def lines(db: Session, poll: Poll) -> Iterator[bytes]:
    """The file of a counted poll, line by line."""
    yield line(header(poll))
    for question in range(len(definition_of(poll.definition).questions)):
        for key, answer in entries(db, poll, question):
            yield line([question, key, answer])


def publish(db: Session, poll: Poll) -> PublishedBox:
    """Write the file of a poll that was counted, in the transaction that stores its outcome."""
    digest, packed, size = hashlib.sha256(), io.BytesIO(), 0
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=COMPRESSION, mtime=0) as file:
        for text in lines(db, poll):
            digest.update(text)
            size += file.write(text)
    box = PublishedBox(poll_id=poll.id, digest=digest.hexdigest(), size=size, packed=packed.getvalue())
    db.add(box)
    db.flush()
    return box


def unpacked(packed: bytes) -> Iterator[bytes]:
    """The lines of a published file."""
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
        yield from file


def line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
