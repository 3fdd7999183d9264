"""Letters: an official answer to many people, sent by a worker of its own to a mail server on loopback."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import text

from benchmarks.case import Options
from benchmarks.place import Place
from benchmarks.plan import Plan
from benchmarks.processes import Program, started, used_seconds
from codesign.core.contributions import Contribution
from codesign.events import Event
from codesign.stores import Store
from tests.servers.smtp import LoopbackController, Mailbox

SLUG = "letters"
LONGEST = 600
"""Seconds after which what has not arrived is told as not arrived."""
NAME = re.compile(rb"^Message-ID: *(\S+)", re.MULTILINE)
CONCLUSION = "The crossing gets its light in spring, and the figures are published. " * 4
NOTICES = (
    "INSERT INTO notice (user_id, event_id, ground, reason, template, shown, mail, created_at)"
    " SELECT id, :event, 'took_part', :reason, 'debates/mail/closed', true, 'own', :now FROM \"user\" ORDER BY id"
)
MESSAGES = (
    "INSERT INTO message (channel, event_id, user_id, template, context, reason, state, attempts, due_at, created_at,"
    " error) SELECT 'email', event_id, user_id, template, '{}', reason, 'queued', 0, created_at, created_at, ''"
    " FROM notice WHERE event_id = :event ORDER BY user_id"
)


@dataclass
class Counted(Mailbox):
    """Takes letters, and keeps their names and the moments of the first and the last."""

    names: list[bytes] = field(default_factory=list)
    first: float = 0.0
    last: float = 0.0
    volume: int = 0
    """Bytes of all letters."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.content
        assert isinstance(content, bytes)
        self.last = time.monotonic()
        self.first = self.first or self.last
        self.volume += len(content)
        self.names += NAME.findall(content)
        return "250 OK"


def measure(place: Place, options: Options, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    say(f"an answer to {options.letters:,} people by e-mail")
    wanted = Plan(20, 0, options.letters, plan.now, plan.seed, votes_each=0)
    town = place.town(SLUG, wanted, lambda noun, done, total: None)
    server = Counted()
    controller = LoopbackController(server, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        with place.store(SLUG) as store:
            _queue(store, town.marks["quiet"], plan.now)
            with started(place, ["codesign", "worker"], CODESIGN_MAIL=f"smtp://127.0.0.1:{controller.port}") as worker:
                begun = _begun(server, worker)
                sent = _all_sent(store, options.letters)
                used = (used_seconds([worker.pid]) - begun[1]) / max(len(server.names) - begun[0], 1)
                memory = worker.memory(peak=True)
    finally:
        controller.stop()
    return _told(server, options.letters, sent, used, memory)


def _told(server: Counted, wanted: int, sent: int, used: float, memory: float) -> dict[str, Any]:
    seconds = server.last - server.first
    return {
        "letters": wanted,
        "arrived": len(server.names),
        "different": len(set(server.names)),
        "known_sent": sent,
        "seconds": seconds,
        "rate": (len(server.names) - 1) / seconds if seconds else 0.0,
        "bytes": server.volume / max(len(server.names), 1),
        "worker_milliseconds": used * 1e3,
        "worker_peak_memory": memory,
    }


def _queue(store: Store, id: int, now: datetime) -> None:
    with store.write() as db:
        title = db.get_one(Contribution, id).title
        url = f"http://{SLUG}.localhost/debates/{id}"
        data = {"title": title, "url": url, "conclusion": CONCLUSION}
        event = Event(name="debates.closed", contribution_id=id, data=data, at=now)
        db.add(event)
        db.flush()
        reason = "You follow this debate or took part in it."
        for statement in (NOTICES, MESSAGES):
            columns: dict[str, Any] = {"event": event.id}
            if statement is NOTICES:
                columns |= {"reason": reason, "now": _moment(store, now)}
            db.execute(text(statement), columns)


def _moment(store: Store, now: datetime) -> datetime | str:
    """As the column keeps it: SQLite has no type for moments."""
    return now if store.schema else now.replace(tzinfo=None).isoformat(" ", "microseconds")


def _begun(server: Counted, worker: Program) -> tuple[int, float]:
    """Wait for the first letter. Returns how many have arrived, and the processor time that the worker took for its
    start."""
    begun = time.monotonic()
    while not server.names and time.monotonic() - begun < LONGEST:
        time.sleep(0.02)
    return len(server.names), used_seconds([worker.pid])


def _all_sent(store: Store, wanted: int) -> int:
    """Wait until every letter is marked as sent. Returns how many are."""
    begun, sent = time.monotonic(), 0
    while sent < wanted and time.monotonic() - begun < LONGEST:
        time.sleep(0.5)
        with store.read() as db:
            sent = int(db.execute(text("SELECT count(*) FROM message WHERE state = 'sent'")).scalar_one())
    return sent
