"""Several processes for one town: what changes through one of them is soon seen through every other."""

import gzip
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from socket import create_connection
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from codesign import clock
from codesign.core.sessions import open_session
from codesign.outbox import Message, MessageState
from codesign.plugins import find_plugins
from codesign.testing import Town
from codesign.worker import PAUSE_SECONDS
from tests.making import a_reply, a_story
from tests.servers.processes import LISTING, LOOPBACK, WebServer, is_alive, mail_worker, web_server
from tests.servers.sharing import wait_until
from tests.servers.smtp import smtp_server

pytestmark = pytest.mark.skipif(not LISTING.exists(), reason="only Linux tells which worker has a connection")

AGREED_SECONDS = 1.0
"""How long a worker may show an anonymous reader what has changed meanwhile."""
TOLERANCE = 0.5
"""Seconds that a busy machine may need beside that, between two lines of a program."""
STOP_SECONDS = 8
"""From SIGTERM to the end of the last process."""

Sees = Callable[[str], bool]


@pytest.fixture
def server(alder: Town) -> Iterator[WebServer]:
    alder.enable(*(plugin.name for plugin in find_plugins()))
    with web_server(alder.world.settings, workers=2) as server:
        yield server


class Reader:
    """Somebody whose connection one worker has accepted, and who stays with this worker."""

    def __init__(self, server: WebServer, town: Town, worker: int, name: str | None = None) -> None:
        self.server, self.worker = server, worker
        self.connection = server.connection_to(worker)
        self.headers = {
            "Host": f"{town.slug}.localhost:{server.port}",
            "Sec-Fetch-Site": "same-origin",
            "Accept-Encoding": "gzip",  # as browsers do, who are given pages that were compressed once
        }
        if name is not None:
            with town.write() as db:
                token = open_session(db, town.person(db, name), "test", clock.now())
            self.headers["Cookie"] = f'codesign="{token}"'

    def get(self, url: str) -> str:
        return self.sent(200, "GET", url)

    def post(self, url: str, status: int = 303, **form: str) -> str:
        return self.sent(status, "POST", url, urlencode(form))

    def sent(self, status: int, method: str, url: str, body: str | None = None) -> str:
        """The text of the answer, which must have this status."""
        typed = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        self.connection.request(method, url, body, {**self.headers, **typed})
        answer = self.connection.getresponse()
        content = answer.read()
        text = (gzip.decompress(content) if answer.headers["Content-Encoding"] == "gzip" else content).decode()
        assert answer.status == status, f"{method} {url} is answered with {answer.status}:\n{text}"
        return text


def every_worker_sees(
    server: WebServer, town: Town, url: str, new: Sees, change: Callable[[Reader], None], who: str
) -> None:
    """The old page is known to each worker; then somebody changes something through one of them."""
    workers = sorted(server.workers)
    assert len(workers) == 2
    readers = [Reader(server, town, worker) for worker in workers]
    for reader in readers * 2:
        assert not new(reader.get(url))
    change(Reader(server, town, workers[0], who))
    changed = time.monotonic()
    for reader in readers:
        late = False
        while not new(reader.get(url)):
            passed = time.monotonic() - changed
            assert not late, f"process {reader.worker} still showed the old page when asked after {passed:.1f} s"
            late = passed > AGREED_SECONDS + TOLERANCE  # whoever asks from here on must see the new one


def shows(pattern: str) -> Sees:
    return lambda page: re.search(pattern, page, re.DOTALL) is not None


def lacks(pattern: str) -> Sees:
    return lambda page: re.search(pattern, page, re.DOTALL) is None


def test_what_people_do_through_one_worker_is_seen_through_every_worker(alder: Town, server: WebServer) -> None:
    id = a_story(alder)
    comment = a_reply(alder, id, "chen", text="Rude words.")
    url, counter = f"/threads/{id}", rf'id="agree-{id}"((?!class="count").)*class="count">1<'
    vote = (shows(counter), f"/contributions/{id}/vote", {"value": "1"}, "anna")
    post = (shows("Kind words."), f"/contributions/{id}/comments", {"text": "Kind words."}, "anna")
    hide = (lacks("Rude words."), f"/moderation/hide/comment:{comment}", {"reason": "insult", "note": ""}, "boris")
    for new, action, form, who in (vote, post, hide):
        every_worker_sees(server, alder, url, new, lambda reader: reader.post(action, **form), who)  # noqa: B023


def test_what_an_administrator_changes_is_seen_through_every_worker(alder: Town, server: WebServer) -> None:
    form = {"title": "New Alder", "about": "", "accent": "green", "locale": "en", "zone": "UTC"}
    every_worker_sees(server, alder, "/", shows("New Alder"), lambda maya: maya.post("/admin/settings", **form), "maya")
    page = alder.client().get("/").text
    linked = [plugin.name for plugin in find_plugins() if f'href="/{plugin.name}/' in page]
    for name in linked:
        off = f"/admin/plugins/{name}"
        new = lacks(f'href="/{name}/')
        every_worker_sees(server, alder, "/", new, lambda maya: maya.post(off, enabled="0"), "maya")  # noqa: B023


def test_a_worker_that_dies_is_replaced(alder: Town, server: WebServer) -> None:
    victim, other = sorted(server.workers)
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: len(server.workers - {victim}) == 2)
    (new,) = server.workers - {other}
    assert "Alder" in Reader(server, alder, new).get("/")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_that_is_asked_to_stop_ends_all_its_processes(alder: Town, workers: int) -> None:
    with web_server(alder.world.settings, workers) as server:
        processes, port = server.workers, server.port
        assert len(processes) == workers
        asked = time.monotonic()
        # One process ends, once it has cleaned up, by the very signal that it was sent.
        assert server.stop() == (0 if workers == 2 else -signal.SIGTERM)
        assert time.monotonic() - asked < STOP_SECONDS
        assert [pid for pid in processes if is_alive(pid)] == []
        assert "Traceback" not in server.said()
    with pytest.raises(ConnectionRefusedError):
        create_connection((LOOPBACK, port), timeout=1)


def states(town: Town) -> list[tuple[str | None, MessageState, int]]:
    with town.read() as db:
        rows = db.execute(select(Message.address, Message.state, Message.attempts).order_by(Message.id))
        return [(address, state, attempts) for address, state, attempts in rows]


def test_several_workers_leave_letters_to_a_process_of_its_own(alder: Town) -> None:
    with smtp_server() as mailbox:
        settings = replace(alder.world.settings, mail=mailbox.url)
        with web_server(settings, workers=2) as server:
            for worker in server.workers:
                reader = Reader(server, alder, worker)
                assert "Alder" in reader.get("/")
                reader.post("/accounts/forgotten", 200, email="anna@alder.example")
            due = time.monotonic()
            while time.monotonic() < due + 1.5 * PAUSE_SECONDS:  # a thread that sends would have woken up meanwhile
                assert "Alder" in reader.get("/")
            assert states(alder) == [("anna@alder.example", MessageState.QUEUED, 0)] * 2
            with mail_worker(settings) as program:
                wait_until(lambda: [state for _to, state, _attempts in states(alder)] == [MessageState.SENT] * 2)
                assert program.stop() == 0
    assert mailbox.recipients == [["anna@alder.example"]] * 2
