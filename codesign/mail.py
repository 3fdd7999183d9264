"""Messages become letters: rendered in the reader's language, sent by SMTP or put into a folder."""

import os
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from codesign.settings import Settings
from codesign.types import NotFound

TIMEOUT_SECONDS = 20
_FILE = re.compile(r"[0-9A-Za-z.-]+\.eml")
_LINK = re.compile(r"https?://\S+")


class Sender(Protocol):
    """Takes letters; raises an exception when one was not taken."""

    def send(self, letter: EmailMessage) -> None: ...


class Letters(policy.EmailPolicy):
    """The policy of SMTP, but subjects are folded word by word: the library's own way loses spaces in long ones."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() != "subject" or value.isascii():
            return super().fold_binary(name, value)
        folded = Header(str(value), "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {folded}{self.linesep}".encode("ascii")


class Refusal(Exception):
    """The other side will never take this letter (SMTP 5xx, or an address that is none)."""


def compose(settings: Settings, to: str, subject: str, body: str, now: datetime) -> EmailMessage:
    """A plain text letter. Names and subjects lose line breaks, so that no header can be smuggled in."""
    letter = EmailMessage(policy=Letters(linesep="\r\n"))
    name, address = parseaddr(settings.sender)
    local, _at, domain = address.rpartition("@")
    letter["From"] = Address(_line(name), local or "noreply", domain or "localhost")
    letter["To"] = _address(to)
    letter["Subject"] = _line(subject)
    letter["Date"] = format_datetime(now)
    letter["Message-ID"] = make_msgid(domain=domain or "localhost")
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(body)
    return letter


def opened(settings: Settings, slug: str) -> AbstractContextManager[Sender]:
    """A connection for several letters: to the SMTP server of CODESIGN_MAIL, or the town's mail folder."""
    return _smtp(settings.mail) if settings.mail else _folder(settings.mail_folder / slug)


class _Smtp:
    def __init__(self, client: smtplib.SMTP) -> None:
        self.client = client

    def send(self, letter: EmailMessage) -> None:
        try:
            self.client.send_message(letter)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise (Refusal if code >= 500 else ConnectionError)(f"{code} {_text(words)}") from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refusal(f"the mail server cannot send to such an address: {error}") from error
        except smtplib.SMTPResponseException as error:
            hard = 500 <= error.smtp_code < 600
            raise (Refusal if hard else ConnectionError)(f"{error.smtp_code} {_text(error.smtp_error)}") from error


@contextmanager
def _smtp(url: str) -> Iterator[Sender]:
    parts = urlsplit(url)
    host, context = parts.hostname or "", ssl.create_default_context()
    if parts.scheme == "smtps":
        client: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_SECONDS, context=context)
    else:
        client = smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT_SECONDS)
    with client:
        client.ehlo()
        if parts.scheme == "smtp" and client.has_extn("starttls"):
            client.starttls(context=context)
            client.ehlo()
        if parts.username:
            client.login(unquote(parts.username), unquote(parts.password or ""))
        yield _Smtp(client)


class _Folder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, letter: EmailMessage) -> None:
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        draft = self.folder / f".{stamp}.{os.getpid()}"
        draft.write_bytes(letter.as_bytes())
        draft.rename(self.folder / f"{stamp}.{os.getpid()}.eml")


@contextmanager
def _folder(folder: Path) -> Iterator[Sender]:
    folder.mkdir(parents=True, exist_ok=True)
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
    body = letter.get_body(("plain",))
    text = str(body.get_content()) if body is not None else ""
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Letter(id, str(letter["To"]), str(letter["Subject"]), at, text, _LINK.findall(text))


def _address(text: str) -> Address:
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain or not text.isprintable() or " " in text:
        raise Refusal("not an address")
    return Address("", local, domain)


def _line(text: str) -> str:
    """One line, that nothing on the way reads as an encoded word: one may hold a line break, and so a header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).replace("=?", "= ?").split())


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
