"""The fate of a contribution as everybody reads it: where it stands, what was answered, promised and said, in one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, BindParameter, bindparam, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution
from codesign.core.files import File
from codesign.core.settings import Package, accepted
from codesign.core.users import OFFICIALS, User
from codesign.i18n import speech
from codesign.kit import Personal, Section
from codesign_feedback import clock_words
from codesign_feedback.answers import Answer, Commitment
from codesign_feedback.calendar import Calendar
from codesign_feedback.clock_words import Left
from codesign_feedback.loop import ANSWERABLE, LEADING_TO_WORK, State
from codesign_feedback.loops import Loop
from codesign_feedback.objecting import reopenable_until
from codesign_feedback.people import author_of, took_part_in
from codesign_feedback.receipts import written
from codesign_feedback.rules import NAME
from codesign_feedback.settings import FeedbackSettings
from codesign_feedback.state_words import meaning, state_words, tone
from codesign_feedback.story import Happened, Story, story
from codesign_feedback.voices import Receipt, Reply, Wish
from codesign_feedback.words import CODE_LABELS, REFUSAL_LABELS

NOT_ASKED, SILENT, SOLVED, UNSOLVED = 0, 1, 2, 3
"""What somebody has to do with the question “is it done?”: nothing; took part and said nothing yet; said yes; said no."""
_ID: BindParameter[int] = bindparam("id", type_=BigInteger)
_USER: BindParameter[int] = bindparam("user", type_=BigInteger)


@dataclass(frozen=True)
class Promise:
    """A commitment with the picture that shows it kept, and how many days are left."""

    commitment: Commitment
    picture: File | None
    left: Left | None
    """None: it is delivered."""


@dataclass(frozen=True)
class Asking:
    """The question “is it done?” and what was replied so far."""

    url: str
    solved: int
    replies: int
    asked: int
    left: Left | None
    thing: Contribution
    standing: int
    """Of the reader; see SILENT."""


@dataclass(frozen=True)
class Fate:
    thing: Contribution
    loop: Loop
    answer: Answer | None
    """The latest one."""
    promises: Sequence[Promise]
    wished: int
    """How many want it opened again."""
    standing: int
    code: str
    """Of the author's receipt, to be shown to nobody else; "" when there is none."""
    settings: FeedbackSettings
    calendar: Calendar
    now: datetime

    @property
    def url(self) -> str:
        return f"/feedback/{self.loop.contribution_id}"

    @property
    def state(self) -> str:
        return state_words(self.loop.state, self.loop.outcome)

    @property
    def tone(self) -> str:
        return tone(self.loop, self.left)

    @property
    def meaning(self) -> str:
        """What this state means, and what happens next."""
        return meaning(self.loop, self.answer, self.settings)

    @property
    def left(self) -> Left | None:
        """The clock that all see, while one runs."""
        if self.loop.due_at is None:
            return None
        return clock_words.left(self.loop.clock, self.loop.due_at, self.calendar, self.now)

    @property
    def asking(self) -> Asking | None:
        loop = self.loop
        if loop.asked_at is None:
            return None
        replies = loop.solved_count + loop.unsolved_count
        left = self.left if loop.clock in clock_words.ASKING else None
        return Asking(self.url, loop.solved_count, replies, loop.asked_count, left, self.thing, self.standing)

    @property
    def answer_is_earlier(self) -> bool:
        """A new answer is owed; this one was given before."""
        return self.loop.state in ANSWERABLE - {State.DISPUTED}

    @property
    def awaits_commitment(self) -> bool:
        return self.loop.state is State.ANSWERED and self.loop.code in LEADING_TO_WORK

    @property
    def may_appeal(self) -> bool:
        """Whoever took part, while there is time."""
        return self.loop.state is State.DECLINED and (self.loop.due_at is None or self.now < self.loop.due_at)

    @property
    def may_reopen(self) -> bool:
        until = self._reopenable_until
        return until is not None and self.now <= until

    @property
    def waits_for_author(self) -> bool:
        return self.loop.state is State.RETURNED

    @property
    def moments(self) -> list[datetime | None]:
        """When the clock alone changes what stands here: the words for days at the town's midnight."""
        dated = self.loop.due_at is not None or any(promise.left for promise in self.promises)
        midnight = self.calendar.end_of(self.calendar.today(self.now)) if dated else None
        return [midnight, self.loop.due_at, self._reopenable_until]

    def story(self, moments: Sequence[Happened]) -> Story:
        return story(moments, self.thing, in_words=not self.thing.hidden)

    @property
    def code_label(self) -> str:
        return CODE_LABELS[self.answer.code] if self.answer is not None else ""

    @property
    def refusal_label(self) -> str:
        refusal = self.answer.refusal if self.answer is not None else None
        return REFUSAL_LABELS[refusal] if refusal is not None else ""

    @property
    def _reopenable_until(self) -> datetime | None:
        return reopenable_until(self.loop, self.settings)


