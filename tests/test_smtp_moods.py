"""Mail servers in every mood: whatever one of them does, nothing is lost, nothing doubled, and it can be read why."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from codesign.outbox import PAUSES, MessageState
from codesign.testing import Town
from codesign.troubles import SENTENCES, Trouble
from codesign.web.site import Site
from codesign.worker import work
from tests.mailing import ALL, FIRST, NAMES, addressed, all_sent, queue, queued, send, site_with, waits_and_says_why
from tests.servers.smtp import Mailbox, smtp_server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server() as mailbox:
        yield mailbox


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codesign.mail.TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr("codesign.mail.ACCEPT_SECONDS", 0.3)


def tried_again_later(town: Town, site: Site) -> None:
    """The second attempt fails as well, and the next pause is longer."""
    town.world.clock.advance(PAUSES[0])
    send(site)
    waits = {message.due_at - town.world.clock.now() for message in queued(town) if message.attempts == 2}
    assert waits == {PAUSES[1]}
    assert not [message for message in queued(town) if message.state is not MessageState.QUEUED]
    town.world.clock.advance(PAUSES[1])


MOODS: dict[str, tuple[Callable[[Mailbox], None], Callable[[Mailbox], None], Trouble, list[int]]] = {
    "refuses the sender": (
        lambda mailbox: setattr(mailbox, "sender", "550 5.7.1 You may not send"),
        lambda mailbox: setattr(mailbox, "sender", ""),
        Trouble.SENDER,
        ALL,
    ),
    "has too much to do": (
        lambda mailbox: setattr(mailbox, "sender", "421 4.3.2 Too busy"),
        lambda mailbox: setattr(mailbox, "sender", ""),
        Trouble.LATER,
        ALL,
    ),
    "says later to everyone": (
        lambda mailbox: setattr(mailbox, "refuse", 450),
        lambda mailbox: setattr(mailbox, "refuse", None),
        Trouble.LATER,
        ALL,
    ),
    "has a full disk": (
        lambda mailbox: setattr(mailbox, "full", True),
        lambda mailbox: setattr(mailbox, "full", False),
        Trouble.FULL,
        ALL,
    ),
    "drops in the middle of a letter": (
        lambda mailbox: setattr(mailbox, "drop", True),
        lambda mailbox: setattr(mailbox, "drop", False),
        Trouble.HUNG_UP,
        FIRST,
    ),
    "is slow to take a letter": (
        lambda mailbox: setattr(mailbox, "delay", 3),
        lambda mailbox: setattr(mailbox, "delay", 0),
        Trouble.SLOW,
        FIRST,
    ),
}


@pytest.mark.parametrize("mood", [mood for mood in MOODS if "slow" not in mood])
def test_a_server_that(alder: Town, mailbox: Mailbox, mood: str) -> None:
    begin, end, trouble, tried = MOODS[mood]
    queue(alder, *NAMES)
    site = site_with(alder, mailbox.url)
    begin(mailbox)
    work(site, "alder")
    waits_and_says_why(alder, trouble, tried)
    send(site)
    tried_again_later(alder, site)
    assert addressed(mailbox) == {}
    end(mailbox)
    send(site)
    assert addressed(mailbox) == Counter(NAMES)
    assert all_sent(alder)


def test_a_server_that_takes_too_long_may_have_taken_the_letter_and_gets_the_same_one_again(
    alder: Town, mailbox: Mailbox
) -> None:
    begin, end, trouble, tried = MOODS["is slow to take a letter"]
    queue(alder, *NAMES)
    site = site_with(alder, mailbox.url)
    begin(mailbox)
    work(site, "alder")
    waits_and_says_why(alder, trouble, tried)
    end(mailbox)
    send(site)
    alder.world.clock.advance(PAUSES[0])
    send(site)
    names = {message["Message-ID"] for message in mailbox.messages}
    assert (len(names), set(addressed(mailbox)), all_sent(alder)) == (3, set(NAMES), True)


def test_greylisting_delays_each_letter_once(alder: Town, mailbox: Mailbox) -> None:
    queue(alder, *NAMES)
    site = site_with(alder, mailbox.url)
    mailbox.greylist = True
    work(site, "alder")
    waits_and_says_why(alder, Trouble.LATER, ALL)
    alder.world.clock.advance(PAUSES[0])
    send(site)
    assert (addressed(mailbox), all_sent(alder)) == (Counter(NAMES), True)


def test_a_recipient_refused_for_good_holds_up_nobody(alder: Town, mailbox: Mailbox) -> None:
    queue(alder, *NAMES)
    site = site_with(alder, mailbox.url)
    mailbox.nobody.add("b@alder.example")
    assert work(site, "alder")
    assert not work(site, "alder")
    assert addressed(mailbox) == Counter(["a", "c"])
    states = [(message.state, message.attempts) for message in queued(alder)]
    assert states == [(MessageState.SENT, 1), (MessageState.FAILED, 1), (MessageState.SENT, 1)]
    page = alder.client("maya").get("/admin/mail?state=failed").text
    assert SENTENCES[Trouble.NOBODY] in page
    assert "550 5.1.1 No such mailbox" in page


def test_a_server_that_drops_after_it_took_a_letter_gets_it_again_with_the_same_name(
    alder: Town, mailbox: Mailbox
) -> None:
    """Nobody can know whether it was taken (RFC 5321 section 4.5.3.2.6); the receiver can tell by the Message-ID."""
    queue(alder, *NAMES)
    site = site_with(alder, mailbox.url)
    mailbox.drop_after = True
    work(site, "alder")
    waits_and_says_why(alder, Trouble.HUNG_UP, FIRST)
    mailbox.drop_after = False
    send(site)
    alder.world.clock.advance(PAUSES[0])
    send(site)
    assert addressed(mailbox) == Counter({"a": 2, "b": 1, "c": 1})
    assert Counter(message["Message-ID"] for message in mailbox.messages).most_common(2)[0][1] == 2
    assert len({message["Message-ID"] for message in mailbox.messages}) == 3
    assert all_sent(alder)


def test_a_server_that_is_away_is_tried_again_with_growing_pauses_until_it_is_back(
    alder: Town, mailbox: Mailbox
) -> None:
    queue(alder, *NAMES)
    nowhere = site_with(alder, "smtp://127.0.0.1:9")
    work(nowhere, "alder")
    waits_and_says_why(alder, Trouble.AWAY, ALL)
    for pause in PAUSES[:-1]:
        alder.world.clock.advance(pause - timedelta(seconds=1))
        assert not work(nowhere, "alder")
        alder.world.clock.advance(timedelta(seconds=1))
        assert work(nowhere, "alder")
    alder.world.clock.advance(PAUSES[-1])
    send(site_with(alder, mailbox.url))
    assert (addressed(mailbox), all_sent(alder)) == (Counter(NAMES), True)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_a_server_does_in_whatever_order_every_letter_arrives_and_only_unknown_fates_twice(
    alder: Town, mailbox: Mailbox, seed: int
) -> None:
    chance = random.Random(seed)
    people = [f"n{number}" for number in range(30)]
    queue(alder, *people)
    site, unknown = site_with(alder, mailbox.url), 0
    moods = [("sender", "451 4.3.0 Trouble"), ("refuse", 450), ("full", True), ("drop", True), ("drop_after", True)]
    proper = {"sender": "", "refuse": None, "full": False, "drop": False, "drop_after": False}
    for _turn in range(25):
        name, value = chance.choice([*moods, ("sender", "")])
        setattr(mailbox, name, value)
        before = len(mailbox.messages)
        work(site, "alder")
        unknown += name == "drop_after" and len(mailbox.messages) > before
        setattr(mailbox, name, proper[name])
        alder.world.clock.advance(timedelta(minutes=chance.choice([0, 1, 5])))
    for pause in PAUSES:
        alder.world.clock.advance(pause)
        send(site)
    assert all_sent(alder)
    assert set(addressed(mailbox)) == set(people)
    assert len(mailbox.messages) == len(people) + unknown
    assert len({message["Message-ID"] for message in mailbox.messages}) == len(people)
