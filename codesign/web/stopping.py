"""Hearing that the server is asked to stop, before it waits for its open connections."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def told_to_stop(act: Callable[[], None]) -> Iterator[None]:
    """Within, SIGTERM and SIGINT also call `act` on the event loop.

    uvicorn tells an application that it stops only when no connection is open any more, and streams stay open.
    """
    if threading.current_thread() is not threading.main_thread():  # tests: nobody sends signals to a thread
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        usual = before[signal.Signals(number)]
        if callable(usual):
            usual(number, frame)

    ours = [number for number, usual in before.items() if callable(usual)]
    for number in ours:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number in ours:
            if signal.getsignal(number) is handle:
                signal.signal(number, before[number])
