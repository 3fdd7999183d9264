"""One open stream: server-sent events to one tab, for as long as it is open."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from starlette.types import Send

HEADERS = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
BEAT = b":\n\n"
"""A line that says nothing."""
ENDED = b"event: ended\ndata: \n\n"
"""To a tab that shall not ask again: its person is not signed in any more, or has too many of them."""
TOO_SLOW = 5.0
"""Seconds after which a tab that does not take what it is sent is ended."""


def message(id: int, html: str) -> bytes:
    """What htmx puts into the page; after a break the browser says which `id` was its last."""
    return f"id: {id}\ndata: {' '.join(html.split())}\n\n".encode()


@dataclass(eq=False, slots=True)
class Stream:
    """One open tab."""

    user_id: int
    token: str
    """The hash of its session's token."""
    known: int | None
    """The number that it shows; None: not known."""
    say: Callable[[int], bytes]
    """The message with this number, in the language of its page."""
    send: Send
    told_at: float
    """By the clock of `time.monotonic`."""
    over: bool = False
    telling: asyncio.Task[None] | None = None

    def tell(self, data: bytes, last: bool = False) -> None:
        """Send without waiting for it."""
        if self.over:
            return
        waiting = self.telling is not None and not self.telling.done()
        slow = waiting and time.monotonic() - self.told_at > TOO_SLOW
        self.over = last or slow
        if not waiting:
            self.told_at = time.monotonic()
        self.telling = asyncio.ensure_future(self._hand_over(b"" if slow else data, self.over))

    def show(self, number: int) -> None:
        if number != self.known:
            self.known = number
            self.tell(self.say(number))

    async def _hand_over(self, data: bytes, last: bool) -> None:
        with suppress(OSError):  # whoever listened is gone, which is noticed elsewhere
            await self.send({"type": "http.response.body", "body": data, "more_body": not last})
