"""Servers that are no proper mail servers: whatever one of them answers, nothing is lost, and it can be read why."""

from collections.abc import Iterator

import pytest

from codesign.mail import Envelope, _Smtp, on_this_machine
from codesign.outbox import PAUSES
from codesign.testing import Town
from codesign.troubles import Trouble
from codesign.worker import work
from tests.mailing import ALL, FIRST, NAMES, all_sent, names, queue, queued, send, site_with, waits_and_says_why
from tests.servers.scripted_smtp import HANG_UP, SILENCE, Script, scripted_smtp


@pytest.fixture
def script() -> Iterator[Script]:
    with scripted_smtp() as script:
        yield script


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codesign.mail.TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr("codesign.mail.ACCEPT_SECONDS", 0.3)


SCRIPTS: dict[str, tuple[dict[str, bytes | None], Trouble, list[int]]] = {
    "accepts and says nothing": ({"greeting": SILENCE}, Trouble.SLOW, ALL),
    "falls silent at the recipient": ({"RCPT": SILENCE}, Trouble.SLOW, FIRST),
    "greets with garbage": ({"greeting": b"\x00\xff?!\r\n"}, Trouble.GARBLED, ALL),
    "hangs up instead of greeting": ({"greeting": HANG_UP}, Trouble.HUNG_UP, ALL),
    "says it is no mail server": ({"greeting": b"554 no mail here\r\n"}, Trouble.SENDER, ALL),
    "answers the sender with garbage": ({"MAIL": b"what?\r\n"}, Trouble.GARBLED, FIRST),
    "answers the recipient with garbage": ({"RCPT": b"\xff\xfe\r\n"}, Trouble.GARBLED, FIRST),
    "never ends a line": ({"MAIL": b"2" * 20_000 + b"\r\n"}, Trouble.GARBLED, FIRST),
    "does not take DATA": ({"DATA": b"503 wrong order\r\n"}, Trouble.LATER, ALL),
    "says encryption is not available": (
        {"EHLO": b"250-loopback\r\n250 STARTTLS\r\n", "STARTTLS": b"454 not now\r\n"}, Trouble.TLS, ALL,
    ),
    "breaks encryption": (
        {"EHLO": b"250-loopback\r\n250 STARTTLS\r\n", "STARTTLS": b"220 go\r\nthis is not TLS\r\n"}, Trouble.TLS, ALL,
    ),
}  # fmt: skip


@pytest.mark.parametrize("mood", SCRIPTS)
def test_a_server_that_by_its_script(alder: Town, script: Script, mood: str) -> None:
    answers, trouble, tried = SCRIPTS[mood]
    queue(alder, *NAMES)
    site = site_with(alder, script.url)
    script.answer(**answers)
    work(site, "alder")
    waits_and_says_why(alder, trouble, tried)
    assert script.taken == []
    script.answer()
    alder.world.clock.advance(PAUSES[0])
    send(site)
    assert (len(script.taken), len(names(script)), all_sent(alder)) == (3, 3, True)


def test_a_server_that_ends_a_letter_with_garbage_gets_it_again(alder: Town, script: Script) -> None:
    queue(alder, *NAMES)
    site = site_with(alder, script.url)
    script.answer(end=b"~~~\r\n")
    work(site, "alder")
    waits_and_says_why(alder, Trouble.GARBLED, FIRST)
    script.answer()
    alder.world.clock.advance(PAUSES[0])
    send(site)
    assert (len(script.taken), len(names(script)), all_sent(alder)) == (4, 3, True)


@pytest.mark.parametrize("answer", [b"535 5.7.8 Wrong\r\n", b"454 4.7.0 Not now\r\n"])
def test_a_server_that_refuses_the_password_lets_all_wait(alder: Town, script: Script, answer: bytes) -> None:
    queue(alder, *NAMES)
    site = site_with(alder, script.url.replace("smtp://", "smtp://alder:secret%20word@"))
    script.answer(EHLO=b"250-loopback\r\n250 AUTH PLAIN\r\n", AUTH=answer)
    work(site, "alder")
    waits_and_says_why(alder, Trouble.LOGIN, ALL)
    page = alder.client("maya").get("/admin/mail").text
    assert "secret" not in page
    script.answer(EHLO=b"250-loopback\r\n250 AUTH PLAIN\r\n", AUTH=b"235 welcome\r\n")
    alder.world.clock.advance(PAUSES[0])
    send(site)
    assert (len(script.taken), all_sent(alder)) == (3, True)


def test_a_password_that_cannot_be_sent_lets_all_wait(alder: Town, script: Script) -> None:
    queue(alder, *NAMES)
    script.answer(EHLO=b"250-loopback\r\n250 AUTH PLAIN\r\n")
    work(site_with(alder, script.url.replace("smtp://", "smtp://alder:%C5%BEluna@")), "alder")
    waits_and_says_why(alder, Trouble.LOGIN, ALL)


def test_a_server_that_wants_a_new_connection_now_and_then_gets_one(
    alder: Town, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After so many letters some servers say 421: what is left is sent at once over the next connection."""
    queue(alder, *NAMES)
    send_one = _Smtp.send

    def tire(self: _Smtp, envelope: Envelope) -> None:
        send_one(self, envelope)
        script.answer(MAIL=b"421 enough\r\n")

    monkeypatch.setattr(_Smtp, "send", tire)
    site = site_with(alder, script.url)
    for number in (1, 2, 3):
        assert work(site, "alder")
        assert len(script.taken) == number
        script.answer()
    assert all_sent(alder)
    assert {message.attempts for message in queued(alder)} == {1}


def test_a_password_goes_unencrypted_to_this_machine_only() -> None:
    near = ["localhost", "127.0.0.1", "127.9.9.9", "::1"]
    far = ["mail.example", "192.0.2.7", "10.0.0.1", "localhost.example", "0.0.0.0", ""]
    assert [host for host in [*near, *far] if on_this_machine(host)] == near
