"""The servers that other tests stand on."""

import os
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import sync_playwright
from sqlalchemy import create_engine, make_url, text

from tests.servers.chromium import find_chromium
from tests.servers.postgres import has_postgres, libpq, postgres_server
from tests.servers.sharing import ROOT
from tests.servers.smtp import Mailbox, smtp_server

needs_postgres = pytest.mark.skipif(not has_postgres(), reason="no PostgreSQL here")
own_server = pytest.mark.skipif("CODESIGN_TEST_POSTGRES" in os.environ, reason="the server was given")


def asked(url: str, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(libpq(url)) as db:
        return db.execute(question.encode()).fetchall()


def test_a_database_is_empty_and_sqlalchemy_reaches_it(postgres_database: str) -> None:
    engine = create_engine(postgres_database)
    with engine.begin() as db:
        db.execute(text("CREATE TABLE topic (title text)"))
        db.execute(text("INSERT INTO topic VALUES ('Саябақ')"))
        assert db.execute(text("SELECT upper(title) FROM topic")).scalars().all() == ["САЯБАҚ"]
    engine.dispose()


@pytest.mark.parametrize("again", range(3))
def test_a_database_does_not_know_what_another_test_did(postgres_database: str, again: int) -> None:
    assert asked(postgres_database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []
    with psycopg.connect(libpq(postgres_database)) as db:
        db.execute("CREATE TABLE topic (title text)")


@needs_postgres
@own_server
def test_a_server_of_ones_own_keeps_what_was_committed_on_disk_and_leaves_nothing_behind() -> None:
    with postgres_server(fsync=True) as url:
        assert asked(url, "SHOW fsync") == [("on",)]
        assert asked(url, "SHOW synchronous_commit") == [("on",)]
        folder = Path(str(make_url(url).query["host"]))
        assert folder.is_dir()
    assert not folder.exists()


@needs_postgres
@own_server
def test_a_server_is_shared_by_all_who_name_one_folder(tmp_path: Path) -> None:
    with postgres_server(tmp_path) as first, postgres_server(tmp_path) as second:
        assert first == second
    with postgres_server(tmp_path) as later:
        assert asked(later, "SELECT 1") == [(1,)]
        assert later != first


@needs_postgres
@own_server
def test_no_server_outlives_a_process_that_was_killed(tmp_path: Path) -> None:
    use = (
        "import sys, time; from pathlib import Path; from tests.servers.postgres import postgres_server\n"
        "with postgres_server(Path(sys.argv[1])) as url: print(url, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", use, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as user:
        assert user.stdout is not None
        url = user.stdout.readline().strip()
        folder = Path(str(make_url(url).query["host"]))
        assert asked(url, "SELECT 1") == [(1,)]
        user.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server() as mailbox:
        yield mailbox


def send(mailbox: Mailbox, timeout: float = 10) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "town@example.org", "anna@example.org", "Жауап келді"
    message.set_content("Ваше предложение принято.\n")
    address = urlsplit(mailbox.url)
    with smtplib.SMTP(str(address.hostname), int(address.port or 0), timeout=timeout) as client:
        client.send_message(message)


def test_a_mail_that_was_sent_is_in_the_mailbox(mailbox: Mailbox) -> None:
    send(mailbox)
    [message] = mailbox.messages
    assert (message["Subject"], message.get_content()) == ("Жауап келді", "Ваше предложение принято.\n")
    assert mailbox.recipients == [["anna@example.org"]]


@pytest.mark.parametrize("code", [450, 550])
def test_a_mailbox_that_refuses_says_so_and_keeps_nothing(mailbox: Mailbox, code: int) -> None:
    mailbox.refuse = code
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(mailbox)
    assert refused.value.recipients["anna@example.org"][0] == code
    assert mailbox.messages == []
    mailbox.refuse = None
    send(mailbox)
    assert len(mailbox.messages) == 1


def test_a_slow_mailbox_exceeds_the_senders_patience(mailbox: Mailbox) -> None:
    mailbox.delay = 5
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        send(mailbox, timeout=0.2)
    assert mailbox.messages == []


def test_a_connection_that_drops_in_the_middle_of_data_delivers_nothing(mailbox: Mailbox) -> None:
    mailbox.drop = True
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(mailbox)
    assert mailbox.messages == []
    mailbox.drop = False
    send(mailbox)
    assert len(mailbox.messages) == 1


@pytest.mark.skipif(find_chromium() is None, reason="no Chromium: python -m tools.get_chromium")
def test_the_browser_opens_a_page_and_takes_its_picture(tmp_path: Path) -> None:
    found = find_chromium()
    assert found is not None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**found.launch_options())
        page = browser.new_context(locale="en-GB").new_page()
        page.goto("data:text/html,<h1>Town hall</h1>")
        assert page.inner_text("h1") == "Town hall"
        assert page.evaluate("new Intl.NumberFormat().resolvedOptions().locale") == "en-GB"
        page.screenshot(path=tmp_path / "page.png")
        browser.close()
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
