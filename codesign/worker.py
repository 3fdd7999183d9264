"""The worker: tells of what happened and sends what is due, in a thread of the server or as a process of its own."""

import logging
import threading
from functools import partial
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from codesign.core.settings import Chosen, chosen
from codesign.digests import anything_to_write, write_some
from codesign.events import announce, anything_to_announce, next_announcement, put_off, record
from codesign.i18n import speaking
from codesign.outbox import BATCH, anything_due
from codesign.plugins import Hooks
from codesign.sending import send_batch
from codesign.stores import Store
from codesign.types import Occurrence, Tick
from codesign.web.addresses import address
from codesign.web.site import Site

log = logging.getLogger("codesign.worker")
PAUSE_SECONDS = 1.0
AWAY_SECONDS = 10.0
TICK_SECONDS = 10.0
"""How often plugins are asked what time alone demands."""
BESIDE = 10
"""How many letters are sent between two steps of an announcement."""


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
            daily = anything_to_write(db, site.now(), decided.town.zone)
        told = waiting and _announce(site, store, decided)
        if daily and not told and not due:
            # Only when nothing waits to be sent: so an official answer never waits behind more than one step of these.
            with store.write() as db:
                due = write_some(db, site.now(), decided.town.zone)
        sent = (told or due) and send_batch(site, store, decided, BESIDE if told else BATCH)
        return told or sent or due
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
        kinds = {kind.name: kind for name in ("core", *sorted(enabled)) for kind in site.kinds.get(name, ())}
        recorded = partial(_record, site, slug, site.plugins.hooks(enabled))
        given = Tick(store.read, store.write, recorded, site.now(), kinds)
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
