"""How several processes share one PostgreSQL, and how it goes when the last of them has gone.

Who uses the server holds a shared lock on a file, and the keeper, a process of its own (keeper.py), stops the
server as soon as nobody does. Locks end with their process, however it ends: no server outlives a killed run.
"""

import fcntl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds for a start or a stop on a busy machine
Server = subprocess.Popen[bytes]


@contextmanager
def joined(folder: Path, fsync: bool) -> Iterator[str]:
    keeper: Server | None = None
    with open(folder / "users.lock", "a") as users:
        with open(folder / "start.lock", "a") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_SH)  # waits while a keeper is stopping its server
            if not kept(folder):
                keeper = start_keeper(folder, fsync)
        try:
            yield (folder / "url").read_text("utf-8")
        finally:
            users.close()
            if keeper is not None:
                keeper.wait()  # until the last user has left


def kept(folder: Path) -> bool:
    """Whether a keeper lives: it holds this lock as long as it does."""
    with open(folder / "keeper.lock", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    (folder / "url").unlink(missing_ok=True)
    return False


def start_keeper(folder: Path, fsync: bool) -> Server:
    """In a session of its own, so that Ctrl-C ends the run and leaves the keeper time to stop the server."""
    command = [sys.executable, "-m", "tests.servers.keeper", str(folder), "fsync" if fsync else "haste"]
    with open(folder / "keeper.log", "ab") as log:
        keeper = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        wait_until(lambda: (folder / "url").exists() or keeper.poll() is not None)
    except BaseException:
        keeper.terminate()
        raise
    if keeper.poll() is not None:
        said = (folder / "keeper.log").read_text("utf-8", errors="replace")
        raise RuntimeError(f"PostgreSQL did not start:\n{said}")
    return keeper


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"What was waited for did not come within {PATIENCE} seconds.")
        time.sleep(0.02)
