"""Letters: what is in them, and that nobody smuggles anything into their head."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign.core.contributions import TITLE_LENGTHS
from codesign.core.settings import CORE, save_settings
from codesign.core.users import NAME_LENGTH, normal_email
from codesign.letters import compose, identity
from codesign.mail import opened, read_folder, read_message
from codesign.markup import clean
from codesign.outbox import post
from codesign.settings import Settings
from codesign.testing import Town
from codesign.troubles import Refusal
from codesign.types import Invalid, NotFound
from tests.nasty import INJECTIONS, strings

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
IDENTITY = "0123456789abcdef0123456789abcdef"
HEAD = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
LEAVING = {"List-Id": "<notices.alder.example>", "List-Unsubscribe": "<https://alder.example/notices/unsubscribe/1>",
           "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}  # fmt: skip
ANYTHING = st.text(st.characters(exclude_categories=[])) | st.sampled_from(INJECTIONS)


def parsed(content: bytes) -> EmailMessage:
    """A letter as its reader's mail program sees it after the journey."""
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    return message_from_bytes(content.replace(b"\r\n", b"\n"), policy=policy.default)


def letter(
    subject: str = "Hello", body: str = "Good day.\n", to: str = "anna@alder.example", sender: str = "", html: str = ""
) -> EmailMessage:
    settings = Settings(sender=sender) if sender else Settings()
    return parsed(compose(settings, to, subject, (body, html or f"<p>{body}</p>"), IDENTITY, NOW, LEAVING).content)


def words_of(found: EmailMessage, kind: str = "plain") -> str:
    body = found.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def is_whole(found: EmailMessage, body: str = "Good day.\n") -> bool:
    """Exactly our headers, one recipient, two parts, the body unchanged."""
    parts = [(part.get_content_type(), sorted(part.keys())) for part in found.iter_parts()]
    plain = ["Content-Transfer-Encoding", "Content-Type"]
    return (
        sorted(found.keys()) == sorted([*HEAD, *LEAVING])
        and len(found["To"].addresses) == 1
        and not found.defects
        and parts == [("text/plain", plain), ("text/html", plain)]
        and words_of(found) == body
    )


def line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def test_a_letter_says_from_whom_to_whom_and_that_a_machine_wrote_it() -> None:
    found = letter("Жауап келді", "Ваше предложение принято.\n", sender="Town of Alder <town@alder.example>")
    assert found["From"] == "Town of Alder <town@alder.example>"
    assert (found["To"], found["Subject"]) == ("anna@alder.example", "Жауап келді")
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Date"].datetime == NOW
    assert found["Message-ID"] == f"<{IDENTITY}@alder.example>"
    assert {name: found[name] for name in LEAVING} == LEAVING
    assert found.get_content_type() == "multipart/alternative"
    assert is_whole(found, "Ваше предложение принято.\n")
    assert words_of(found, "html") == "<p>Ваше предложение принято.\n</p>"


def test_a_letter_of_one_message_has_the_same_name_each_time_and_no_other_has_it() -> None:
    settings = Settings(secret=b"secret")
    first = identity(settings, "alder", 1, NOW)
    assert identity(settings, "alder", 1, NOW) == first
    others = [
        identity(settings, "birch", 1, NOW),
        identity(settings, "alder", 2, NOW),
        identity(settings, "alder", 1, NOW.replace(year=2027)),
        identity(replace(settings, secret=b"other"), "alder", 1, NOW),
    ]
    assert len({first, *others}) == 5


def test_no_string_as_a_subject_adds_to_the_head_or_the_body_of_a_letter(shared_data: Path) -> None:
    for string in strings(shared_data):
        found = letter(f"Closed: {clean(string)}")
        assert is_whole(found), string
        assert found["To"] == "anna@alder.example", string


@given(subject=ANYTHING, name=ANYTHING)
def test_no_subject_and_no_name_that_anybody_can_think_of_adds_to_the_head(subject: str, name: str) -> None:
    assert is_whole(letter(subject, sender=f"{name} <town@alder.example>".replace("\0", "")))


