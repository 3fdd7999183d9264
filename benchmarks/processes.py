"""Programs that are measured, as real processes on loopback: started, looked at, stopped by their own id."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from benchmarks.place import HOST, SECRET, Place

ROOT = Path(__file__).resolve().parents[1]
LOOPBACK = "127.0.0.1"
PATIENCE = 60
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Program:
    process: subprocess.Popen[bytes]
    port: int
    seconds: float
    """From its start to its first answer."""

    @property
    def pid(self) -> int:
        return self.process.pid

    def memory(self, peak: bool = False) -> float:
        return resident(self.pid, peak)


def environment(place: Place, **more: str) -> dict[str, str]:
    own = {
        "CODESIGN_DATA": str(place.folder),
        "CODESIGN_DATABASE": place.url.replace("+psycopg", ""),
        "CODESIGN_MAIL": "",
        "CODESIGN_HOST": HOST,
        "CODESIGN_SECRET": SECRET.decode(),
        "CODESIGN_DEVELOPMENT": "",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'plugins'}",
    }
    return {**os.environ, **own, **more}


@contextmanager
def started(
    place: Place, words: list[str], port: int = 0, path: str = "/", host: str = HOST, **more: str
) -> Iterator[Program]:
    """A running `python -m ...`; with a port, once it answers `path` there. Its log is in the place's folder."""
    begun = time.monotonic()
    with (place.folder / "programs.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT, env=environment(place, **more), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        seconds = _first_answer(process, port, path, host, begun) if port else 0.0
        yield Program(process, port, seconds)
    finally:
        stop(process)


@contextmanager
def serving(place: Place, path: str, host: str, workers: int = 1, **more: str) -> Iterator[Program]:
    """`codesign serve`, once it has answered `path` of the town at `host`."""
    port = free_port()
    words = ["codesign", "serve", "--port", str(port), "--workers", str(workers)]
    with started(place, words, port, path, host, **more) as program:
        yield program


def stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as probe:
        return int(probe.getsockname()[1])


def _first_answer(process: subprocess.Popen[bytes], port: int, path: str, host: str, begun: float) -> float:
    while time.monotonic() < begun + PATIENCE:
        if process.poll() is not None:
            raise RuntimeError("A program that should be measured ended at once; programs.log says why.")
        try:
            status, _headers, body = fetch(port, path, {"Host": host})
            if status >= 500:
                raise RuntimeError(f"{path} of {host} answers {status}: {body[:300]!r}")
            return time.monotonic() - begun
        except (OSError, HTTPException):
            time.sleep(0.005)
    raise TimeoutError(f"No answer on port {port} within {PATIENCE} seconds; programs.log may say why.")


def fetch(port: int, path: str, headers: Mapping[str, str], method: str = "GET", body: str | None = None) -> "Answer":
    """One request; the body as it came over the wire."""
    connection = HTTPConnection(LOOPBACK, port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()


Answer = tuple[int, dict[str, str], bytes]


def resident(pid: int, peak: bool = False) -> float:
    """Megabytes (10^6 bytes) in memory of a process and those below it, now or at each one's peak."""
    wanted = "VmHWM:" if peak else "VmRSS:"
    return sum(_kilobytes(one, wanted) for one in family(pid)) * 1024 / 1e6


def family(pid: int) -> list[int]:
    """A process and all below it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(below for child in children for below in family(int(child)))]


def _kilobytes(pid: int, wanted: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(wanted)), 0)


def used_seconds(pids: list[int]) -> float:
    """Processor time of these processes and of those of their children that have ended."""
    used = 0.0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        used += sum(map(int, fields[11:15])) / TICKS
    return used


def busy_seconds() -> float:
    """Processor time of the whole machine, but for idling and waiting for disks."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICKS


def database_processes() -> list[int]:
    """PostgreSQL's, as far as they are to be seen on this machine."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "comm").read_text().strip() == "postgres":
                found.append(int(folder.name))
        except OSError:
            continue
    return found
