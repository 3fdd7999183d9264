"""The keeper of one PostgreSQL: starts it, stops it when no process holds the users' lock. See postgres.py.

`python -m tests.servers.keeper FOLDER fsync|haste`. The data are in a new folder below CODESIGN_TEST_DATA, or
/tmp; in memory (/dev/shm) a database is made ten times faster than on a slow disk.
"""

import fcntl
import os
import signal
import sys
import tempfile
from pathlib import Path

from tests.servers.postgres import find_postgres, start_postgres, stop_postgres


def keep(folder: Path, fsync: bool) -> None:
    """Writes FOLDER/url when the server answers; removes it, holding the users' lock, before it stops."""
    binaries, parent = find_postgres(), os.environ.get("CODESIGN_TEST_DATA", "/tmp")
    if binaries is None:
        sys.exit("There is no PostgreSQL here.")
    with (
        open(folder / "users.lock", "a") as users,  # let go of last: who comes next must find no keeper
        open(folder / "keeper.lock", "a") as alive,
        tempfile.TemporaryDirectory(prefix="codesign-postgres-", dir=parent) as place,
    ):
        fcntl.flock(alive, fcntl.LOCK_EX)
        server, url = start_postgres(binaries, Path(place), fsync=fsync)
        try:
            (folder / "url.new").write_text(url, "utf-8")
            (folder / "url.new").rename(folder / "url")
            fcntl.flock(users, fcntl.LOCK_EX)
        finally:
            (folder / "url").unlink(missing_ok=True)
            stop_postgres(server)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    keep(Path(sys.argv[1]), fsync=sys.argv[2] == "fsync")
