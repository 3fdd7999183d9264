"""The application as an operator runs it: `codesign serve` and `codesign worker`, real processes on loopback.

A program and the processes it starts are one process group: `stop()` asks it to end, `kill()` ends all of it at once.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import IO

from codesign.settings import Settings
from tests.servers.sharing import PATIENCE, ROOT, wait_until

LOOPBACK = "127.0.0.1"
LISTENING = re.compile(r"running on http://127\.0\.0\.1:(\d+)")
STARTED = re.compile(r"Started server process \[(\d+)\]")
LISTING = Path("/proc/net/tcp")
"""Where Linux tells which socket is whose; who has it may ask for one worker among several."""


class Program:
    """A running `codesign ...`."""

    def __init__(self, settings: Settings, words: list[str], log: IO[bytes]) -> None:
        self.log = Path(log.name)
        command = [sys.executable, "-m", "codesign", *words]
        env = {**os.environ, **environment(settings)}
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )

    def said(self) -> str:
        """All of its log so far."""
        return self.log.read_text("utf-8", errors="replace")

    def stop(self) -> int:
        """Ask it to end as a supervisor does, with SIGTERM, and wait for it: the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """SIGKILL to every process of it, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)


class WebServer(Program):
    """A running `codesign serve`."""

    def __init__(self, settings: Settings, workers: int, log: IO[bytes]) -> None:
        super().__init__(settings, ["serve", "--port", "0", "--workers", str(workers)], log)
        self.connections: list[HTTPConnection] = []

    @property
    def port(self) -> int:
        found = LISTENING.search(self.said())
        assert found is not None, f"no port is announced:\n{self.said()}"
        return int(found[1])

    @property
    def workers(self) -> set[int]:
        """The process ids of those that answer requests and are alive."""
        return {pid for pid in map(int, STARTED.findall(self.said())) if is_alive(pid)}

    def ready(self, count: int) -> bool:
        """Whether it listens and that many workers answer."""
        assert self.process.poll() is None, f"the server ended:\n{self.said()}"
        said = self.said()
        return LISTENING.search(said) is not None and said.count("startup complete") >= count

    def connection_to(self, worker: int) -> HTTPConnection:
        """A connection that this worker has accepted, to be kept open: one after the other, until it takes one."""
        for _attempt in range(500):
            connection = HTTPConnection(LOOPBACK, self.port, timeout=PATIENCE)
            connection.request("GET", "/-/health")
            connection.getresponse().read()
            if owner(connection.sock.getsockname()[1], self.port, {worker}) == worker:
                self.connections.append(connection)
                connection.auto_open = False  # type: ignore[assignment]  # a new one might reach another worker
                return connection
            connection.close()
        raise TimeoutError(f"process {worker} takes no connection:\n{self.said()}")


def environment(settings: Settings) -> dict[str, str]:
    """The variables that give a program this database, mail server and secret; all other settings are the defaults."""
    return {
        "CODESIGN_DATA": str(settings.data),
        "CODESIGN_DATABASE": settings.database,
        "CODESIGN_MAIL": settings.mail,
        "CODESIGN_SECRET": settings.secret.decode(),
        "CODESIGN_DEVELOPMENT": "",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}",
    }


@contextmanager
def web_server(settings: Settings, workers: int = 1) -> Iterator[WebServer]:
    """`codesign serve` on a port that the system chooses, once every process of it answers; killed at the end."""
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        server = WebServer(settings, workers, log)
        try:
            wait_until(lambda: server.ready(workers))
            yield server
        finally:
            server.kill()
            for connection in server.connections:
                connection.close()


@contextmanager
def mail_worker(settings: Settings) -> Iterator[Program]:
    """`codesign worker`; killed at the end."""
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        program = Program(settings, ["worker"], log)
        try:
            yield program
        finally:
            program.kill()


def is_alive(pid: int) -> bool:
    """Whether this process runs; one that has ended and was not waited for does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # gone between the two questions, or a system without /proc
        return not LISTING.exists()
    return state != "Z"


def owner(client: int, server: int, among: Set[int]) -> int | None:
    """Which of these processes holds the server's end of a loopback connection, given by its two ports."""
    ends = [f"0100007F:{server:04X}", f"0100007F:{client:04X}"]
    rows = [line.split() for line in LISTING.read_text().splitlines()]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1:3] == ends}
    return next((pid for pid in among if sockets & open_files(pid)), None)


def open_files(pid: int) -> set[str]:
    found = set()
    with suppress(FileNotFoundError):
        for path in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                found.add(str(path.readlink()))
    return found
