"""The worker: sends what is due in every town's outbox, in a thread of the server or as a process of its own."""

import logging
import smtplib
import threading
from email.message import EmailMessage

from sqlalchemy.exc import SQLAlchemyError

from codesign.core.settings import chosen
from codesign.core.users import User
from codesign.i18n import speaking
from codesign.mail import Refusal, Sender, compose, opened
from codesign.outbox import Message, anything_due, claim, failed, give_back, succeeded
from codesign.web.site import Site

log = logging.getLogger("codesign.worker")
PAUSE_SECONDS = 1.0
AWAY_SECONDS = 10.0


def run(site: Site, stop: threading.Event) -> None:
    """Work until `stop` is set. An error in one town does not hold up the others."""
    while not stop.is_set():
        pause = PAUSE_SECONDS
        try:
            busy = sum(work(site, slug) for slug in site.registry.entries())
            pause = 0 if busy else PAUSE_SECONDS
        except (SQLAlchemyError, OSError):
            log.exception("the registry does not answer")
            pause = AWAY_SECONDS
        stop.wait(pause)


def work(site: Site, slug: str) -> bool:
    """Send one batch of a town's due messages. True when there was one."""
    try:
        store = site.registry.store(slug)
        with store.read() as db:
            town = chosen(db).town
            if not anything_due(db, site.now()):
                return False
        with store.write() as db:
            batch = claim(db, site.now())
            users = {message.id: db.get(User, message.user_id) if message.user_id else None for message in batch}
        if batch:
            _send(site, slug, town.title, town.zone, town.locale, batch, users)
        return bool(batch)
    except Exception:  # whatever it is: it must not stop the letters of all other towns
        log.exception("sending for %s failed", slug)
        return False


def _send(
    site: Site, slug: str, title: str, zone: str, locale: str, batch: list[Message], users: dict[int, User | None]
) -> None:
    left = list(batch)
    connected = False
    try:
        with opened(site.settings, slug) as sender:
            connected = True
            while left:
                user = users[left[0].id]
                with speaking(site.catalogues.speech((user and user.locale) or locale, zone)):
                    _deliver(site, slug, title, sender, left[0], user)
                left.pop(0)
    except (OSError, smtplib.SMTPException) as error:
        # A server that is away lets everything wait. One that hung up did so on the first letter that is left,
        # and it alone waits: a letter that always makes a server hang up must not hold up the others.
        with site.registry.store(slug).write() as db:
            for message in left[:1] if connected else left:
                failed(db, message, f"{type(error).__name__}: {error}", site.now())
            give_back(db, left[1:] if connected else [], site.now())


def _deliver(site: Site, slug: str, title: str, sender: Sender, message: Message, user: User | None) -> None:
    store = site.registry.store(slug)
    try:
        sender.send(_letter(site, title, message, user))
    except Refusal as error:
        with store.write() as db:
            failed(db, message, str(error), site.now(), for_good=True)
        return
    with store.write() as db:
        succeeded(db, message.id, site.now())


def _letter(site: Site, title: str, message: Message, user: User | None) -> EmailMessage:
    """Raises Refusal when no letter can be made of the message, for whatever reason: the others go on."""
    address = message.address or (user.email if user else None) or ""
    context = {**message.context, "town_title": title, "name": user.name if user else "", "reason": message.reason}
    try:
        text = site.templates.get_template(f"{message.template}.txt").render(context)
        subject, _line, body = text.lstrip("\n").partition("\n")
        return compose(site.settings, address, subject, body.strip() + "\n", site.now())
    except Exception as error:
        log.exception("message %s cannot be written", message.id)
        raise Refusal(f"{type(error).__name__}: {error}") from error
