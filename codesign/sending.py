"""Sending a batch of letters over one connection, and writing down what became of each."""

import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from codesign.bounces import stop_address
from codesign.core.mailboxes import stopped_among
from codesign.core.settings import Chosen, TownSettings
from codesign.digests import settle
from codesign.html_letters import Home, Said, in_html
from codesign.i18n import gettext as _
from codesign.i18n import speaking
from codesign.letters import compose, identity
from codesign.mail import Envelope, Sender, opened
from codesign.outbox import LEASE, claim, drop, failed, give_back, succeeded
from codesign.parcels import Parcel, Town, packed
from codesign.stores import Store
from codesign.troubles import Away, HungUp, Later, Refusal, Trouble, Undelivered
from codesign.web.addresses import address
from codesign.web.site import Site

log = logging.getLogger("codesign.worker")
GROUP = 20
"""At most so many letters have left before it is written down that they did: a worker that is killed just then leaves
so many to be sent a second time, each with the same Message-ID."""
GROUP_SECONDS = 0.05
"""And after this time it is written down anyway: of a slow server no more than one letter is sent twice."""
LONGEST_SECONDS = LEASE.total_seconds() / 3
"""After this time the rest of a batch is given back, before the lease ends and another worker takes it as well."""
FOOT = "notices/mail/_foot.txt"


@dataclass(frozen=True)
class Outcome:
    parcel: Parcel
    trouble: Undelivered | None = None


@dataclass
class Batch:
    """Letters that are being sent, and those of which it is not yet written down what became of them."""

    site: Site
    store: Store
    town: TownSettings
    home: Home
    left: deque[Parcel]
    stopped: set[int]
    """The people to whom nothing is sent, but what they asked for."""
    fresh: list[Outcome] = field(default_factory=list)
    taken: int = 0
    """How many letters the server took."""
    noted_at: float = field(default_factory=monotonic)


def send_batch(site: Site, store: Store, decided: Chosen, limit: int) -> bool:
    """Send so many of the letters that are due. False when none is."""
    with store.write() as db:
        messages = claim(db, site.now(), limit)
    if messages:
        with store.read() as db:
            parcels = packed(db, Town(site, store.slug, decided), messages)
            stopped = stopped_among(db, {message.user_id for message in messages if message.user_id})
        _put_aside(store, [parcel for parcel in parcels if parcel.empty])
        left = deque(parcel for parcel in parcels if not parcel.empty)
        _send(Batch(site, store, decided.town, home_of(site, store.slug), left, stopped))
    return bool(messages)


def home_of(site: Site, slug: str) -> Home:
    hosts = {*site.registry.entries()[slug].hosts, f"{slug}.{site.settings.host}"}
    return Home(address(site, slug), hosts)


def _put_aside(store: Store, parcels: list[Parcel]) -> None:
    """Messages that have nothing left to tell."""
    if parcels:
        with store.write() as db:
            settle(db, [id for parcel in parcels for id in parcel.settles])
            drop(db, [parcel.message.id for parcel in parcels])


def _send(batch: Batch) -> None:
    if not batch.left:
        return
    until = monotonic() + LONGEST_SECONDS
    try:
        with opened(batch.site.settings, batch.store.slug) as sender:
            while batch.left and monotonic() < until:
                outcome = _outcome(batch, sender, batch.left[0])
                batch.left.popleft()
                _note(batch, outcome)
    except HungUp as error:  # on the first letter that is left, and it alone waits: one that always makes a server
        batch.fresh.append(Outcome(batch.left.popleft(), error))  # hang up must not hold up the others
    except Away as error:
        # A server that took letters until now may only want a new connection; one that took none lets all wait.
        while batch.left and not batch.taken:
            batch.fresh.append(Outcome(batch.left.popleft(), error))
    finally:
        _write_down(batch)
        if batch.left:
            with batch.store.write() as db:
                give_back(db, [parcel.message for parcel in batch.left], batch.site.now())


