"""Threads: conversations in a life situation. What happened to me, and what would have helped."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, Session, mapped_column

from codesign.core.contributions import Contribution, publish
from codesign.core.life import Situation
from codesign.core.users import User
from codesign.i18n import mark
from codesign.types import Answerable


class Thread(Contribution):
    LABEL = mark("Story")
    URL = "/threads/{id}"
    ANSWERABLE = Answerable("threads.started")

    __tablename__ = "thread"
    __mapper_args__ = {"polymorphic_identity": "thread"}
    id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)


def start_thread(
    db: Session, situation: Situation, author: User, title: str, text: str, language: str, now: datetime
) -> Thread:
    thread = Thread(
        kind="thread", situation_id=situation.id, author_id=author.id, title=title, text=text, language=language
    )
    thread.author, thread.situation, thread.topic = author, situation, None
    return publish(db, thread, now)
