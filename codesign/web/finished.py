"""Finished pages: the bytes an anonymous visitor gets, packed once, with their ETag."""

import gzip
import hashlib
import logging
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Message, Send

from codesign.web.asked import Asked
from codesign.web.freshness import Made

log = logging.getLogger("codesign")
PACKING = 6
OVERHEAD = 2_000
"""Bytes that keys, headers and objects of one item take, about."""
STATE_HEADER = b"x-codesign-fragment"
"""Sent in development: hit, miss, filled or passed."""
REPLACED = {b"content-length", b"etag", b"content-encoding", b"vary"}
NOT_WITH_304 = {b"content-length", b"content-type", b"content-encoding"}
Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Finished:
    made: Made
    etag: bytes
    plain: tuple[Headers, bytes]
    packed: tuple[Headers, bytes]
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = OVERHEAD + len(self.plain[1]) + len(self.packed[1])

    async def answer(self, asked: Asked, method: str, send: Send, state: bytes = b"") -> None:
        """Send the page, or 304 when the browser holds it already."""
        headers, body = self.packed if asked.packs else self.plain
        status = 200
        if asked.known and knows(asked.known, self.etag):
            status, body = 304, b""
            headers = [pair for pair in headers if pair[0] not in NOT_WITH_304]
        elif method == "HEAD":
            body = b""
        if state:
            headers = [*headers, (STATE_HEADER, state)]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def finish(headers: Headers, body: bytes, made: Made) -> Finished:
    """The tag is weak, as it is the same for the packed and the plain bytes."""
    etag = b'W/"' + hashlib.sha256(body).hexdigest()[:32].encode() + b'"'
    vary = next((value for name, value in headers if name == b"vary"), b"Cookie")
    kept = [pair for pair in headers if pair[0] not in REPLACED]
    kept += [(b"etag", etag), (b"vary", b"Accept-Encoding, " + vary)]
    packed = gzip.compress(body, PACKING, mtime=0)
    return Finished(
        made,
        etag,
        ([*kept, _length(body)], body),
        ([*kept, (b"content-encoding", b"gzip"), _length(packed)], packed),
    )


def knows(known: bytes, etag: bytes) -> bool:
    """Whether an If-None-Match names this ETag, by weak comparison (RFC 9110, 13.1.2)."""
    opaque = etag.removeprefix(b"W/")
    return known.strip() == b"*" or any(part.strip().removeprefix(b"W/") == opaque for part in known.split(b","))


def _length(body: bytes) -> tuple[bytes, bytes]:
    return b"content-length", str(len(body)).encode()


class Answer:
    """Stands between an endpoint and the server: an answer that may be kept is held back whole, any other passes."""

    def __init__(self, send: Send, state: dict[str, Any], mark: bytes) -> None:
        self.send, self.state, self.mark = send, state, mark
        self.headers: Headers | None = None
        self.chunks: list[bytes] = []

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._may_be_kept(message):
            self.headers = list(message["headers"])
        elif self.headers is not None and message["type"] == "http.response.body":
            self.chunks.append(message.get("body", b""))
        else:
            if message["type"] == "http.response.start" and self.mark:
                message["headers"] = [*message["headers"], (STATE_HEADER, self.mark)]
            await self.send(message)

    def _may_be_kept(self, message: Message) -> bool:
        if self.state.get("keep") is None or message["status"] != 200:
            return False
        if any(name == b"set-cookie" for name, _value in message["headers"]):
            log.error("a page that may be kept sets a cookie, so it is not kept")
            return False
        return True