@given(sender=ANYTHING, value=ANYTHING)
def test_no_setting_and_no_further_header_adds_to_the_head(sender: str, value: str) -> None:
    settings, heads = Settings(sender=sender), {**LEAVING, "List-Id": value}
    found = parsed(compose(settings, "anna@alder.example", "Hello", ("Good day.\n", "-"), IDENTITY, NOW, heads).content)
    assert is_whole(found)
    assert len(found["From"].addresses) == 1


@given(body=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=1))
def test_every_body_arrives_as_it_was_written(body: str) -> None:
    assert words_of(letter(body=body)).rstrip("\n") == body.rstrip("\n")


@given(address=ANYTHING | st.from_regex(r"[^@\s]{1,12}@[^@\s]{1,12}", fullmatch=True))
def test_a_letter_to_any_address_has_one_recipient_or_is_refused(address: str) -> None:
    try:
        found = letter(to=address)
    except Refusal:
        return
    assert is_whole(found)


@given(address=st.from_regex(r"[^@\s]{1,12}@[^@\s]{1,12}\.[a-z]{2,5}", fullmatch=True))
def test_to_every_address_that_an_account_can_have_a_letter_can_be_written(address: str) -> None:
    try:
        address = normal_email(address)
    except Invalid:
        return
    if "=?" not in address:
        assert is_whole(letter(to=address))


def test_a_long_line_of_a_letter_is_sent_in_pieces_that_servers_take() -> None:
    content = compose(
        Settings(), "anna@alder.example", "s" * 3000, ("b" * 5000, "<p>é</p>" * 900), IDENTITY, NOW
    ).content
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert words_of(parsed(content)) == "b" * 5000


def test_a_subject_arrives_as_it_was_written(shared_data: Path) -> None:
    plain = [line(clean(string)) for string in strings(shared_data)]
    lost = [
        text
        for text in plain
        if "=?" not in text and letter(f"About {text}")["Subject"].split() != f"About {text}".split()
    ]
    assert lost == []


@pytest.mark.parametrize(
    "address",
    ["", "anna", "@alder.example", "anna@", "anna@alder.example\nBcc: eve@evil.example", "an na@alder.example",
     "anna@alder.example\r\n", "anna@alder\0.example"],
)  # fmt: skip
def test_a_letter_to_no_address_is_refused_for_good(address: str) -> None:
    with pytest.raises(Refusal):
        letter(to=address)


def test_letters_of_the_mail_folder_are_read_newest_first(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with opened(settings, "alder") as sender:
        for number in range(3):
            link = f"Open https://alder.example/{number}?a=b&c=d now.\n"
            sender.send(
                compose(settings, "anna@alder.example", f"Letter {number}", (link, "<p>Open</p>"), IDENTITY, NOW)
            )
    found = read_folder(tmp_path / "mail" / "alder")
    assert [one.subject for one in found] == ["Letter 2", "Letter 1", "Letter 0"]
    assert found[0].links == ["https://alder.example/2?a=b&c=d"]
    assert (found[0].to, found[0].html) == ("anna@alder.example", "<p>Open</p>")


@pytest.mark.parametrize("id", ["..", "../secret", "/etc/passwd", "", "a b", "nothing", "x\0", "é"])
def test_nothing_but_letters_is_read_from_the_mail_folder(tmp_path: Path, id: str) -> None:
    (tmp_path / "secret.eml").write_text("Subject: secret\n\nsecret")
    (tmp_path / "mail").mkdir()
    with pytest.raises(NotFound):
        read_message(tmp_path / "mail", id)


def test_a_name_and_a_title_reach_the_reader_without_touching_the_head(alder: Town) -> None:
    with alder.write() as db:
        anna = alder.person(db, "anna")
        for text in INJECTIONS:
            anna.name = clean(text)[:NAME_LENGTH]
            save_settings(db, CORE, {"title": clean(text)[:80]}, alder.world.clock.now())
            title = clean(text)[: TITLE_LENGTHS[1]]
            context = {"title": title, "reason_label": "", "note": "", "url": "http://x.example"}
            post(db, "moderation/mail/hidden", "anna@alder.example", anna, context, alder.world.clock.now())
    sent = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in alder.send_mail()]
    assert len(sent) == len(INJECTIONS)
    for found in sent:
        assert sorted(found.keys()) == sorted(HEAD)
        assert [str(address) for address in found["To"].addresses] == ["anna@alder.example"]
        assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
