"""Notices for tests, written straight into a store, and tabs that listen to the stream of a running server."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from codesign import clock
from codesign.core.contributions import Contribution
from codesign.core.notices import Ground, Mail, Notice
from codesign.core.sessions import open_session
from codesign.events import Event
from codesign.testing import Town
from tests.making import a_story

PATIENCE = 30
"""Seconds; machines that run tests are busy."""
Heard = tuple[str, str]
"""The id or the name of an event, and what came with it."""


def a_notice(
    town: Town,
    db: Session,
    name: str = "anna",
    thing: int | None = None,
    template: str = "contributions/mail/started",
    data: Mapping[str, Any] = MappingProxyType({}),
    **changed: Any,
) -> Notice:
    """Somebody is told that a story was written: `thing`, or one that says so."""
    now = town.world.clock.now()
    story = db.get(Contribution, thing) if thing else None
    title = story.title if story else "Three visits"
    letter = {
        "title": title,
        "author": "Boris",
        "excerpt": "...",
        "url": f"http://alder.localhost/threads/{thing or 1}",
    }
    event = Event(name="threads.started", contribution_id=thing, data={**letter, **data}, at=now)
    db.add(event)
    db.flush()
    values = {"ground": Ground.PLACE, "reason": "You follow this topic.", "shown": True, "mail": Mail.NONE, **changed}
    person = town.person(db, name)
    notice = Notice(user_id=person.id, event_id=event.id, template=template, created_at=now, **values)
    db.add(notice)
    db.flush()
    return notice


def told(town: Town, name: str = "anna", count: int = 1, thing: int | None = None) -> list[int]:
    """The ids of that many new notices, committed."""
    with town.write() as db:
        return [a_notice(town, db, name, thing).id for _number in range(count)]


def told_of_a_story(town: Town, name: str = "anna", title: str = "Three visits") -> tuple[int, int]:
    """The ids of a new story, and of the notice of it."""
    id = a_story(town, "boris" if town.slug == "alder" else "edda", title)
    return id, told(town, name, thing=id)[0]


@dataclass
class Tab:
    """An open stream."""

    connection: HTTPConnection
    answer: HTTPResponse

    def heard(self) -> Heard:
        """The next message: ("3", html), ("ended", "") or, when the stream is over, ("", "")."""
        said: dict[str, str] = {}
        while line := self.answer.readline().decode():
            if line == "\n" and said:
                return said.get("event", said.get("id", "")), said.get("data", "").strip()
            name, _colon, text = line.rstrip("\n").partition(": ")
            if name and not line.startswith(":"):
                said[name] = text
        return "", ""

    def number(self) -> str:
        return self.heard()[0]

    def beat(self) -> str:
        """The next line of any sort."""
        return self.answer.readline().decode()

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


def token_of(town: Town, name: str) -> str:
    """Of a new session, good by the world's clock and by that of real programs."""
    with town.write() as db:
        return open_session(db, town.person(db, name), "test", max(town.world.clock.now(), clock.now()))


@dataclass
class Door:
    """A running server, and the tabs that are open there."""

    port: int
    tabs: list[Tab] = field(default_factory=list)

    def tab(self, town: Town, token: str = "", path: str = "/notices/stream", **headers: str) -> Tab:
        """A new connection with an open stream, as soon as its headers are there."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        own = {"Host": f"{town.slug}.localhost", "Accept": "text/html, text/event-stream", **headers}
        connection.request("GET", path, headers={**own, **({"Cookie": f"codesign={token}"} if token else {})})
        self.tabs.append(Tab(connection, connection.getresponse()))
        return self.tabs[-1]

    def tabs_of(self, town: Town, *names: str) -> list[Tab]:
        """One open tab for each name, each with a session of its own."""
        return [self.tab(town, token_of(town, name)) for name in names]

    def close(self) -> None:
        while self.tabs:
            self.tabs.pop().close()


@contextmanager
def door(port: int) -> Iterator[Door]:
    with closing(Door(port)) as found:
        yield found
