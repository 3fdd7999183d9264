"""The outbox and the worker, against a mail server that behaves as mail servers do."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from codesign.app import make_site
from codesign.outbox import LEASE, PAUSES, Message, MessageState, claim, counts, post
from codesign.testing import Town
from codesign.web.site import Site
from codesign.worker import run, work
from tests.servers.smtp import LoopbackController, Mailbox, smtp_server

LETTER = "accounts/mail/known"
NOWHERE = "smtp://127.0.0.1:9"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server() as mailbox:
        yield mailbox


def site_with(town: Town, url: str) -> Site:
    """The town's site, sending to `url`."""
    return replace(town.world.site, settings=replace(town.world.site.settings, mail=url))


def queue(town: Town, *names: str, template: str = LETTER) -> None:
    with town.write() as db:
        for name in names:
            post(db, template, f"{name}@alder.example", None, {"url": "http://x.example"}, town.world.clock.now())


def queued(town: Town) -> list[Message]:
    with town.read() as db:
        return list(db.scalars(select(Message).order_by(Message.id)))


def addressed(mailbox: Mailbox) -> list[str]:
    return [recipient.partition("@")[0] for recipients in mailbox.recipients for recipient in recipients]


def send(site: Site) -> None:
    while work(site, "alder"):
        pass


def test_what_is_queued_is_sent_once_and_its_secrets_are_forgotten(alder: Town, mailbox: Mailbox) -> None:
    queue(alder, "a", "b", "c")
    site = site_with(alder, mailbox.url)
    assert work(site, "alder") is True
    assert work(site, "alder") is False
    assert addressed(mailbox) == ["a", "b", "c"]
    assert [(message.state, message.attempts, message.context) for message in queued(alder)] == [
        (MessageState.SENT, 1, {})
    ] * 3


def test_a_mailbox_that_says_later_is_tried_again_after_pauses_that_grow(alder: Town, mailbox: Mailbox) -> None:
    queue(alder, "a")
    site, clock = site_with(alder, mailbox.url), alder.world.clock
    mailbox.refuse = 450
    for attempt, pause in enumerate(PAUSES, start=1):
        assert work(site, "alder") is True
        [message] = queued(alder)
        assert (message.state, message.attempts, message.due_at) == (MessageState.QUEUED, attempt, clock.now() + pause)
        clock.advance(pause - timedelta(seconds=1))
        assert work(site, "alder") is False
        clock.advance(timedelta(seconds=1))
    assert sorted(PAUSES) == list(PAUSES)
    mailbox.refuse = None
    send(site)
    assert addressed(mailbox) == ["a"]


def test_after_the_last_pause_a_message_has_failed_and_stays_to_be_seen_and_sent_again(
    alder: Town, mailbox: Mailbox
) -> None:
    queue(alder, "a")
    site, clock = site_with(alder, mailbox.url), alder.world.clock
    mailbox.refuse = 450
    for _attempt in range(len(PAUSES) + 1):
        send(site)
        clock.advance(PAUSES[-1])
    [message] = queued(alder)
    assert (message.state, message.attempts) == (MessageState.FAILED, len(PAUSES) + 1)
    assert "450 4.2.0 Mailbox busy" in message.error
    maya = alder.client("maya")
    assert "450 4.2.0 Mailbox busy" in maya.get("/admin/mail").text
    mailbox.refuse = None
    assert maya.post("/admin/mail").status_code == 303
    send(site)
    assert addressed(mailbox) == ["a"]


def test_a_hard_refusal_fails_at_once_and_holds_up_nobody(alder: Town, mailbox: Mailbox) -> None:
    queue(alder, "a")
    site = site_with(alder, mailbox.url)
    mailbox.refuse = 550
    send(site)
    [message] = queued(alder)
    assert (message.state, message.attempts) == (MessageState.FAILED, 1)
    assert message.error == "nobody: 550 5.1.1 No such mailbox"
    mailbox.refuse = None
    queue(alder, "b")
    send(site)
    assert addressed(mailbox) == ["b"]
    with alder.read() as db:
        assert counts(db) == {MessageState.FAILED: 1, MessageState.SENT: 1}


def test_a_connection_that_drops_loses_nothing_and_doubles_nothing(alder: Town, mailbox: Mailbox) -> None:
    queue(alder, "a", "b", "c")
    site = site_with(alder, mailbox.url)
    mailbox.drop = True
    send(site)
    assert [(message.state, message.attempts) for message in queued(alder)] == [(MessageState.QUEUED, 1)] * 3
    mailbox.drop = False
    alder.world.clock.advance(PAUSES[0])
    send(site)
    assert addressed(mailbox) == ["a", "b", "c"]


