"""What tests ask: polls, written straight into a town's store."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from codesign.core.users import User
from codesign.testing import Town
from codesign_polls.definition import RULES, Definition, Method, Option, Question
from codesign_polls.papers import Paper
from codesign_polls.polls import Poll
from codesign_polls.preparing import enter

TITLE = "Which tree for the square?"
TEXT = "The old lime tree has to go this winter. Which tree shall we plant in its place?"
TREES = ("Oak", "Elm", "Ash")


def a_question(method: str = "single", *titles: str, **more: Any) -> Question:
    """Answered by this method, counted by its usual rule. Without titles the options are three trees."""
    way = Method(method)
    options = () if way in (Method.YES_NO, Method.TEXT) else tuple(Option(title=title) for title in titles or TREES)
    values = {"title": TITLE, "rule": RULES[way][0], "most": 10 if way is Method.POINTS else 0, **more}
    return Question(method=way, options=options, **values)


def asking(*questions: Question) -> Definition:
    return Definition(questions=questions or (a_question(),))


def ask(db: Session, author: User, definition: Definition, now: datetime, **more: Any) -> Poll:
    """A published poll: open since `now` and for a week, secret, for every account, unless `more` says otherwise."""
    values = {"title": TITLE, "text": TEXT, "opens_at": now, "closes_at": now + timedelta(days=7), **more}
    language = values.pop("language", "en")
    return enter(db, author, Paper(questions=definition.questions, **values), language, now)


def poll_id(town: Town, *questions: Question, author: str = "chen", **more: Any) -> int:
    """The id of a new poll, committed."""
    with town.write() as db:
        return ask(db, town.person(db, author), asking(*questions), town.world.clock.now(), **more).id
