"""Letters as mail programs read them: the head, the text, and the same as HTML.

The bytes are written here and not by the standard library, whose way takes ten times as long; tests read them with it.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from types import MappingProxyType

from codesign.mail import Envelope
from codesign.settings import Settings
from codesign.troubles import Refusal, Trouble

SUBJECT_LENGTH = 400
NO_MORE: Mapping[str, str] = MappingProxyType({})
LINE_LENGTH = 76
LONGEST_LINE = 900
"""Characters of a line of the body; RFC 5321 allows 998, and more than this is encoded."""


def identity(settings: Settings, slug: str, message_id: int, created_at: datetime) -> str:
    """Names the letter of one message of one town, and nobody else can know it beforehand. The same each time it is
    sent: whoever gets it a second time, after a worker was killed, can tell."""
    said = f"letter\0{slug}\0{message_id}\0{created_at.isoformat()}".encode()
    return hmac.new(settings.secret, said, hashlib.sha256).hexdigest()[:32]


def compose(
    settings: Settings,
    to: str,
    subject: str,
    parts: tuple[str, str],
    identity: str,
    now: datetime,
    heads: Mapping[str, str] = NO_MORE,
) -> Envelope:
    """The letter in its envelope; `parts` are the text and the same as HTML, `heads` further headers.

    Names and subjects lose line breaks, so that no header can be smuggled in. Raises Refusal when `to` is no address.
    """
    author, sender = _sender(settings.sender)
    recipient = _address(to)
    boundary = f"=_{hashlib.sha256(identity.encode()).hexdigest()[:32]}"
    lines = {
        "From": author,
        "To": recipient,
        "Subject": _words(subject, "Subject"),
        "Date": format_datetime(now),
        "Message-ID": f"<{identity}@{sender.rpartition('@')[2]}>",
        "Auto-Submitted": "auto-generated",
        **{name: _line(value) for name, value in heads.items()},
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{boundary}"',
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    bodies = (_part(kind, text) for kind, text in zip(("plain", "html"), parts, strict=True))
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in bodies)
    return Envelope(sender, recipient, f"{head}\r\n{body}--{boundary}--\r\n".encode())


@lru_cache(8)
def _sender(setting: str) -> tuple[str, str]:
    """The header, and the bare address: the operator's CODESIGN_SENDER."""
    name, found = parseaddr(setting)
    local, _at, domain = found.rpartition("@")
    address = Address("", _line(local) or "noreply", _line(domain) or "localhost").addr_spec
    name = _line(name)
    if name.isascii():
        return formataddr((name, address)) if address.isascii() else f"<{address}>", address
    return f"{_words(name, 'From')} <{address}>", address


def _address(text: str) -> str:
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain or not text.isprintable() or " " in text or "=?" in text:
        raise Refusal(Trouble.ADDRESS, "not an address")
    return Address("", local, domain).addr_spec


@lru_cache(64)  # one answer goes to thousands
def _words(text: str, header: str) -> str:
    """A text in a header, folded; what is not ASCII in encoded words (RFC 2047)."""
    line = _line(text)[:SUBJECT_LENGTH]
    charset = "us-ascii" if line.isascii() else "utf-8"
    if line.isascii() and len(line) + len(header) + 2 <= LINE_LENGTH:
        return line
    return Header(line, charset, header_name=header).encode(linesep="\r\n")


def _line(text: str) -> str:
    """One line, that nothing on the way reads as an encoded word: one may hold a line break, and so a header."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.replace("=?", "= ?").split())


def _part(kind: str, text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    plain = text.isascii() and "\0" not in text and max(map(len, lines)) <= LONGEST_LINE
    content = "\r\n".join(lines)
    if not plain:
        encoded = base64.encodebytes(content.encode("utf-8", "replace")).decode("ascii")
        content = encoded.rstrip("\n").replace("\n", "\r\n")
    encoding, charset = ("7bit", "us-ascii") if plain else ("base64", "utf-8")
    head = f'Content-Type: text/{kind}; charset="{charset}"\r\nContent-Transfer-Encoding: {encoding}\r\n'
    return f"{head}\r\n{content}"
