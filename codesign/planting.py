"""Filling an example town: people, votes and comments as they would have come about, with their own dates."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from codesign.core.comments import Comment, post_comment
from codesign.core.contributions import Contribution
from codesign.core.users import User
from codesign.core.votes import CommentVote, ContributionVote
from codesign.db import Base
from codesign.events import SIDES, Event, Side
from codesign.types import Occurrence


@dataclass(frozen=True)
class Garden:
    """What a plugin is given to fill an example town with things of its own."""

    db: Session
    locale: str
    """The language of the town: `en`, `kk` or `es`."""
    people: Sequence[User]
    """Residents without a mailbox, for authors and voters."""
    staff: Mapping[str, User]
    """`anna`, `boris`, `chen` and `admin`."""
    topics: Mapping[str, int]
    """Topic ids by title."""
    areas: Mapping[str, int]
    """Area ids by title, in the order of the town."""
    now: datetime
    chance: random.Random
    authorities: Mapping[str, int] = field(default_factory=dict)
    """Authority ids by title."""

    def person(self, place: int) -> User:
        return self.people[place % len(self.people)]

    def ago(self, days: float) -> datetime:
        """So many days ago, at an hour when people are awake."""
        moment = self.now - timedelta(days=days)
        return moment.replace(hour=7 + self.chance.randrange(14), minute=self.chance.randrange(60))

    def vote(self, thing: Contribution, agree: int, disagree: int) -> None:
        self._cast(ContributionVote, {"contribution_id": thing.id}, thing, agree, disagree)

    def comment(self, thing: Contribution, comments: Sequence[Mapping[str, Any]], days: float) -> None:
        """Plant a tree of comments: each has `author`, `text`, and maybe `agree`, `disagree` and `replies`."""
        for place, told in enumerate(comments):
            self._plant(thing, told, None, days - (place + 1) * days / (len(comments) + 2))

    def happened(self, occurrence: Occurrence, actor: User | None, moment: datetime) -> None:
        """An event of the past: it stands in the timeline, and nobody is told of it any more."""
        thing, told = occurrence.thing, {"url": occurrence.thing.url, **occurrence.data}
        self.db.add(
            Event(
                name=occurrence.name, contribution_id=thing.id, actor_id=actor.id if actor else None,
                origin=SIDES[actor.role] if actor else Side.CLOCK, data={"title": thing.title, **told}, at=moment,
                topic_id=thing.topic_id, situation_id=thing.situation_id, authority_id=told.get("authority_id"),
            )
        )  # fmt: skip
        self.db.flush()

    def _plant(self, thing: Contribution, told: Mapping[str, Any], parent: Comment | None, days: float) -> None:
        author = self.staff[told["author"]] if isinstance(told["author"], str) else self.person(told["author"])
        earliest = (parent or thing).created_at + timedelta(minutes=self.chance.randrange(5, 95))
        moment = min(max(self.ago(days), earliest), self.now)
        comment = post_comment(self.db, thing, author, told["text"].strip(), parent, self.locale, moment)
        self._cast(CommentVote, {"comment_id": comment.id}, comment, told.get("agree", 0), told.get("disagree", 0))
        for place, reply in enumerate(told.get("replies", ()), 1):
            self._plant(thing, reply, comment, days * (1 - place / (len(told["replies"]) + 2)))

    def _cast(
        self, votes: type[Base], on: dict[str, int], thing: Contribution | Comment, agree: int, disagree: int
    ) -> None:
        """Many votes on one thing that has none, in one statement."""
        values = [1] * agree + [-1] * disagree
        voters = self.chance.sample(list(self.people), len(values))
        rows = [{"user_id": voter.id, "value": value, **on} for voter, value in zip(voters, values, strict=True)]
        if rows:
            self.db.execute(insert(votes), rows)
            thing.agree_count, thing.disagree_count = agree, disagree
            self.db.flush()
