"""A worker that is killed at work: nothing is lost, and nothing that is known to be sent is sent again."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from codesign import clock
from codesign.app import make_site
from codesign.outbox import LEASE, Message, MessageState, post
from codesign.testing import Town
from codesign.worker import work
from tests.servers.sharing import wait_until
from tests.servers.smtp import Mailbox, smtp_server

ROOT = Path(__file__).resolve().parents[1]
NAMES = [f"n{number}" for number in range(8)]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server() as mailbox:
        mailbox.delay = 0.1
        yield mailbox


def worker(town: Town, mailbox: Mailbox) -> subprocess.Popen[bytes]:
    settings = town.world.settings
    env = {"CODESIGN_DATA": str(settings.data), "CODESIGN_DATABASE": settings.database, "CODESIGN_MAIL": mailbox.url}
    return subprocess.Popen([sys.executable, "-m", "codesign", "worker"], cwd=ROOT, env={**os.environ, **env})


def addressed(mailbox: Mailbox) -> Counter[str]:
    return Counter(recipient.partition("@")[0] for each in mailbox.recipients for recipient in each)


def states(town: Town) -> dict[str, MessageState]:
    with town.read() as db:
        rows = db.execute(select(Message.address, Message.state))
        return {str(address).partition("@")[0]: state for address, state in rows}


def test_a_worker_that_was_killed_leaves_nothing_unsent_and_nothing_known_sent_twice(
    alder: Town, mailbox: Mailbox
) -> None:
    with alder.write() as db:
        for name in NAMES:
            post(db, "accounts/mail/known", f"{name}@alder.example", None, {"url": "http://x.example"}, clock.now())
    with worker(alder, mailbox) as process:
        wait_until(lambda: len(mailbox.messages) >= 3)
        process.send_signal(signal.SIGKILL)
    known = {name for name, state in states(alder).items() if state is MessageState.SENT}
    assert 2 <= len(known) < len(NAMES)
    mailbox.delay = 0
    settings = replace(alder.world.settings, mail=mailbox.url)
    site = make_site(settings, now=lambda: clock.now() + LEASE * 2)
    while work(site, "alder"):
        pass
    site.registry.close()
    assert states(alder) == dict.fromkeys(NAMES, MessageState.SENT)
    sent = addressed(mailbox)
    assert set(sent) == set(NAMES)
    assert {name: sent[name] for name in known} == dict.fromkeys(known, 1)
    assert sum(sent.values()) <= len(NAMES) + 1  # the one letter that was on its way


def test_a_worker_that_is_asked_to_stop_finishes_and_leaves_with_0(alder: Town, mailbox: Mailbox) -> None:
    with alder.write() as db:
        post(db, "accounts/mail/known", "anna@alder.example", None, {"url": "http://x.example"}, clock.now())
    with worker(alder, mailbox) as process:
        wait_until(lambda: len(mailbox.messages) == 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert states(alder) == {"anna": MessageState.SENT}


def test_every_message_of_every_town_is_sent_by_one_worker(alder: Town, birch: Town, mailbox: Mailbox) -> None:
    mailbox.delay = 0
    for town, name in ((alder, "anna"), (birch, "dora")):
        with town.write() as db:
            post(db, "accounts/mail/known", f"{name}@x.example", None, {"url": "http://x.example"}, clock.now())
            db.execute(update(Message).values(due_at=clock.now()))
    with worker(alder, mailbox) as process:
        wait_until(lambda: len(mailbox.messages) == 2)
        process.terminate()
    assert addressed(mailbox) == Counter(["anna", "dora"])
