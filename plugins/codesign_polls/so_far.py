"""The result of an open ballot while people vote: counted anew for each page that is made, so only where that is quick."""

from collections import Counter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign_polls.box import STREAMED, read_answer
from codesign_polls.counting import count
from codesign_polls.definition import Method, Question, definition_of
from codesign_polls.outcome import Outcome
from codesign_polls.polls import OpenBallot, Poll

BALLOTS_AT_MOST = 2_000
RANKED_AT_MOST = 20
"""Options of all questions that are ranked: ties between many of them can take seconds to look into."""


def so_far(db: Session, poll: Poll) -> Outcome | None:
    """None when it would take too long. Without areas, ages and a quorum of a share: these are told after the close."""
    questions = definition_of(poll.definition).questions
    ranked = sum(question.size for question in questions if question.method is Method.RANKED)
    if poll.voter_count > BALLOTS_AT_MOST or ranked > RANKED_AT_MOST:
        return None
    voters, groups = _grouped(db, poll, questions)
    tallies = [
        count(question.rule, question.size, groups[place]).to_json() if question.rule else None
        for place, question in enumerate(questions)
    ]
    return Outcome(tallies=tallies, voters=voters, quorum=poll.quorum)


def _grouped(db: Session, poll: Poll, questions: tuple[Question, ...]) -> tuple[int, list[Counter[Any]]]:
    """The number of ballots, and for each question how many say the same: all in one look."""
    groups: list[Counter[Any]] = [Counter() for _question in questions]
    voters = 0
    query = select(OpenBallot.answers).where(OpenBallot.poll_id == poll.id)
    for answers in db.scalars(query.execution_options(yield_per=STREAMED)):
        voters += 1
        for place, question in enumerate(questions):
            if question.rule:
                groups[place][read_answer(question.method, answers[place])] += 1
    return voters, groups
