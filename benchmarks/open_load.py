"""An open load: so many requests a second on schedule, whatever the answers do.

People do not wait for one another before they vote. Latency counts from the moment at which a request was due, so that
a slow answer cannot hide the requests behind it (no coordinated omission). wrk cannot do this: its connections wait.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

LOOPBACK = "127.0.0.1"
CONNECTIONS = 500
"""Open at most; requests beyond them wait, and their waiting counts."""
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Storm:
    """What came back: statuses and milliseconds, and how late the schedule itself was kept at worst."""

    statuses: dict[int, int] = field(default_factory=dict)
    """Answers by status; 0 for connections that broke."""
    milliseconds: list[float] = field(default_factory=list)
    late: float = 0.0

    def percentile(self, share: float) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def storm(port: int, requests: Iterator[bytes], rate: float, seconds: float) -> Storm:
    return asyncio.run(_storm(port, requests, rate, seconds))


def request(method: str, path: str, headers: dict[str, str], body: str = "") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join([*lines, f"Content-Length: {len(body.encode())}", "", body])).encode()


async def _storm(port: int, requests: Iterator[bytes], rate: float, seconds: float) -> Storm:
    loop = asyncio.get_running_loop()
    found = Storm()
    idle: list[Connection] = []
    room = asyncio.Semaphore(CONNECTIONS)
    begun = loop.time() + 0.1
    tasks = []
    for place, sent in enumerate(islice(requests, round(rate * seconds))):
        due = begun + place / rate
        if (early := due - loop.time()) > 0:
            await asyncio.sleep(early)
        found.late = max(found.late, (loop.time() - due) * 1e3)
        tasks.append(asyncio.create_task(_one(port, sent, due, found, idle, room)))
    await asyncio.gather(*tasks)
    for _reader, writer in idle:
        writer.close()
    return found


async def _one(
    port: int, sent: bytes, due: float, found: Storm, idle: list[Connection], room: asyncio.Semaphore
) -> None:
    async with room:
        try:
            connection = idle.pop() if idle else await asyncio.open_connection(LOOPBACK, port)
            connection[1].write(sent)
            status = await asyncio.wait_for(_answered(connection[0]), 60)
            idle.append(connection)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            status = 0
    found.statuses[status] = found.statuses.get(status, 0) + 1
    found.milliseconds.append((asyncio.get_running_loop().time() - due) * 1e3)


async def _answered(reader: asyncio.StreamReader) -> int:
    """Read one whole answer. Returns its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head.split(" ", 2)[1])
    if "\r\ntransfer-encoding: chunked" in head:
        while size := int((await reader.readline()).strip() or b"0", 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    elif "\r\ncontent-length:" in head:
        await reader.readexactly(int(head.split("\r\ncontent-length:", 1)[1].split("\r\n", 1)[0]))
    return status