def _outcome(batch: Batch, sender: Sender, parcel: Parcel) -> Outcome:
    """Raises HungUp or Away when nothing more can be sent over this connection."""
    message, user, town = parcel.message, parcel.user, batch.town
    try:
        if message.user_id in batch.stopped and message.address is None:
            raise Refusal(Trouble.STOPPED)
        # Whoever has no account yet wrote from a page in some language.
        locale = (user and user.locale) or parcel.context.get("locale") or town.locale
        with speaking(batch.site.catalogues.speech(locale, town.zone)):
            envelope = _letter(batch, parcel)
        sender.send(envelope)
    except (Refusal, Later) as error:
        return Outcome(parcel, error)
    return Outcome(parcel)


def _note(batch: Batch, outcome: Outcome) -> None:
    batch.taken += outcome.trouble is None
    batch.fresh.append(outcome)
    if _nobody_there(outcome):
        batch.stopped.add(outcome.parcel.message.user_id or 0)
    if len(batch.fresh) >= GROUP or monotonic() > batch.noted_at + GROUP_SECONDS:
        _write_down(batch)


def _nobody_there(outcome: Outcome) -> bool:
    """Whether the address that this person has now is dead: a letter may have been for an earlier one."""
    message, user = outcome.parcel.message, outcome.parcel.user
    dead = outcome.trouble is not None and outcome.trouble.trouble is Trouble.NOBODY
    return dead and user is not None and message.address in (None, user.email)


def _write_down(batch: Batch) -> None:
    """What became of the letters since the last time, in one transaction."""
    if not batch.fresh:
        return
    now = batch.site.now()
    sent = [outcome.parcel for outcome in batch.fresh if outcome.trouble is None]
    with batch.store.write() as db:
        if settled := [id for parcel in sent for id in parcel.settles]:
            settle(db, settled)
        if sent:
            succeeded(db, [parcel.message.id for parcel in sent], now)
        for outcome in batch.fresh:
            if outcome.trouble is not None:
                _failed(db, outcome, outcome.trouble, now)
    batch.fresh, batch.noted_at = [], monotonic()


def _failed(db: Session, outcome: Outcome, trouble: Undelivered, now: datetime) -> None:
    message = outcome.parcel.message
    failed(db, message, str(trouble), now, for_good=isinstance(trouble, Refusal))
    if _nobody_there(outcome) and message.user_id is not None:
        stop_address(db, message.user_id, trouble.detail, now)


def _letter(batch: Batch, parcel: Parcel) -> Envelope:
    """Raises Refusal when no letter can be made of the message, for whatever reason: the others go on."""
    message, user, site = parcel.message, parcel.user, batch.site
    to = message.address or (user.email if user else None) or ""
    try:
        said = _said(batch, parcel)
        parts = said.text, in_html(site.templates, batch.town, batch.home, said)
        named = identity(site.settings, batch.store.slug, message.id, message.created_at)
        return compose(site.settings, to, said.subject, parts, named, site.now(), _heads(batch.home, parcel))
    except Refusal:
        raise
    except Exception as error:
        log.exception("message %s cannot be written", message.id)
        raise Refusal(Trouble.UNWRITTEN, f"{type(error).__name__}: {error}") from error


def _said(batch: Batch, parcel: Parcel) -> Said:
    user, templates = parcel.user, batch.site.templates
    name = (user.name or user.email or "") if user else ""  # who follows without an account gave no name
    reason = parcel.reason
    context = {**parcel.context, "town_title": batch.town.title, "name": name, "reason": reason}
    text = templates.get_template(f"{parcel.template}.txt").render(context)
    subject, _line, body = text.lstrip("\n").partition("\n")
    why = _("Why you get this: %(reason)s") % {"reason": _(reason)} if reason else ""
    foot = templates.get_template(FOOT).render(context).strip() if parcel.leave_url else ""
    return Said(" ".join(subject.split()), body.strip(), why, foot)


def _heads(home: Home, parcel: Parcel) -> Mapping[str, str]:
    """What mail programs need to sort letters (RFC 2919) and to offer one click for leaving (RFC 8058)."""
    if not parcel.leave_url:
        return {}
    return {
        "List-Id": f"<notices.{urlsplit(home.url).hostname}>",
        "List-Unsubscribe": f"<{parcel.leave_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
