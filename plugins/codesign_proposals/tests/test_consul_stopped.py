"""An import that is killed, run twice at once, or given a huge file."""

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from codesign.consul import storing_comments
from codesign.core.comments import Comment
from codesign.testing import Town
from tests.consul.exports import COMMENTS, brought, comment, folder, holdings, proposal, recount, table

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("proposals")


def started(town: Town, path: Path, report: IO[bytes] | int = subprocess.PIPE) -> "subprocess.Popen[bytes]":
    """The real command, in a process of its own."""
    settings = town.world.settings
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}", "CODESIGN_DATA": str(settings.data)}
    environment |= {"CODESIGN_DATABASE": settings.database, "CODESIGN_SECRET": "for tests only"}
    command = [sys.executable, "-m", "codesign", "import", "consul", str(path), "--municipality", town.slug]
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=report, stderr=subprocess.DEVNULL)


def peak_memory(pid: int) -> int:
    """Megabytes. The kernel's rusage would count what the test itself held when it started the process."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) // 1024 if found else 0


def stored(town: Town) -> int:
    with town.read() as db:
        return db.scalar(select(func.count()).select_from(Comment)) or 0


def kill_after(town: Town, path: Path, comments: int) -> int:
    """Kill an import as soon as that many comments are stored; how many there are then."""
    process = started(town, path)
    with process:
        while stored(town) < comments and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert process.returncode == -signal.SIGKILL, "the import was over before it could be killed"
    return stored(town)


def an_export(path: Path, count: int) -> Path:
    """Long branches, late parents, lost ones and empty texts, on several pages."""
    comments = []
    for id in range(1, count + 1):
        parent = id + 7 if id % 5 == 0 else id - 3 if id % 7 else -1
        text = "" if id % 31 == 0 else f"Comment {id}, see https://example.org/{id}"
        comments.append(comment(id, parent, proposalId=1 + id // 1500, userId=id % 300, text=text))
    # Archived ones, so that the moment of the import shows nowhere.
    return folder(path, proposals=[proposal(id, status="archived") for id in range(1, 600)], comments=comments)


@pytest.mark.slow
def test_an_import_killed_twice_ends_as_one_that_nobody_disturbed(town: Town, birch: Town, tmp_path: Path) -> None:
    path = an_export(tmp_path / "e", 3000)
    undisturbed = brought(birch.enable("proposals"), path)
    before = 0
    for wanted in (1, 1500):
        before = kill_after(town, path, wanted)
        assert wanted <= before < 3000
        with town.read() as db:
            recount(db)
    process = started(town, path)
    output = process.communicate()[0].decode()
    assert process.returncode == 0
    assert f"already there: 599 proposals, {before} comments" in output.splitlines()
    assert undisturbed.imported["comments"] == 3000
    with town.read() as db, birch.read() as other:
        recount(db)
        assert holdings(db) == holdings(other)


def test_two_imports_at_the_same_moment_import_everything_once(town: Town, birch: Town, tmp_path: Path) -> None:
    path = an_export(tmp_path / "e", 1600)
    brought(birch.enable("proposals"), path)
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda _turn: brought(town, path), range(2)))
    for noun, total in (("proposals", 599), ("comments", 1600)):
        assert sum(report.imported.get(noun, 0) for report in reports) == total
        assert sum(report.unchanged.get(noun, 0) for report in reports) == total
    with town.read() as db, birch.read() as other:
        recount(db)
        assert holdings(db) == holdings(other)


def test_a_batch_that_fails_leaves_nothing_behind(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder(tmp_path / "e", proposals=[proposal(1)], comments=[comment(id) for id in range(1, 700)])
    real, batches = storing_comments.remember, []

    def fail_late(db: Session, source: str, noun: str, targets: dict[str, int]) -> None:
        real(db, source, noun, targets)
        batches.append(noun)
        if len(batches) == 2:
            raise MemoryError

    monkeypatch.setattr(storing_comments, "remember", fail_late)
    with pytest.raises(MemoryError):
        brought(town, path)
    with town.read() as db:
        recount(db)
    assert stored(town) == 500
    monkeypatch.undo()
    assert brought(town, path).imported == {"comments": 199}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize("world_place", ["sqlite"], indirect=True)
def test_memory_does_not_grow_with_the_file(town: Town, tmp_path: Path) -> None:
    path = folder(tmp_path / "e", proposals=[proposal(1)])
    with (path / "comments.csv").open("w", encoding="utf-8") as file:
        for start in range(0, 60_000, 10_000):
            rows = [
                comment(
                    id, id - 1 if id % 50 else -1, proposalId=1 if id % 30 == 0 else 2, text="So it is now and " * 60
                )
                for id in range(start + 1, start + 10_001)
            ]
            header, _newline, lines = table(COMMENTS, rows).partition("\n")
            file.write(lines if start else f"{header}\n{lines}")
    assert (path / "comments.csv").stat().st_size > 60_000_000
    with (tmp_path / "report").open("wb") as report, started(town, path, report) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, peak_memory(process.pid))
            time.sleep(0.02)
    left_out = (tmp_path / "report").read_text().count("was not imported")
    assert (process.returncode, left_out, stored(town)) == (0, 58_000, 2_000)
    assert 50 < peak < 200
