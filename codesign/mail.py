"""How letters leave: to an SMTP server, or into a folder that can be read in development."""

import os
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from codesign.settings import Settings
from codesign.troubles import Away, HungUp, Refusal, Trouble, Undelivered, refused
from codesign.types import NotFound

TIMEOUT_SECONDS = 20
ACCEPT_SECONDS = 120
"""How long a server may look at a whole letter before it says that it has taken it: whoever gives up earlier sends it
again, and it arrives twice (RFC 5321 section 4.5.3.2.6)."""
_FILE = re.compile(r"[0-9A-Za-z.-]+\.eml")
_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Envelope:
    """A letter ready to go. `content` are its lines, ended by CR LF."""

    sender: str
    to: str
    content: bytes


class Sender(Protocol):
    """Takes letters; raises Undelivered when one was not taken."""

    def send(self, envelope: Envelope) -> None: ...


def opened(settings: Settings, slug: str) -> AbstractContextManager[Sender]:
    """A connection for several letters: to the SMTP server of CODESIGN_MAIL, or the town's mail folder.
    Raises Away when there is none."""
    return _smtp(settings.mail) if settings.mail else _folder(settings.mail_folder / slug)


class _Smtp:
    def __init__(self, client: smtplib.SMTP) -> None:
        self.client = client

    def send(self, envelope: Envelope) -> None:
        options = []
        if not (envelope.sender + envelope.to).isascii():
            if not self.client.has_extn("smtputf8"):
                raise Refusal(Trouble.ADDRESS, "the mail server knows no addresses with such letters (SMTPUTF8)")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        try:
            self._transfer(envelope, options)
        except (OSError, smtplib.SMTPException) as error:
            raise HungUp(_trouble(error, Trouble.HUNG_UP), _words(error)) from error

    def _transfer(self, envelope: Envelope, options: list[str]) -> None:
        code, words = self.client.mail(envelope.sender, options)
        if code != 250:
            raise _closed(code, _text(words))
        code, words = self.client.rcpt(envelope.to)
        if code in (250, 251):
            code, words = self._content(envelope.content)
            if code == 250:
                return
        trouble = refused(code, _text(words))
        if not isinstance(trouble, HungUp):
            with suppress(OSError, smtplib.SMTPException):
                self.client.rset()
        raise trouble

    def _content(self, content: bytes) -> tuple[int, bytes]:
        assert self.client.sock is not None
        self.client.sock.settimeout(max(ACCEPT_SECONDS, TIMEOUT_SECONDS))
        try:
            return self.client.data(content)
        except smtplib.SMTPDataError as error:
            return error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b""
        finally:
            if self.client.sock is not None:
                self.client.sock.settimeout(TIMEOUT_SECONDS)


@contextmanager
def _smtp(url: str) -> Iterator[Sender]:
    client: smtplib.SMTP | None = None
    try:
        try:
            client = _connected(url)
            _introduced(client, url)
        except (OSError, smtplib.SMTPException, ValueError) as error:  # ValueError: a password that is not ASCII
            raise Away(_trouble(error, Trouble.AWAY), _words(error)) from error
        yield _Smtp(client)
        with suppress(OSError, smtplib.SMTPException):
            client.quit()
    finally:
        if client is not None:
            client.close()


def _connected(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT_SECONDS)


def _introduced(client: smtplib.SMTP, url: str) -> None:
    parts = urlsplit(url)
    client.ehlo_or_helo_if_needed()
    if parts.scheme == "smtp" and client.has_extn("starttls"):
        try:
            client.starttls(context=ssl.create_default_context())
        except smtplib.SMTPResponseException as error:
            raise Away(Trouble.TLS, _words(error)) from error
        client.ehlo_or_helo_if_needed()
    if parts.username:
        if not (isinstance(client.sock, ssl.SSLSocket) or on_this_machine(parts.hostname or "")):
            raise Away(Trouble.TLS, "it offers no STARTTLS, and a password is not sent without")
        client.login(unquote(parts.username), unquote(parts.password or ""))


def on_this_machine(host: str) -> bool:
    """Nobody can listen on the way to it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _closed(code: int, words: str) -> Undelivered:
    """What an answer to MAIL FROM means that is not yes: it is about us, and so about every letter."""
    if not 400 <= code < 600:
        return HungUp(Trouble.GARBLED, f"{code} {words}")
    return Away(Trouble.LATER if code < 500 else Trouble.SENDER, f"{code} {words}")


def _trouble(error: Exception, otherwise: Trouble) -> Trouble:
    """What went wrong with a connection."""
    if isinstance(error.__context__, TimeoutError):  # smtplib makes "disconnected" of it
        return Trouble.SLOW
    if isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return _closed(error.smtp_code, "").trouble
    known: list[tuple[type[Exception] | tuple[type[Exception], ...], Trouble]] = [
        (TimeoutError, Trouble.SLOW),
        (ssl.SSLError, Trouble.TLS),
        ((smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError, UnicodeEncodeError), Trouble.LOGIN),
        ((smtplib.SMTPServerDisconnected, ConnectionResetError, BrokenPipeError), Trouble.HUNG_UP),
        (smtplib.SMTPResponseException, Trouble.GARBLED),
    ]
    return next((trouble for kind, trouble in known if isinstance(error, kind)), otherwise)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words


class _Folder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, envelope: Envelope) -> None:
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        draft = self.folder / f".{stamp}.{os.getpid()}"
        try:
            draft.write_bytes(envelope.content)
            draft.rename(self.folder / f"{stamp}.{os.getpid()}.eml")
        except OSError as error:
            raise Away(Trouble.FULL, _words(error)) from error


@contextmanager
def _folder(folder: Path) -> Iterator[Sender]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Away(Trouble.AWAY, _words(error)) from error
    yield _Folder(folder)


@dataclass(frozen=True)
class Letter:
    """A letter of the mail folder, for reading in the browser."""

    id: str
    to: str
    subject: str
    at: datetime
    text: str
    links: list[str]
    html: str


def read_folder(folder: Path, limit: int = 100) -> list[Letter]:
    """The newest letters first."""
    if not folder.is_dir():
        return []
    names = sorted((path.name for path in folder.glob("*.eml")), reverse=True)
    return [read_message(folder, name.removesuffix(".eml")) for name in names[:limit]]


def read_message(folder: Path, id: str) -> Letter:
    name = f"{id}.eml"
    path = folder / name
    if not _FILE.fullmatch(name) or not path.is_file():
        raise NotFound(name)
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    text, html = (
        str(body.get_content()).replace("\r\n", "\n") if (body := letter.get_body((kind,))) is not None else ""
        for kind in ("plain", "html")
    )
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Letter(id, str(letter["To"]), str(letter["Subject"]), at, text, _LINK.findall(text), html)
