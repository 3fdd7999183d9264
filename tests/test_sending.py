"""How a batch of letters is sent: over one connection, written down in small groups, and the same letter each time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from codesign import sending
from codesign.core.settings import CORE, save_settings
from codesign.core.unsubscribing import read_token
from codesign.mail import Envelope, _Folder
from codesign.outbox import LEASE, Message, MessageState, post
from codesign.sending import GROUP
from codesign.testing import Town
from codesign.web.site import Site
from codesign.worker import work
from tests.servers.smtp import Mailbox, smtp_server
from tests.test_bounces import tell

MANY = 50


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server() as mailbox:
        yield mailbox


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow this machine is just now, groups are full before they are written down."""
    monkeypatch.setattr(sending, "GROUP_SECONDS", 60)


def site_with(town: Town, url: str) -> Site:
    return replace(town.world.site, settings=replace(town.world.site.settings, mail=url))


def queue(town: Town, number: int = MANY) -> None:
    with town.write() as db:
        for each in range(number):
            to = f"n{each}@alder.example"
            post(db, "accounts/mail/known", to, None, {"url": "http://alder.localhost"}, town.world.clock.now())


def states(town: Town) -> Counter[MessageState]:
    with town.read() as db:
        return Counter(db.scalars(select(Message.state)))


def marks(asked: list[str]) -> int:
    return sum(statement.startswith("UPDATE message") and "sent_at=" in statement for statement in asked)


def recipients(mailbox: Mailbox) -> Counter[str]:
    return Counter(recipient for recipients in mailbox.recipients for recipient in recipients)


