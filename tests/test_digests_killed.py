"""A worker killed at its daily letters, between any two statements: nobody is forgotten, and nobody has two."""

from collections import Counter
from typing import Any

from sqlalchemy import event, select

from codesign import clock
from codesign.app import make_site
from codesign.core.notices import Mail, Notice, Round
from codesign.outbox import LEASE, Message, MessageState
from codesign.sending import GROUP
from codesign.testing import Clock, Town
from codesign.worker import work
from tests.crowds import crowd
from tests.making import a_story
from tests.servers.processes import mail_worker
from tests.servers.sharing import wait_until
from tests.test_digests import HOUR, happened, mails, wait_for
from tests.test_fan_out_killed import addressed, folder_of, known, states

MOST = 60
"""More statements than the letters of three people take."""


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL; what was not committed has not happened."""


def killed_at(town: Town, number: int) -> bool:
    """Work until nothing is left to do, or until before the so manieth statement. True when it came to that."""
    left = number

    def count(*_arguments: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed

    engines = {town.store.reader, town.store.writer}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", count)
    try:
        while work(town.world.site, town.slug):
            pass
    except Killed:
        return True
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", count)
    return False


def test_a_worker_stopped_before_any_of_its_statements_is_followed_by_one_that_writes_each_letter_once(
    alder: Town,
) -> None:
    ids, story = crowd(alder, 3), a_story(alder)
    for number in range(1, MOST):
        wait_for(alder, happened(alder, story, f"No. {number}"), ids)
        alder.world.clock.advance(24 * HOUR)
        stopped = killed_at(alder, number)
        alder.world.clock.advance(2 * LEASE)
        while work(alder.world.site, "alder"):
            pass
        with alder.read() as db:
            assert Counter(db.scalars(select(Message.user_id))) == Counter(ids * number), number
            assert db.scalars(select(Round.doing_until)).all() == [None]
        assert mails(alder) == Counter({Mail.DONE: number * len(ids)}), number
        if not stopped:
            return
    raise AssertionError(f"a day takes more than {MOST} statements")


def test_workers_killed_while_they_send_repeat_few_letters_and_forget_nobody(alder: Town) -> None:
    ids = crowd(alder, 300)
    wait_for(alder, happened(alder, a_story(alder)), ids)
    for sent in (2 * GROUP, 5 * GROUP):
        with mail_worker(alder.world.settings) as program:
            wait_until(lambda: len(list(folder_of(alder).glob("*.eml"))) >= sent)  # noqa: B023
            program.kill()
    before, sure = addressed(alder), known(alder)
    assert len({*before} - sure) <= 2 * GROUP
    later = Clock(clock.now() + 2 * LEASE)
    site = make_site(alder.world.settings, now=later.now)
    while work(site, "alder"):
        pass
    site.registry.close()
    after = addressed(alder)
    with alder.read() as db:
        assert Counter(db.scalars(select(Message.user_id))) == Counter(ids)
        assert set(db.scalars(select(Notice.mail))) == {Mail.DONE}
    assert states(alder) == Counter({MessageState.SENT: len(ids)})
    assert (set(after), {id: after[id] for id in ids if id in sure}) == (set(ids), {id: 1 for id in ids if id in sure})
    assert sum(after.values()) <= len(ids) + 2 * GROUP
