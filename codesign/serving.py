"""Running the application under uvicorn, in one process or several.

What an application is made of is imported by the processes that answer, not by the one that watches over them:
that starts them a second sooner.
"""

import gc
import logging
import socket
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import uvicorn

from codesign.settings import Settings
from codesign.types import Refused

try:
    import resource
except ImportError:  # Windows has no such limit
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from starlette.applications import Starlette

SWITCH_SECONDS = 0.00002
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def create() -> "Starlette":
    """The application of one of several processes; mail is then sent by `codesign worker`."""
    from codesign.app import make_app

    _log()
    return _settled(make_app(Settings.from_env()))


def claim(host: str, port: int) -> None:
    """Raises Refused when another program listens there already: better before the work than after it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(
                f"{host}:{port} cannot be used ({error.strerror}). Choose another port with --port."
            ) from error


def run(host: str, port: int, workers: int) -> None:
    claim(host, port)
    if workers == 1:
        return run_app(Settings.from_env(), host, port)
    _log()
    uvicorn.run("codesign.serving:create", factory=True, workers=workers, **options(host, port))  # type: ignore[arg-type]
    return None


def run_app(settings: Settings, host: str, port: int, development: bool = False) -> None:
    """One process with a worker thread that sends mail."""
    from codesign.app import make_app

    _log()
    chosen = replace(settings, development=development or settings.development)
    uvicorn.run(_settled(make_app(chosen, with_worker=True)), **options(host, port))  # type: ignore[arg-type]


def _settled(app: "Starlette") -> "Starlette":
    """What was made up to here lives as long as the process: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    # While the event loop answers readers without a pause, a vote's thread gets the interpreter back after this time,
    # some twenty times in one vote: with Python's 5 ms votes would starve (measured by the bench's storm).
    sys.setswitchinterval(SWITCH_SECONDS)
    if resource is not None:
        # Every open stream is an open file; usually 1,024 are allowed at first, and many times that when asked for.
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return app


def options(host: str, port: int) -> dict[str, object]:
    """How uvicorn is run; benchmarks run bare Starlette in the same way."""
    return {
        "host": host,
        "port": port,
        "access_log": False,
        "log_config": None,
        "server_header": False,
        "timeout_graceful_shutdown": 10,
        "h11_max_incomplete_event_size": 64 * 1024,
    }


def _log() -> None:
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
