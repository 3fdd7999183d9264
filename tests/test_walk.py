"""A walk over every route with whatever people may send: nothing ends in a 500."""

import logging
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from codesign.core.topics import create_topic
from codesign.testing import Town
from codesign.testing.client import HTMX, Client
from tests.making import a_reply, a_story
from tests.nasty import INJECTIONS, sendable

FIELDS = ["name", "email", "password", "title", "text", "summary", "topic", "opens_on", "closes_on", "conclusion", "reason", "note", "detail",
          "value", "follow", "enabled", "role", "locale", "other_locales", "zone", "accent", "about", "icon", "next", "token", "q", "id",
          "started_by", "days_open", "order", "after", "at", "phase", "stop", "erase", "head", "members", "topics"]  # fmt: skip
PLAUSIBLE = ["1", "0", "-1", "", "on", "en", "other", "spam", "resident", "administrator", "UTC", "Europe/Madrid", "2026-05-04", "0001-01-01",
             "9999-12-31", "blue", "parks", "debates", "comment:1", "contribution:1", "topic:1", "/", "anna@alder.example", "three unrelated words",
             "A sentence that is long enough for every field of every form.", "9" * 40, "9" * 5000, "x" * 30_000, "१२३", "1e999", "NaN"]  # fmt: skip
words = st.one_of(
    st.sampled_from(PLAUSIBLE),
    st.sampled_from([sendable(text) for text in INJECTIONS]),
    st.text(max_size=60).map(sendable),
)
forms = st.dictionaries(st.sampled_from(FIELDS), words | st.lists(words, max_size=3), max_size=12)
parts = st.sampled_from(
    ["1", "2", "0", str(2**63), "parks", "i-am-expecting-a-child", "debates", "en", "x", "comment:1", "contribution:1"]
)


def routes_of(routes: Iterable[BaseRoute], start: str = "") -> Iterable[tuple[str, str]]:
    for route in routes:
        if isinstance(route, Mount):
            yield from routes_of(route.routes, start + route.path)
        elif isinstance(route, Route):
            yield from ((method, start + route.path) for method in sorted(route.methods or ()))


def filled(path: str, part: str) -> str:
    before, brace, rest = path.partition("{")
    return before + part + rest.partition("}")[2] if brace else path


@pytest.fixture
def full(alder: Town) -> Town:
    """A town with every installed plugin on, and one of everything the core has."""
    alder.enable(*alder.world.site.plugins.by_name)
    a_reply(alder, a_story(alder))
    with alder.write() as db:
        create_topic(db, "Parks")
    return alder


def client_from(town: Town, name: str | None, number: int) -> Client:
    """From an address of its own, so that no limit is reached."""
    client = Client(town.world.app, "http://alder.localhost", f"10.0.{number // 250}.{number % 250}")
    if name is not None:
        client.cookies.update(town.client(name).cookies)
    return client


def test_the_walk_knows_every_route(full: Town) -> None:
    app: Starlette = full.world.app
    known = list(routes_of(app.routes))
    assert len(known) > 100
    assert {"/threads/{id:int}/edit", "/admin/plugins/{name}", "/accounts/reset"} <= {path for _method, path in known}


@pytest.mark.parametrize("name", ["anna", "maya", None])
def test_nothing_that_is_sent_to_any_route_ends_in_a_500(
    full: Town, name: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    known = list(routes_of(full.world.app.routes))
    count = 0

    @settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def walk(data: st.DataObject) -> None:
        nonlocal count
        count += 1
        client = client_from(full, name, count)
        for method, path in data.draw(st.lists(st.sampled_from(known), min_size=3, max_size=6)):
            form = data.draw(forms)
            sent = {"data": form} if method == "POST" else {"params": form}
            headers = HTMX if data.draw(st.booleans()) else {}
            answer = client.request(method, filled(path, data.draw(parts)), headers=headers, **sent)
            assert answer.status_code < 500, (method, path, form)
        client.close()

    walk()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
