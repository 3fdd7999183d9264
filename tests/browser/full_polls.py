"""Polls in every phase, with every sort of question, and a draft of one."""

from datetime import timedelta

from sqlalchemy.orm import Session

from codesign.testing import Town
from codesign_polls.ballots import cast, voter_of
from codesign_polls.codes import make_codes
from codesign_polls.definition import Method, Option, Question
from codesign_polls.outcome import counted_again, store
from codesign_polls.papers import Paper
from codesign_polls.polls import Poll
from codesign_polls.preparing import draft
from codesign_polls.tests.making import a_question, ask, asking

Places = dict[str, object]
WEEK = timedelta(days=7)


def fill_polls(town: Town, title: str, text: str) -> Places:
    town.enable("polls")
    with town.write() as db:
        return _Filling(town, db, title, text).everything()


class _Filling:
    def __init__(self, town: Town, db: Session, title: str, text: str) -> None:
        self.db, self.town, self.now, self.title, self.text = db, town, town.world.clock.now(), title, text
        self.chen = town.person(db, "chen")

    def everything(self) -> Places:
        opened = self.poll(title=self.title, by_code=True, quorum=3)
        make_codes(self.db, opened, self.chen, self.title[:60], 4, None, self.now)
        later = self.poll(title="Later", opens_at=self.now + WEEK, closes_at=self.now + 2 * WEEK)
        paper = Paper(title=self.title, text=self.text, questions=self.questions())
        prepared = draft(self.db, self.chen, paper, self.now)
        draft(self.db, self.chen, Paper(title="Nothing yet"), self.now)
        closed = self.closed()
        self.poll(title="An open ballot", secret=False, live=True)
        return {"poll": opened.id, "later_poll": later.id, "closed_poll": closed.id, "poll_draft": prepared.id}

    def questions(self) -> tuple[Question, ...]:
        option = Option(title=self.title, text=self.text)
        longest = (option, Option(title="Oak", text="Slow, and old one day"), Option(title="Elm"))
        return tuple(
            a_question(method, title=f"{place + 1} {self.title}", text=self.text)
            .model_copy(update={"options": longest} if method not in ("yes_no", "text") else {})
            for place, method in enumerate(Method)
        )  # fmt: skip

    def poll(self, **more: object) -> Poll:
        return ask(self.db, self.chen, asking(*self.questions()), self.now, text=self.text, **more)

    def closed(self) -> Poll:
        """Counted, with two ballots: one of every sort of answer, and a blank one."""
        poll = self.poll(title="Closed", opens_at=self.now - WEEK, closes_at=self.now + WEEK)
        said = {"single": 1, "multiple": (0, 2), "ranked": (2, 0), "score": ((0, 5), (1, 2)), "yes_no": 0,
                "points": ((0, 4), (2, 6)), "text": self.text}  # fmt: skip
        answers = [[said[method.value] for method in Method], [None] * len(Method)]
        for name, given in zip(("anna", "boris"), answers, strict=True):
            person = self.town.person(self.db, name)
            cast(self.db, poll, voter_of(person), person.id, given, self.now)
        poll.closes_at = self.now - timedelta(hours=1)
        self.db.flush()
        assert store(self.db, poll.id, counted_again(self.db, poll), self.now)
        return poll