def test_a_letter_that_makes_a_server_hang_up_waits_alone(alder: Town, mailbox: Mailbox) -> None:
    queue(alder, "a", "b")
    site = site_with(alder, mailbox.url)
    mailbox.drop = True
    work(site, "alder")
    mailbox.drop = False
    send(site)
    assert addressed(mailbox) == ["b"]
    alder.world.clock.advance(PAUSES[0])
    send(site)
    assert addressed(mailbox) == ["b", "a"]


def test_a_server_that_is_away_lets_everything_wait(alder: Town, mailbox: Mailbox) -> None:
    queue(alder, "a", "b")
    send(site_with(alder, NOWHERE))
    messages = queued(alder)
    assert [(message.state, message.attempts) for message in messages] == [(MessageState.QUEUED, 1)] * 2
    assert messages[0].error.startswith("away: ConnectionRefusedError")
    alder.world.clock.advance(PAUSES[0])
    send(site_with(alder, mailbox.url))
    assert addressed(mailbox) == ["a", "b"]


def test_a_slow_server_is_waited_for_but_not_for_ever(
    alder: Town, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(alder, "a")
    site = site_with(alder, mailbox.url)
    monkeypatch.setattr("codesign.mail.TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr("codesign.mail.ACCEPT_SECONDS", 0.5)
    mailbox.delay = 5
    work(site, "alder")
    assert [(message.state, message.attempts) for message in queued(alder)] == [(MessageState.QUEUED, 1)]
    mailbox.delay = 0.05
    alder.world.clock.advance(PAUSES[0])
    send(site)
    assert addressed(mailbox) == ["a"]


@pytest.mark.parametrize("template", ["no/such/letter", "moderation/mail/hidden"])
def test_a_message_that_cannot_be_written_fails_alone(alder: Town, mailbox: Mailbox, template: str) -> None:
    """Its template is gone with its plugin, or wants more than the message holds."""
    queue(alder, "a", template=template)
    queue(alder, "b")
    send(site_with(alder, mailbox.url))
    assert [message.state for message in queued(alder)] == [MessageState.FAILED, MessageState.SENT]
    assert addressed(mailbox) == ["b"]


def test_an_address_that_the_server_cannot_send_to_fails_alone(alder: Town) -> None:
    mailbox = Mailbox()
    controller = LoopbackController(mailbox, hostname="127.0.0.1", port=0, enable_SMTPUTF8=False)
    controller.start()
    try:
        queue(alder, "žofie", "b")
        send(site_with(alder, f"smtp://127.0.0.1:{controller.port}"))
    finally:
        controller.stop()
    assert [message.state for message in queued(alder)] == [MessageState.FAILED, MessageState.SENT]
    assert addressed(mailbox) == ["b"]


def test_two_workers_at_once_send_each_message_once(alder: Town, mailbox: Mailbox) -> None:
    names = [f"n{number}" for number in range(120)]
    queue(alder, *names)
    sites = [make_site(replace(alder.world.settings, mail=mailbox.url), now=alder.world.clock.now) for _ in range(3)]
    start = threading.Barrier(len(sites))

    def labour(site: Site) -> None:
        start.wait()
        send(site)
        site.registry.close()

    with ThreadPoolExecutor(len(sites)) as pool:
        list(pool.map(labour, sites))
    assert Counter(addressed(mailbox)) == Counter(names)
    assert {message.attempts for message in queued(alder)} == {1}


def test_what_a_worker_took_and_did_not_finish_is_due_again_after_its_lease(alder: Town, mailbox: Mailbox) -> None:
    queue(alder, "a")
    site, clock = site_with(alder, mailbox.url), alder.world.clock
    with alder.write() as db:
        assert len(claim(db, clock.now())) == 1  # and then its process is gone
    clock.advance(LEASE - timedelta(seconds=1))
    assert work(site, "alder") is False
    clock.advance(timedelta(seconds=1))
    send(site)
    assert addressed(mailbox) == ["a"]


def test_trouble_in_one_town_does_not_hold_up_another(alder: Town, birch: Town, mailbox: Mailbox) -> None:
    queue(alder, "a")
    with birch.write() as db:
        post(db, LETTER, "dora@birch.example", None, {"url": "http://x.example"}, birch.world.clock.now())
    with alder.store.connect() as db:
        db.exec_driver_sql("ALTER TABLE message RENAME TO gone")
    stop = threading.Event()
    worker = threading.Thread(target=run, args=(site_with(alder, mailbox.url), stop))
    worker.start()
    while not mailbox.messages and worker.is_alive():
        stop.wait(0.01)
    stop.set()
    worker.join()
    assert mailbox.recipients == [["dora@birch.example"]]
