"""A real SMTP server on loopback that can be told to misbehave as mail servers do."""

import asyncio
import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from socket import create_connection
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

REFUSALS = {450: "450 4.2.0 Mailbox busy, try again later", 550: "550 5.1.1 No such mailbox"}


@dataclass
class Mailbox:
    """What was received, in order, and the switches, which may be turned at any time."""

    url: str = ""
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)  # of the envelope, one list for each message
    refuse: int | None = None  # 450 (try later) or 550 (never), said to RCPT
    delay: float = 0  # seconds before a message that was sent is acknowledged
    drop: bool = False  # cut the connection in the middle of DATA
    drop_after: bool = False  # take a message, and cut the connection before saying so
    sender: str = ""  # the answer to MAIL, when it is not yes
    nobody: set[str] = field(default_factory=set)  # recipients refused for good
    refused: list[str] = field(default_factory=list)  # as often as each of these was
    greylist: bool = False  # the first RCPT of each recipient is answered with "later"
    full: bool = False  # the answer to DATA: no space
    known: set[str] = field(default_factory=set)  # recipients that were greylisted

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender:
            return self.sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuse is not None:
            return REFUSALS[self.refuse]
        if address in self.nobody:
            self.refused.append(address)
            return REFUSALS[550]
        if self.greylist and address not in self.known:
            self.known.add(address)
            return "451 4.7.1 Greylisted, please try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.delay)
        if self.full:
            return "452 4.3.1 Insufficient system storage"
        content = envelope.content
        assert isinstance(content, bytes)
        self.recipients.append(list(envelope.rcpt_tos))
        lines = content.replace(b"\r\n", b"\n")  # as a mailbox stores them
        self.messages.append(email.message_from_bytes(lines, policy=email.policy.default))
        if self.drop_after:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 OK"


class FragileSMTP(SMTP):
    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        mailbox: Mailbox = self.event_handler
        if not mailbox.drop:
            await super().smtp_DATA(arg)
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        await self._reader.readline()
        assert isinstance(self.transport, asyncio.Transport)
        self.transport.abort()


class LoopbackController(Controller):
    """On a port that the system chooses; aiosmtpd itself would greet port 0."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        with create_connection((self.hostname, self.port), timeout=10) as client:
            client.recv(1024)

    def factory(self) -> Any:
        return FragileSMTP(self.handler, **self.SMTP_kwargs)


@contextmanager
def smtp_server() -> Iterator[Mailbox]:
    """A server while the `with` lasts; `mailbox.url` is smtp://127.0.0.1:PORT."""
    mailbox = Mailbox()
    controller = LoopbackController(mailbox, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        mailbox.url = f"smtp://127.0.0.1:{controller.port}"
        yield mailbox
    finally:
        controller.stop()
