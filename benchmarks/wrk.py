"""wrk, the load tool: runs it and reads what it says. A closed loop: each connection waits for its answer."""

import json
import resource
import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.processes import LOOPBACK, busy_seconds, database_processes, used_seconds
from tools.get_wrk import find_wrk

SETTLING = 30
LONGEST = 20
LUA = Path(__file__).parent / "lua"


@dataclass(frozen=True)
class Load:
    """One run of wrk. Milliseconds, bytes and requests; `foreign` is what other programs took, in processors."""

    requests: int
    rate: float
    p50: float
    p99: float
    worst: float
    bytes: float
    """Of one answer on the wire, head and body."""
    refused: int
    """Answers that were neither 2xx nor 3xx, and connections that broke."""
    foreign: float

    def told(self) -> dict[str, float]:
        return asdict(self)


@dataclass(frozen=True)
class Running:
    """A run that has begun."""

    process: subprocess.Popen[str]
    own: list[int]
    before: tuple[float, float, float, float]

    def result(self) -> Load:
        said, _nothing = self.process.communicate()
        line = next((line for line in said.splitlines() if line.startswith("RESULT ")), None)
        if line is None:
            raise RuntimeError(f"wrk measured nothing:\n{said}")
        found = json.loads(line.removeprefix("RESULT "))
        begun, busy, used, children = self.before
        passed = time.monotonic() - begun
        foreign = busy_seconds() - busy - (used_seconds(self.own) - used) - (_children() - children)
        requests = max(found["requests"], 1)
        return Load(
            requests=found["requests"],
            rate=found["requests"] / (found["duration"] / 1e6),
            p50=found["p50"] / 1e3,
            p99=found["p99"] / 1e3,
            worst=found["max"] / 1e3,
            bytes=found["bytes"] / requests,
            refused=found["status"] + found["socket"],
            foreign=max(0.0, foreign / passed),
        )


def begin(
    port: int,
    path: str,
    headers: Mapping[str, str],
    seconds: float,
    connections: int,
    own: list[int],
    script: str = "report.lua",
    words: tuple[str, ...] = (),
) -> Running:
    """`own` are the processes whose processor time is not foreign: the server's."""
    program = find_wrk()
    if program is None:
        raise RuntimeError("wrk is missing. `python -m tools.get_wrk` says how to get it.")
    given = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    command = [program, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency", "--timeout", "30s"]
    command += ["-s", str(LUA / script), *given, f"http://{LOOPBACK}:{port}{path}", *(("--", *words) if words else ())]
    databases = set(database_processes())
    settle([pid for pid in own if pid not in databases])
    before = (time.monotonic(), busy_seconds(), used_seconds(own), _children())
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return Running(process, own, before)


def run(
    port: int,
    path: str,
    headers: Mapping[str, str],
    seconds: float,
    connections: int,
    own: list[int],
    script: str = "report.lua",
    words: tuple[str, ...] = (),
) -> Load:
    return begin(port, path, headers, seconds, connections, own, script, words).result()


def settle(own: list[int]) -> None:
    """Wait until the servers idle: what an earlier run left in the queue of a slow one would be measured as well."""
    deadline = time.monotonic() + SETTLING
    while time.monotonic() < deadline:
        used = used_seconds(own)
        time.sleep(0.15)
        if used_seconds(own) - used <= 0.03:
            return


def enough(seconds: float, one: float, connections: int) -> float:
    """Seconds in which slow pages too are asked for a few times; `one` is what one of them takes."""
    return max(seconds, min(LONGEST, 3 * connections * one))


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime + own.ru_utime + own.ru_stime
