"""A worker killed while it tells a crowd, and while it sends: the next one ends the work, and nobody hears twice."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, select

from codesign import clock
from codesign.app import make_site
from codesign.core.notices import Notice
from codesign.events import STEP
from codesign.outbox import LEASE, Message, MessageState
from codesign.sending import GROUP
from codesign.testing import Clock, Town
from codesign.worker import work
from tests.crowds import MANY, announcements, away, crowd, official_answer, start_thread, tell_all, told
from tests.servers.processes import mail_worker
from tests.servers.sharing import wait_until


def folder_of(town: Town) -> Path:
    return town.world.settings.mail_folder / town.slug


def addressed(town: Town) -> Counter[int]:
    """The user ids of the letters in the town's mail folder."""
    texts = [path.read_text("utf-8", errors="replace") for path in folder_of(town).glob("*.eml")]
    return Counter(int(found[1]) for text in texts if (found := re.search(r"^To: p(\d+)@", text, re.MULTILINE)))


def number_of_notices(town: Town) -> int:
    with town.read() as db:
        return db.scalar(select(func.count(Notice.id))) or 0


def states(town: Town) -> Counter[MessageState]:
    with town.read() as db:
        return Counter(db.scalars(select(Message.state)))


def known(town: Town) -> set[int | None]:
    """Whose letter is marked as sent."""
    with town.read() as db:
        return set(db.scalars(select(Message.user_id).where(Message.state == MessageState.SENT)))


def test_a_worker_killed_while_it_tells_a_crowd_is_followed_by_one_that_ends_it(alder: Town) -> None:
    ids = crowd(alder)
    event = start_thread(alder, actor_id=ids[0])
    for steps in (1, 3):
        with mail_worker(alder.world.settings) as program:
            wait_until(lambda: number_of_notices(alder) >= steps * STEP - 1)  # noqa: B023
            program.kill()
        assert STEP <= number_of_notices(alder) + 1 < MANY
        assert len(announcements(alder)) == 1
    tell_all(alder, replace(away(alder), now=clock.now))
    assert told(alder, event) == Counter(ids[1:])


def test_a_worker_killed_while_it_sends_repeats_at_most_the_letters_it_had_not_noted_yet(alder: Town) -> None:
    ids = crowd(alder, 300)
    event = official_answer(alder)
    with mail_worker(alder.world.settings) as program:
        wait_until(lambda: len(list(folder_of(alder).glob("*.eml"))) >= 2 * GROUP)
        program.kill()
    before, sure = addressed(alder), known(alder)
    assert len(before) < len(ids)
    assert len({*before} - sure) <= GROUP  # written, and not yet marked
    later = Clock(clock.now() + LEASE * 2)
    site = make_site(alder.world.settings, now=later.now)
    while work(site, "alder"):
        pass
    site.registry.close()
    after = addressed(alder)
    assert told(alder, event) == Counter(ids)
    assert states(alder) == Counter({MessageState.SENT: len(ids)})
    assert (set(after), {id: after[id] for id in ids if id in sure}) == (set(ids), {id: 1 for id in ids if id in sure})
    assert sum(after.values()) <= len(ids) + GROUP
