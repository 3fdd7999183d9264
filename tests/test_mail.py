"""Letters: what is in them, and that nobody smuggles anything into their head."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from codesign.core.contributions import TITLE_LENGTHS
from codesign.core.users import NAME_LENGTH
from codesign.mail import Refusal, compose, opened, read_folder, read_message
from codesign.markup import clean
from codesign.settings import Settings
from codesign.testing import Town
from codesign.types import NotFound
from tests.nasty import INJECTIONS, strings

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
HEAD = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
        "MIME-Version"]  # fmt: skip


def letter(
    subject: str = "Hello", body: str = "Good day.\n", to: str = "anna@alder.example", sender: str = ""
) -> EmailMessage:
    """A letter as its reader's mail program sees it after the journey."""
    settings = Settings(sender=sender) if sender else Settings()
    sent = compose(settings, to, subject, body, NOW).as_bytes()
    assert b"\n" not in sent.replace(b"\r\n", b"")
    return message_from_bytes(sent.replace(b"\r\n", b"\n"), policy=policy.default)  # type: ignore[return-value]


def line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def test_a_letter_says_from_whom_to_whom_and_that_a_machine_wrote_it() -> None:
    found = letter("Жауап келді", "Ваше предложение принято.\n", sender="Town of Alder <town@alder.example>")
    assert found["From"] == "Town of Alder <town@alder.example>"
    assert (found["To"], found["Subject"]) == ("anna@alder.example", "Жауап келді")
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Date"].datetime == NOW
    assert found.get_content() == "Ваше предложение принято.\n"


def test_every_letter_has_an_identity_of_its_own() -> None:
    first, second = letter(), letter()
    assert first["Message-ID"] != second["Message-ID"]


def test_no_string_as_a_subject_adds_to_the_head_or_the_body_of_a_letter(shared_data: Path) -> None:
    for string in strings(shared_data):
        subject = clean(string)
        found = letter(f"Closed: {subject}")
        assert sorted(found.keys()) == sorted(HEAD), string
        assert found.get_content() == "Good day.\n", string
        assert found["To"] == "anna@alder.example", string


def test_a_subject_arrives_as_it_was_written(shared_data: Path) -> None:
    plain = [line(clean(string)) for string in strings(shared_data)]
    lost = [
        text
        for text in plain
        if "=?" not in text and letter(f"About {text}")["Subject"].split() != f"About {text}".split()
    ]
    assert lost == []


@pytest.mark.parametrize("name", INJECTIONS)
def test_no_sender_adds_to_the_head_of_a_letter(name: str) -> None:
    found = letter(sender=f"{clean(name)} <town@alder.example>")
    assert sorted(found.keys()) == sorted(HEAD)


@pytest.mark.parametrize(
    "address",
    ["", "anna", "@alder.example", "anna@", "anna@alder.example\nBcc: eve@evil.example", "an na@alder.example",
     "anna@alder.example\r\n", "anna@alder\0.example"],
)  # fmt: skip
def test_a_letter_to_no_address_is_refused_for_good(address: str) -> None:
    with pytest.raises(Refusal):
        letter(to=address)


@pytest.mark.parametrize("to", ["anna@alder.example, eve@evil.example", "a>,<eve@evil.example"])
def test_a_letter_goes_to_one_address_only(to: str) -> None:
    """Such an address cannot get into an account; if it did, it would stay one address."""
    try:
        found = letter(to=to)
    except Refusal:
        return
    assert len(found["To"].addresses) == 1


def test_letters_of_the_mail_folder_are_read_newest_first(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with opened(settings, "alder") as sender:
        for number in range(3):
            link = f"Open https://alder.example/{number}?a=b&c=d now.\n"
            sender.send(compose(settings, "anna@alder.example", f"Letter {number}", link, NOW))
    found = read_folder(tmp_path / "mail" / "alder")
    assert [one.subject for one in found] == ["Letter 2", "Letter 1", "Letter 0"]
    assert found[0].links == ["https://alder.example/2?a=b&c=d"]
    assert found[0].to == "anna@alder.example"


@pytest.mark.parametrize("id", ["..", "../secret", "/etc/passwd", "", "a b", "nothing", "x\0", "é"])
def test_nothing_but_letters_is_read_from_the_mail_folder(tmp_path: Path, id: str) -> None:
    (tmp_path / "secret.eml").write_text("Subject: secret\n\nsecret")
    (tmp_path / "mail").mkdir()
    with pytest.raises(NotFound):
        read_message(tmp_path / "mail", id)


def test_a_name_and_a_title_reach_the_reader_without_touching_the_head(alder: Town) -> None:
    from codesign.outbox import post

    with alder.write() as db:
        anna = alder.person(db, "anna")
        for text in INJECTIONS:
            anna.name = clean(text)[:NAME_LENGTH]
            context = {
                "title": clean(text)[: TITLE_LENGTHS[1]],
                "reason_label": "",
                "note": "",
                "url": "http://x.example",
            }
            post(db, "moderation/mail/hidden", "anna@alder.example", anna, context, alder.world.clock.now())
    sent = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in alder.send_mail()]
    assert len(sent) == len(INJECTIONS)
    for found in sent:
        assert sorted(found.keys()) == sorted(HEAD)
        assert [str(address) for address in found["To"].addresses] == ["anna@alder.example"]