def fate_of(db: Session, thing: Contribution, actor: User | None, now: datetime) -> Fate | None:
    """None when nothing is owed for it. The reader's own part is asked in the same query."""
    asked = {"id": thing.id, "user": actor.id if actor is not None else 0}
    rows = db.execute(_fate(type(thing)), asked).all()
    if not rows:
        return None
    loop, answer, _commitment, _file, values, wished, standing, code = rows[0]
    settings = accepted(FeedbackSettings, values or {})
    calendar = Calendar(ZoneInfo(speech().zone), settings.reminder_hour, {})
    promises = [_promise(row[2], row[3], calendar, now) for row in rows if row[2] is not None]
    receipt = written(code) if code else ""
    return Fate(thing, loop, answer, promises, wished, standing or NOT_ASKED, receipt, settings, calendar, now)


def sections(db: Session, thing: Any, actor: User | None, now: datetime) -> list[Section]:
    """What happened, on the page of a contribution that is owed an answer."""
    fate = fate_of(db, thing, actor, now) if thing.ANSWERABLE is not None else None
    if fate is None:
        return []
    return [Section("feedback/_fate.html", {"fate": fate}, -20, same_for_residents=True, moments=fate.moments)]


def _promise(commitment: Commitment, picture: File | None, calendar: Calendar, now: datetime) -> Promise:
    due = calendar.end_of(commitment.due_on)
    left = clock_words.left("delivery", due, calendar, now) if commitment.delivered_on is None else None
    return Promise(commitment, picture, left)


@cache
def _fate(model: type[Contribution]) -> Any:
    """Built once for a kind: a row for each commitment, the rest of it the same in each."""
    last = select(func.max(Answer.id)).where(Answer.contribution_id == _ID).correlate(None).scalar_subquery()
    chosen = select(Package.settings).where(Package.name == NAME).scalar_subquery()
    wished = select(func.count()).where(Wish.contribution_id == _ID, Wish.time == Loop.reopened_count)
    own = select(Receipt.code).where(
        Receipt.contribution_id == _ID, Receipt.user_id == author_of(_ID).scalar_subquery()
    )
    asked = (wished.scalar_subquery(), standing(model).scalar_subquery(), own.scalar_subquery())
    query = (
        select(Loop, Answer, Commitment, File, chosen, *asked)
        .select_from(Loop)
        .outerjoin(Answer, Answer.id == last)
        .outerjoin(Commitment, Commitment.contribution_id == Loop.contribution_id)
        .outerjoin(File, File.id == Commitment.picture_id)
    )
    return query.where(Loop.contribution_id == _ID).order_by(Commitment.id)


@cache
def standing(model: type[Contribution]) -> Any:
    """SILENT, SOLVED or UNSOLVED for `:user` and the contribution `:id`; no row for who took no part, or speaks for the
    town."""
    assert model.ANSWERABLE is not None
    present = select(Loop.round).where(Loop.contribution_id == _ID).correlate(None).scalar_subquery()
    said = select(case((Reply.solved, SOLVED), else_=UNSOLVED)).where(
        Reply.contribution_id == _ID, Reply.round == present, Reply.user_id == _USER
    )
    circles = [author_of(_ID), *took_part_in(model.ANSWERABLE, _ID)]
    theirs = or_(*(exists(query.where(query.selected_columns[0] == _USER)) for query in circles))
    # Each role by itself: a list in a parameter is not for statements on the driver's own cursor.
    official = or_(*(User.role == role for role in sorted(OFFICIALS)))
    town = exists().where(User.id == _USER, official)
    return select(func.coalesce(said.scalar_subquery(), literal(SILENT))).where(theirs, ~town)


PERSONAL = {
    "feedback/_ask.html": Personal(
        lambda values: ("feedback.standing", values["ask"].thing.id),
        lambda values, fact: {"ask": _of_reader(values["ask"], fact)},
        query=lambda values: _question(values["ask"]),
    ),
    "feedback/_complete.html": Personal(lambda values: ("author", values["thing"].author_id)),
    "feedback/_own.html": Personal(lambda values: ("author", values["thing"].author_id)),
}


def _question(ask: Asking) -> Any:
    return standing(type(ask.thing))


def _of_reader(ask: Asking, fact: int) -> Asking:
    return Asking(ask.url, ask.solved, ask.replies, ask.asked, ask.left, ask.thing, fact)
