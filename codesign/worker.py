"""The worker: tells of what happened and sends what is due, in a thread of the server or as a process of its own."""

import logging
import smtplib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from time import monotonic
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from codesign.core.settings import Chosen, TownSettings, chosen
from codesign.core.users import User
from codesign.events import announce, anything_to_announce, next_announcement, put_off, record, told_by
from codesign.i18n import speaking
from codesign.mail import Refusal, Sender, compose, opened
from codesign.outbox import BATCH, Message, anything_due, claim, failed, give_back, succeeded
from codesign.plugins import Hooks
from codesign.stores import Store
from codesign.types import Occurrence, Tick
from codesign.web.site import Site

log = logging.getLogger("codesign.worker")
PAUSE_SECONDS = 1.0
AWAY_SECONDS = 10.0
TICK_SECONDS = 10.0
"""How often plugins are asked what time alone demands."""
BESIDE = 10
"""How many letters are sent between two steps of an announcement."""


@dataclass(frozen=True)
class Parcel:
    """A message with what its letter is made of."""

    message: Message
    user: User | None
    context: dict[str, Any]


def run(site: Site, stop: threading.Event) -> None:
    """Work until `stop` is set. An error in one town does not hold up the others."""
    next_tick = 0.0
    while not stop.is_set():
        pause = PAUSE_SECONDS
        try:
            if monotonic() >= next_tick:
                next_tick = monotonic() + TICK_SECONDS
                for slug in site.registry.entries():
                    tick(site, slug)
            busy = sum(work(site, slug) for slug in site.registry.entries())
            pause = 0 if busy else PAUSE_SECONDS
        except (SQLAlchemyError, OSError):
            log.exception("the registry does not answer")
            pause = AWAY_SECONDS
        stop.wait(pause)


def work(site: Site, slug: str) -> bool:
    """One turn of a town: a step of an announcement, then some letters, so that neither waits for all of the other.
    True when there was anything to do."""
    try:
        store = site.registry.store(slug)
        with store.read() as db:
            decided = chosen(db)
            waiting, due = anything_to_announce(db, site.now()), anything_due(db, site.now())
        told = waiting and _announce(site, store, decided)
        sent = (told or due) and _send_batch(site, store, decided.town, BESIDE if told else BATCH)
        return told or sent
    except Exception:  # whatever it is: it must not stop the letters of all other towns
        log.exception("sending for %s failed", slug)
        return False


def tick(site: Site, slug: str) -> None:
    """Let the plugins of a town do what time alone demands. What fails is tried again at the next tick."""
    try:
        store = site.registry.store(slug)
        with store.read() as db:
            decided = chosen(db)
        enabled = decided.enabled.intersection(site.plugins.by_name)
        given = Tick(store.read, store.write, partial(_record, site, slug, site.plugins.hooks(enabled)), site.now())
    except Exception:  # whatever it is: it must not stop all other towns
        log.exception("what time demands of %s cannot be done", slug)
        return
    for name in sorted(enabled):
        try:
            with speaking(site.catalogues.speech(decided.town.locale, decided.town.zone)):
                site.plugins.hooks(frozenset({name})).tick(tick=given)
        except Exception:  # nor all other plugins
            log.exception("what time demands of %s in %s failed", name, slug)


def _record(site: Site, slug: str, hooks: Hooks, db: Session, occurrence: Occurrence) -> None:
    thing = occurrence.thing
    told = {"url": f"{address(site, slug)}{thing.url}", **occurrence.data}
    record(db, hooks, occurrence.name, thing, None, site.now(), **told)


def address(site: Site, slug: str) -> str:
    """Where a town answers, for letters that no request brought about: https but on this very machine."""
    entry = site.registry.entries()[slug]
    host = entry.hosts[0] if entry.hosts else f"{slug}.{site.settings.host}"
    return f"{'http' if host.endswith('localhost') else 'https'}://{host}"


def _announce(site: Site, store: Store, decided: Chosen) -> bool:
    """One step, in one short transaction. A plugin that fails holds up its own announcement only."""
    hooks = site.plugins.hooks(decided.enabled.intersection(site.plugins.by_name))
    kinds = {kind.name: kind for of_package in site.kinds.values() for kind in of_package}
    with store.write() as db:
        announcement = next_announcement(db, site.now())
        if announcement is None:
            return False
        try:
            with db.begin_nested():
                announce(db, hooks, kinds, announcement, site.now())
        except Exception:
            log.exception("event %s of %s cannot be announced now", announcement.event_id, store.slug)
            put_off(announcement, site.now())
        return True


def _send_batch(site: Site, store: Store, town: TownSettings, limit: int) -> bool:
    with store.write() as db:
        batch = claim(db, site.now(), limit)
    if batch:
        with store.read() as db:
            parcels = _parcels(db, batch)
        _send(site, store, town, parcels)
    return bool(batch)


def _parcels(db: Session, batch: Sequence[Message]) -> list[Parcel]:
    people = {message.user_id for message in batch if message.user_id is not None}
    users = {user.id: user for user in db.scalars(select(User).where(User.id.in_(people)))}
    events = told_by(db, {message.event_id for message in batch if message.event_id is not None})
    return [
        Parcel(message, users.get(message.user_id or 0), {**events.get(message.event_id or 0, {}), **message.context})
        for message in batch
    ]


def _send(site: Site, store: Store, town: TownSettings, parcels: list[Parcel]) -> None:
    left = list(parcels)
    connected = False
    try:
        with opened(site.settings, store.slug) as sender:
            connected = True
            while left:
                user = left[0].user
                with speaking(site.catalogues.speech((user and user.locale) or town.locale, town.zone)):
                    _deliver(site, store, town.title, sender, left[0])
                left.pop(0)
    except (OSError, smtplib.SMTPException) as error:
        # A server that is away lets everything wait. One that hung up did so on the first letter that is left,
        # and it alone waits: a letter that always makes a server hang up must not hold up the others.
        with store.write() as db:
            for parcel in left[:1] if connected else left:
                failed(db, parcel.message, f"{type(error).__name__}: {error}", site.now())
            give_back(db, [parcel.message for parcel in left[1:]] if connected else [], site.now())


def _deliver(site: Site, store: Store, title: str, sender: Sender, parcel: Parcel) -> None:
    try:
        sender.send(_letter(site, title, parcel))
    except Refusal as error:
        with store.write() as db:
            failed(db, parcel.message, str(error), site.now(), for_good=True)
        return
    with store.write() as db:
        succeeded(db, parcel.message.id, site.now())


def _letter(site: Site, title: str, parcel: Parcel) -> EmailMessage:
    """Raises Refusal when no letter can be made of the message, for whatever reason: the others go on."""
    message, user = parcel.message, parcel.user
    address = message.address or (user.email if user else None) or ""
    context = {**parcel.context, "town_title": title, "name": user.name if user else "", "reason": message.reason}
    try:
        text = site.templates.get_template(f"{message.template}.txt").render(context)
        subject, _line, body = text.lstrip("\n").partition("\n")
        return compose(site.settings, address, subject, body.strip() + "\n", site.now())
    except Exception as error:
        log.exception("message %s cannot be written", message.id)
        raise Refusal(f"{type(error).__name__}: {error}") from error
