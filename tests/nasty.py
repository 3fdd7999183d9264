"""Strings that broke other people's software, and a reader that finds what could run in a page."""

import json
import re
import unicodedata
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from codesign.markup import clean

EXAMPLE = re.compile(r"^`{32} example\n(.*?)^\.\n.*?^`{32}$", re.MULTILINE | re.DOTALL)
INJECTIONS = [
    "Anna\r\nBcc: eve@evil.example",
    "Anna\nContent-Type: text/html\n\n<script>alert(1)</script>",
    "Anna\rBcc: eve@evil.example",
    "Anna\u2028Bcc: eve@evil.example",
    "Anna\x0bBcc: eve@evil.example",
    "Anna\x85Bcc: eve@evil.example",
    "Anna\0Bcc: eve@evil.example",
    "=?utf-8?q?=0ABcc:_eve=40evil.example?=",
    'Anna" <eve@evil.example>, "',
    "Anna <eve@evil.example>",
    "{{ 7 * 7 }} {% include 'base.html' %} %(name)s ${7*7}",
    "Robert'); DROP TABLE comment;--",
    "\ud800 half a character",
    "\u202e backwards \u2066 isolated",
    "Z\u0351\u036b\u0343a\u0321l\u0334go" * 5,
]
SAFE_SCHEMES = {"", "http", "https", "mailto"}
ADDRESSES = {"href", "src", "action", "formaction", "xlink:href", "data", "poster", "srcset", "background", "ping"}
LIVELY = {"iframe", "object", "embed", "base", "style", "math", "applet", "frame", "foreignobject", "animate", "set"}


def strings(shared_data: Path) -> list[str]:
    """The big list of naughty strings, and what its authors did not think of."""
    known = json.loads((shared_data / "redistributable/nasty-blns/blns.json").read_text("utf-8"))
    return [*known, *INJECTIONS]


def payloads(shared_data: Path) -> list[str]:
    """What attacks the sanitisers of others."""
    known = json.loads((shared_data / "redistributable/nasty-dompurify/expect.json").read_text("utf-8"))
    return [case["payload"] for case in known]


def examples(shared_data: Path) -> list[str]:
    """The Markdown of every example of the CommonMark specification."""
    text = (shared_data / "redistributable/nasty-commonmark/spec.txt").read_text("utf-8")
    return [example.replace("→", "\t") for example in EXAMPLE.findall(text)]


def everything(shared_data: Path) -> list[str]:
    return strings(shared_data) + payloads(shared_data) + examples(shared_data)


def sendable(text: str) -> str:
    """Half characters cannot be sent by a browser; it sends this instead."""
    return text.encode("utf-8", "replace").decode("utf-8")


def fitting(text: str, least: int, most: int) -> str:
    """The string itself where a field of that length takes it, else cut, and with words after it. So is a string
    of zero-width characters alone, which no field takes."""
    text = sendable(text)
    seen = any(unicodedata.category(character)[0] in "LNPS" for character in clean(text))
    if least <= len(clean(text).strip()) <= most and seen:
        return text
    return f"{clean(text).strip()[: most - least - 1].strip()} {('and-so-on-' * 3)[:least]}"


@dataclass
class Dangers(HTMLParser):
    """What in a page could run, or lead to something that runs, beyond the site's own files."""

    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in LIVELY or (tag == "script" and not values.get("src", "").startswith("/static/")):
            self.found.append(f"<{tag}>")
        if tag == "meta" and "http-equiv" in values:
            self.found.append("<meta http-equiv>")
        for name, value in values.items():
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.found.append(f"<{tag} {name}>")
            if name in ADDRESSES and scheme(value) not in SAFE_SCHEMES:
                self.found.append(f"<{tag} {name}={value!r}>")


def scheme(address: str) -> str:
    """As browsers read it: control characters before it do not count, nor do tabs and line breaks within."""
    seen = re.sub(r"[\t\n\r]", "", address.lstrip("".join(map(chr, range(33))))).lower()
    found = re.match(r"([a-z][a-z0-9+.-]*):", seen)
    return found.group(1) if found else ""


def dangers(html: str) -> list[str]:
    reader = Dangers()
    reader.feed(html)
    reader.close()
    return reader.found
