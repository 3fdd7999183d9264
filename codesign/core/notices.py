"""Notices: what a person hears of, why, and by which ways they want to hear."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from codesign.db import Base, Id
from codesign.editions import SHOWN_NOWHERE, SHOWN_TO_ONE
from codesign.i18n import mark

DIGEST_HOUR = 17
"""When the daily letter is written, in the town's time, for those who chose no other hour."""
UNREAD = text("read_at IS NULL AND shown")
WAITING = text("mail = 'waiting'")


class Ground(enum.StrEnum):
    """Why a person is told. Each can be switched off by itself."""

    AUTHOR = "author"
    TOOK_PART = "took_part"
    ITEM = "item"
    PLACE = "place"
    DUTY = "duty"


GROUND_LABELS = {
    Ground.AUTHOR: mark("What you wrote"),
    Ground.TOOK_PART: mark("What you commented, voted on or signed"),
    Ground.ITEM: mark("Contributions you follow"),
    Ground.PLACE: mark("Topics, life situations and authorities you follow"),
    Ground.DUTY: mark("Your work for the town"),
}


class Channel(enum.StrEnum):
    """How a person hears."""

    INBOX = "inbox"
    DIGEST = "digest"
    """In one letter a day."""
    AT_ONCE = "at_once"
    """Official answers only: a letter of their own, at once."""


CHANNEL_LABELS = {
    Channel.INBOX: mark("On this site"),
    Channel.DIGEST: mark("In the daily letter"),
    Channel.AT_ONCE: mark("Official answers at once"),
}


class Mail(enum.StrEnum):
    """What becomes of a notice by e-mail."""

    NONE = "none"
    WAITING = "waiting"
    """For the next daily letter."""
    OWN = "own"
    """It has a letter of its own in the outbox."""
    DONE = "done"
    """It was in a daily letter."""


class Notice(Base):
    """One event, told to one person. The worker writes them, many with one statement."""

    __tablename__ = "notice"
    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    ground: Mapped[Ground]
    reason: Mapped[str]
    """Why this person is told, as a sentence to be translated."""
    template: Mapped[str]
    """The letter about it, without its ending; its first line stands in the inbox and in the daily letter."""
    shown: Mapped[bool]
    """Whether it is in the person's inbox."""
    mail: Mapped[Mail]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("event_id", "user_id"),
        Index("ix_notice_inbox", "user_id", "id"),
        Index("ix_notice_unread", "user_id", sqlite_where=UNREAD, postgresql_where=UNREAD),
        Index("ix_notice_waiting", "user_id", sqlite_where=WAITING, postgresql_where=WAITING),
        {"info": SHOWN_TO_ONE},
    )


class Preference(Base):
    """A choice of one person for one reason and one way; without a row everything is wanted."""

    __tablename__ = "preference"
    __table_args__ = {"info": SHOWN_NOWHERE}
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    ground: Mapped[Ground] = mapped_column(primary_key=True)
    channel: Mapped[Channel] = mapped_column(primary_key=True)
    wanted: Mapped[bool]


class Mailbox(Base):
    """What is special about the mail of a person; most have no row."""

    __tablename__ = "mailbox"
    __table_args__ = {"info": SHOWN_NOWHERE}
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    digest_hour: Mapped[int] = mapped_column(default=DIGEST_HOUR)
    """0 to 23, in the town's time."""
    stopped_at: Mapped[datetime | None]
    """The address refused letters for good (SMTP 5xx): nothing more is sent there until the person confirms one anew."""
    stopped_because: Mapped[str] = mapped_column(default="")


class Round(Base):
    """How far the daily letters have come: killed at any moment, the worker goes on where it stood."""

    __tablename__ = "round"
    __table_args__ = {"info": SHOWN_NOWHERE}
    name: Mapped[str] = mapped_column(primary_key=True)
    done_until: Mapped[datetime]
    """All hours up to this moment are done."""
    doing_until: Mapped[datetime | None]
    """The hours up to this moment are being done, None: no round is under way."""
    after: Mapped[int] = mapped_column(default=0)
    """The greatest user id that this round has reached."""
