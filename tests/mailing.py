"""Letters on their way to a mail server that may misbehave: what is queued, what arrived, and what can be read of it."""

from collections import Counter
from dataclasses import replace
from email import message_from_bytes

from sqlalchemy import select

from codesign.outbox import PAUSES, Message, MessageState, post
from codesign.testing import Town
from codesign.troubles import SENTENCES, Trouble
from codesign.web.site import Site
from codesign.worker import work
from tests.servers.scripted_smtp import Script
from tests.servers.smtp import Mailbox

NAMES = ("a", "b", "c")
ALL = [1, 1, 1]
FIRST = [1, 0, 0]
"""How often each of the three letters was tried by the first batch."""


def site_with(town: Town, url: str) -> Site:
    site: Site = town.world.site
    return replace(site, settings=replace(site.settings, mail=url))


def queue(town: Town, *names: str) -> None:
    with town.write() as db:
        for name in names:
            to, given = f"{name}@alder.example", {"url": "http://x.example"}
            post(db, "accounts/mail/known", to, None, given, town.world.clock.now())


def queued(town: Town) -> list[Message]:
    with town.read() as db:
        return list(db.scalars(select(Message).order_by(Message.id)))


def addressed(mailbox: Mailbox) -> Counter[str]:
    return Counter(recipient.partition("@")[0] for recipients in mailbox.recipients for recipient in recipients)


def names(script: Script) -> set[str]:
    return {message_from_bytes(letter)["Message-ID"] for letter in script.taken}


def send(site: Site) -> None:
    while work(site, "alder"):
        pass


def all_sent(town: Town) -> bool:
    return {message.state for message in queued(town)} == {MessageState.SENT}


def waits_and_says_why(town: Town, trouble: Trouble, tried: list[int]) -> None:
    """After the first batch: these were tried and wait for the first pause, the others are due at once."""
    messages, now = queued(town), town.world.clock.now()
    assert [message.attempts for message in messages] == tried
    assert [message.state for message in messages] == [MessageState.QUEUED] * len(messages)
    assert [message.due_at - now for message in messages] == [PAUSES[0] * times for times in tried]
    page = town.client("maya").get("/admin/mail?state=queued").text
    assert page.count(SENTENCES[trouble]) == sum(tried)
