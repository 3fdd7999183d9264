"""Polls that were voted in and counted, for tests of their results."""

import re
import secrets
from datetime import timedelta
from typing import Any

from codesign.testing import Town
from codesign_polls.ballots import cast
from codesign_polls.box import pour
from codesign_polls.definition import Question
from codesign_polls.polls import Poll
from codesign_polls.receipts import KEY_DIGITS
from codesign_polls.tests.making import poll_id

WEEK = timedelta(days=7)


def voted(town: Town, questions: list[Question], ballots: list[list[Any]], **more: Any) -> int:
    """The id of an open poll in which so many people, who have no account, gave these ballots."""
    id = poll_id(town, *questions, **more)
    with town.write() as db:
        poll = db.get_one(Poll, id)
        for place, answers in enumerate(ballots):
            cast(db, poll, f"c{place}", None, answers, town.world.clock.now())
    return id


def counted(town: Town, questions: list[Question], ballots: list[list[Any]], **more: Any) -> int:
    """The id of a secret poll with these ballots, closed and counted. They are poured into its box, which is quick."""
    id = poll_id(town, *questions, **more)
    with town.write() as db:
        db.get_one(Poll, id).voter_count = len(ballots)
        for place in range(len(questions)):
            pour(db, id, place, ((secrets.token_hex(KEY_DIGITS // 2), answers[place]) for answers in ballots))
    town.world.clock.advance(WEEK)
    town.tick()
    return id


def words(html: str) -> str:
    """What stands in the main part of a page, to be read."""
    main = html.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split()).replace("&#39;", "'")
