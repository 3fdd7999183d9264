"""Polls that were voted in and counted, for tests of their results."""

import re
from datetime import timedelta
from typing import Any

from codesign.testing import Town
from codesign_polls.ballots import cast
from codesign_polls.definition import Question
from codesign_polls.polls import Poll
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
    """The same a week later, when it is closed and counted."""
    id = voted(town, questions, ballots, **more)
    town.world.clock.advance(WEEK)
    town.tick()
    return id


def words(html: str) -> str:
    """What stands in the main part of a page, to be read."""
    main = html.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split()).replace("&#39;", "'")
