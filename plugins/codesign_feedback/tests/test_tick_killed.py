"""A worker killed between any two statements of a tick: the next one goes on, and each rung is climbed exactly once."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from subprocess import PIPE

import pytest
from sqlalchemy import select

from codesign.core.contributions import Reason
from codesign.core.moderation import Report
from codesign.events import Announcement, Event
from codesign.testing import Town
from codesign_feedback.loop import State
from codesign_feedback.tests.making import DAY, events, loop_in, next_rung, opened, standing, wait_for
from codesign_feedback.tests.walking import asked

ROOT = Path(__file__).resolve().parents[3]
TICKS = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from sqlalchemy import event
from codesign.app import make_site
from codesign.testing.towns import settings
from codesign.worker import tick

folder, url, moment = sys.argv[1:]

def live(left):
    site = make_site(settings(Path(folder), url), now=lambda: datetime.fromisoformat(moment))
    store, asked = site.registry.store("alder"), 0

    def die_later(*_rest):
        nonlocal asked
        asked += 1
        if asked > left:
            os.kill(os.getpid(), signal.SIGKILL)

    for engine in {store.writer, store.reader}:
        event.listen(engine, "before_cursor_execute", die_later)
        event.listen(engine, "commit", die_later)
    tick(site, "alder")

make_site(settings(Path(folder), url)).registry.close()  # everything is imported before the first fork
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        live(int(line))
        os._exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
"""
"""For each number that it is told: a tick in a process of its own, killed before the statement after so many."""


@pytest.fixture
def town(alder: Town) -> Town:
    alder.enable("feedback").tick()
    return alder


def tick_and_die(town: Town, moment: datetime) -> int:
    """Ticks that are killed, one after the other, each a statement later; from the first one again whenever something
    has happened; until one comes to its end. Returns how many were killed."""
    words = [str(town.world.folder), town.world.settings.database, moment.isoformat()]
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}"}
    command = [sys.executable, "-c", TICKS, *words]
    killed, left, before = 0, 0, happened(town)
    with subprocess.Popen(command, cwd=ROOT, env=env, stdin=PIPE, stdout=PIPE, text=True, bufsize=1) as program:
        assert program.stdin is not None and program.stdout is not None
        while True:
            print(left, file=program.stdin)
            status = int(program.stdout.readline())
            if status != signal.SIGKILL:
                assert status == 0
                program.stdin.close()
                return killed
            killed, before, left = killed + 1, happened(town), left + 1 if happened(town) == before else 0


def happened(town: Town) -> Counter[tuple[int | None, str]]:
    with town.read() as db:
        rows = db.execute(select(Event.contribution_id, Event.name).where(Event.name.startswith("feedback.")))
        return Counter((row.contribution_id, row.name.removeprefix("feedback.")) for row in rows)


def test_killed_between_any_two_statements_every_rung_is_climbed_once(town: Town) -> None:
    """One has to be asked about, one lapses, one is closed, and a report waits; the kill comes later each time."""
    answered, lapsing = opened(town), opened(town)
    asked(town, answered)
    while "overdue" not in events(town, lapsing):
        wait_for(town, "answer", lapsing)
    with town.write() as db:
        when = town.world.clock.now() - 6 * DAY
        db.add(Report(user_id=1, target=f"contribution:{lapsing}", reason=Reason.SPAM, created_at=when))
    moment = max(next_rung(town, "replies", answered), next_rung(town, "answer", lapsing)) + timedelta(hours=1)
    before = happened(town)
    killed = tick_and_die(town, moment)
    new = happened(town) - before
    assert new == {
        (answered, "asked_again"): 1, (lapsing, "lapsed"): 1, (lapsing, "reports_reminded"): 1,
        (lapsing, "reports_escalated"): 1,
    }  # fmt: skip
    assert killed > 40
    assert (standing(town, lapsing), loop_in(town, answered).round) == (State.LAPSED, 1)
    with town.read() as db:
        told = db.scalars(select(Announcement.event_id)).all()
        lapsed = db.scalars(select(Event.id).where(Event.name == "feedback.lapsed")).all()
    assert set(told) >= set(lapsed)
