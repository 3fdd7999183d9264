"""Parcels: messages, each with all that its letter is made of."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution
from codesign.core.notices import Channel, Ground, Notice
from codesign.core.preferences import unwanted
from codesign.core.settings import CORE, Chosen
from codesign.core.users import User
from codesign.digests import Entry, News, news_of
from codesign.events import Event, told_by
from codesign.headlines import headline
from codesign.i18n import speech
from codesign.outbox import Message
from codesign.web.addresses import INBOX, address, preferences_path, unsubscribe_url
from codesign.web.site import Site


@dataclass(frozen=True)
class Parcel:
    """A message with what its letter is made of."""

    message: Message
    user: User | None
    context: dict[str, Any]
    leave_url: str = ""
    """Where one click ends letters of this sort; "" for what somebody asked for."""
    settles: tuple[int, ...] = ()
    """The notices that a daily letter settles."""
    alone: Entry | None = None
    """The only news of a daily letter: it is then that one's own letter, with all that it says."""
    empty: bool = False
    """Nothing is left to tell: switched off, hidden or told since the message was queued."""

    @property
    def template(self) -> str:
        return self.alone.template if self.alone else self.message.template

    @property
    def reason(self) -> str:
        return self.alone.reason if self.alone else self.message.reason


@dataclass(frozen=True)
class Town:
    """What the letters of one batch have in common."""

    site: Site
    slug: str
    decided: Chosen

    @property
    def kinds(self) -> set[str]:
        """The kinds of contribution that are on here."""
        packages = {CORE, *self.decided.enabled}
        return {kind.name for name in packages for kind in self.site.kinds.get(name, ())}


def packed(db: Session, town: Town, batch: Sequence[Message]) -> list[Parcel]:
    """Everything is read here, so that no letter needs the database while it is written and sent."""
    people = {message.user_id for message in batch if message.user_id is not None}
    users = {user.id: user for user in db.scalars(select(User).where(User.id.in_(people)))}
    events = told_by(db, {message.event_id for message in batch if message.event_id is not None})
    grounds = _grounds(db, events, people)
    news = news_of(db, {message.user_id for message in batch if message.day and message.user_id}, town.kinds)
    tell = _headlines(town)
    parcels = []
    for message in batch:
        user = users.get(message.user_id or 0)
        if user is not None and message.day is not None:
            parcels.append(_daily(town, message, user, news.pop(user.id, None), tell))
        elif user is not None and message.event_id is not None:
            ground, off = grounds.get((message.event_id, user.id), (None, False))
            parcels.append(_of_event(town, message, user, events[message.event_id], ground, off))
        else:
            parcels.append(Parcel(message, user, dict(message.context)))
    return parcels


def _grounds(
    db: Session, events: Collection[int], people: Collection[int]
) -> dict[tuple[int, int], tuple[Ground | None, bool]]:
    """For which reason each is told of an event, and whether that is off meanwhile: they have switched such letters off,
    or a moderator has hidden what it is about. Who wrote it, or deals with it, still hears."""
    others = Notice.ground.not_in([Ground.AUTHOR, Ground.DUTY])
    hidden = and_(Contribution.hidden_at.is_not(None), others)
    off = or_(unwanted(Notice.user_id, Notice.ground, Channel.AT_ONCE), hidden).label("off")
    query = select(Notice.event_id, Notice.user_id, Notice.ground, off)
    query = query.join(Event, Event.id == Notice.event_id)
    query = query.outerjoin(Contribution, Contribution.id == Event.contribution_id)
    rows = db.execute(query.where(Notice.event_id.in_(events), Notice.user_id.in_(people)))
    return {(row.event_id, row.user_id): (row.ground, row.off) for row in rows}


def _of_event(
    town: Town, message: Message, user: User, data: Mapping[str, Any], ground: Ground | None, off: bool
) -> Parcel:
    if off:
        return Parcel(message, user, {}, empty=True)
    leave = unsubscribe_url(town.site, town.slug, user.id, ground)
    return Parcel(message, user, {**data, **message.context, **_choices(town, user, leave)}, leave)


def _daily(town: Town, message: Message, user: User, news: News | None, tell: Callable[[Entry], str]) -> Parcel:
    if news is None or not news.entries:
        return Parcel(message, user, {}, settles=news.ids if news else (), empty=True)
    if len(news.entries) == 1 and not news.more:
        only = news.entries[0]
        leave = unsubscribe_url(town.site, town.slug, user.id, only.ground)
        return Parcel(message, user, {**only.data, **_choices(town, user, leave)}, leave, news.ids, only)
    leave = unsubscribe_url(town.site, town.slug, user.id, None)
    inbox = f"{address(town.site, town.slug)}{INBOX}" if user.is_account else ""
    context = {
        "groups": _by_reason(news.entries), "count": len(news.entries) + news.more, "more": news.more,
        "headline": tell, "inbox_url": inbox, **_choices(town, user, leave),
    }  # fmt: skip
    return Parcel(message, user, context, leave, news.ids)


def _choices(town: Town, user: User, leave: str) -> dict[str, str]:
    home = address(town.site, town.slug)
    return {"unsubscribe_url": leave, "preferences_url": f"{home}{preferences_path(town.site, town.slug, user)}"}


def _by_reason(entries: Sequence[Entry]) -> list[tuple[str, list[Entry]]]:
    """In the order of the reasons that people can switch off, each newest first."""
    groups: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: list(Ground).index(entry.ground)):
        groups.setdefault(entry.reason, []).append(entry)
    return list(groups.items())


def _headlines(town: Town) -> Callable[[Entry], str]:
    """Many people of a batch hear of the same few events: each headline is made once for a language."""
    known: dict[tuple[str, str, int], str] = {}

    def tell(entry: Entry) -> str:
        key = (speech().locale, entry.template, entry.event_id)
        if key not in known:
            known[key] = headline(town.site.templates, entry.template, entry.data, town.decided.town.title)
        return known[key]

    return tell