def test_a_batch_is_written_down_in_groups_and_costs_few_transactions(alder: Town) -> None:
    queue(alder)
    with alder.counted() as asked:
        assert work(alder.world.site, "alder")
    assert marks(asked) == -(-MANY // GROUP)
    assert states(alder) == Counter({MessageState.SENT: MANY})


def test_a_slow_server_has_every_letter_written_down_at_once(alder: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "GROUP_SECONDS", 0)
    queue(alder, 5)
    with alder.counted() as asked:
        assert work(alder.world.site, "alder")
    assert marks(asked) == 5


@pytest.mark.parametrize("after", [1, GROUP - 1, GROUP, GROUP + 1, MANY - 1])
def test_killed_after_any_letter_no_more_than_one_group_is_sent_again_and_the_same_letters(
    alder: Town, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    queue(alder)
    site, taken = site_with(alder, mailbox.url), 0
    write_down = sending._write_down

    class Killed(BaseException):
        """Nothing of the worker runs after this, as after SIGKILL."""

    def die(*_given: object) -> None:
        raise Killed

    note = sending._note

    def counting(batch: sending.Batch, outcome: sending.Outcome) -> None:
        nonlocal taken
        taken += 1
        if taken == after:
            monkeypatch.setattr(sending, "_write_down", die)
            raise Killed
        note(batch, outcome)

    monkeypatch.setattr(sending, "_note", counting)
    with pytest.raises(Killed):
        work(site, "alder")
    monkeypatch.setattr(sending, "_note", note)
    monkeypatch.setattr(sending, "_write_down", write_down)
    known = states(alder)[MessageState.SENT]
    assert after - GROUP <= known <= after
    alder.world.clock.advance(LEASE)
    while work(site, "alder"):
        pass
    assert states(alder) == Counter({MessageState.SENT: MANY})
    assert (len(recipients(mailbox)), max(recipients(mailbox).values()) <= 2) == (MANY, True)
    assert sum(recipients(mailbox).values()) == MANY + after - known
    assert len({letter["Message-ID"] for letter in mailbox.messages}) == MANY


def test_a_batch_that_takes_too_long_is_given_back_before_its_lease_ends(
    alder: Town, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(alder, 5)
    monkeypatch.setattr(sending, "LONGEST_SECONDS", 0)
    site = site_with(alder, mailbox.url)
    assert work(site, "alder")
    with alder.read() as db:
        rows = [(message.state, message.attempts, message.due_at) for message in db.scalars(select(Message))]
    assert rows == [(MessageState.QUEUED, 0, alder.world.clock.now())] * 5
    monkeypatch.undo()
    assert work(site, "alder")
    assert recipients(mailbox) == Counter(f"n{each}@alder.example" for each in range(5))


def test_what_was_sent_is_written_down_even_when_something_unforeseen_breaks_the_batch(
    alder: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(alder, 5)
    send, sent = _Folder.send, 0

    def break_down(self: _Folder, envelope: Envelope) -> None:
        nonlocal sent
        if sent == 3:
            raise RuntimeError("unforeseen")
        sent += 1
        send(self, envelope)

    monkeypatch.setattr(_Folder, "send", break_down)
    assert not work(alder.world.site, "alder")
    assert states(alder) == Counter({MessageState.SENT: 3, MessageState.QUEUED: 2})
    monkeypatch.undo()
    alder.send_mail()
    assert len(alder.send_mail()) == 5


def test_a_full_disk_of_the_mail_folder_lets_letters_wait(alder: Town) -> None:
    queue(alder, 2)
    folder = alder.world.settings.mail_folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "alder").write_text("in the way")
    work(alder.world.site, "alder")
    with alder.read() as db:
        found = [(message.state, message.error.partition(":")[0]) for message in db.scalars(select(Message))]
    assert found == [(MessageState.QUEUED, "away")] * 2
    (folder / "alder").unlink()


def one(mailbox: Mailbox, name: str) -> EmailMessage:
    [letter] = [letter for letter in mailbox.messages if str(letter["To"]).startswith(f"{name}@")]
    return letter


def test_a_letter_about_an_event_can_be_left_with_one_click_and_one_that_was_asked_for_cannot(
    alder: Town, mailbox: Mailbox
) -> None:
    tell(alder, "anna")
    queue(alder, 1)
    while work(site_with(alder, mailbox.url), "alder"):
        pass
    letter, asked = one(mailbox, "anna"), one(mailbox, "n0")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["List-Id"] == "<notices.alder.localhost>"
    assert letter["Auto-Submitted"] == "auto-generated"
    url = str(letter["List-Unsubscribe"]).strip("<>")
    start = "http://alder.localhost/notices/unsubscribe/"
    assert url.startswith(start)
    assert read_token(alder.world.settings.secret, "alder", url.removeprefix(start)) is not None
    parts = {kind: letter.get_body((kind,)) for kind in ("plain", "html")}
    for kind, part in parts.items():
        assert part is not None, kind
        assert url in part.get_content()
    heads = ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id")
    assert [asked[head] for head in heads] == [None, None, None]


def test_letters_of_two_towns_belong_to_two_lists(alder: Town, birch: Town, mailbox: Mailbox) -> None:
    tell(alder, "anna")
    tell(birch, "dora")
    for town in (alder, birch):
        work(site_with(town, mailbox.url), town.slug)
    lists = {str(letter["To"]): letter["List-Id"] for letter in mailbox.messages}
    assert lists == {
        "anna@alder.example": "<notices.alder.localhost>",
        "dora@birch.example": "<notices.birch.localhost>",
    }


def test_a_letter_speaks_the_language_of_its_reader_and_wears_the_colour_of_the_town(
    alder: Town, mailbox: Mailbox
) -> None:
    with alder.write() as db:
        alder.person(db, "anna").locale = "ru"
        alder.person(db, "chen").locale = "es"
        save_settings(db, CORE, {"title": "Ольха", "accent": "plum"}, alder.world.clock.now())
    tell(alder, "anna", "chen")
    work(site_with(alder, mailbox.url), "alder")
    pages = {}
    for name in ("anna", "chen"):
        part = one(mailbox, name).get_body(("html",))
        assert part is not None
        pages[name] = part.get_content()
    assert ['lang="ru"' in pages["anna"], 'lang="es"' in pages["chen"]] == [True, True]
    assert ["#7f366a" in page and ">Ольха</a>" in page for page in pages.values()] == [True, True]


def test_a_batch_in_which_two_letters_are_for_a_dead_address_asks_the_server_once(
    alder: Town, mailbox: Mailbox
) -> None:
    mailbox.nobody.add("anna@alder.example")
    tell(alder, "anna", times=3)
    work(site_with(alder, mailbox.url), "alder")
    assert mailbox.refused == ["anna@alder.example"]
    assert states(alder) == Counter({MessageState.FAILED: 3})
