"""Switching a plugin on and off for one town, in the browser, while the site runs."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from codesign.app import make_app
from codesign.core.settings import chosen
from codesign.plugins import find_plugins
from codesign.testing import Town, World
from codesign.testing.client import Client
from tests.making import a_reply, a_story

CHOIRS = """
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from codesign.kit import About, Link, Objection, Section, hookimpl, session

def songs(request):
    with session(request):
        return PlainTextResponse("la la la")

@hookimpl
def about():
    return About("Choirs", "Sing together.", "Residents can sing.")

@hookimpl
def routes():
    return [Route("/", songs), Route("/songs/{id:int}", songs), Route("/sing", songs, methods=["POST"])]

@hookimpl
def links(slot):
    return [Link("Choirs", "/choirs/")] if slot == "nav" else []

@hookimpl
def sections(slot):
    return [Section("choirs/_song.html", {"words": "Fly, my song"})] if slot == "home" else []

@hookimpl
def objections(action):
    return [Objection("Nobody comments while the choir sings.")] if action == "comments.post" else []
"""
ADDRESSES = [("GET", "/choirs/"), ("GET", "/choirs/songs/1"), ("POST", "/choirs/sing"), ("GET", "/choirs/songs/x")]


@pytest.fixture
def choirs(world: World, tmp_path: Path) -> Iterator[dict[str, Client]]:
    """Maya in Alder and Edda in Birch, on one site where the plugin `choirs` is installed."""
    folder = tmp_path / "plugins" / "codesign_choirs"
    (folder / "templates").mkdir(parents=True)
    (folder / "__init__.py").write_text(CHOIRS)
    (folder / "templates" / "_song.html").write_text("<p>{{ words }}</p>")
    path = list(sys.path)
    world.app = make_app(world.settings, find_plugins(folder.parent), world.clock.now)
    yield {"alder": world.towns["alder"].client("maya"), "birch": world.towns["birch"].client("edda")}
    sys.path[:] = path
    sys.modules.pop("codesign_choirs", None)
    world.app.state.site.registry.close()


def switch(client: Client, on: bool) -> None:
    answer = client.post("/admin/plugins/choirs", data={"enabled": "1" if on else "0"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/plugins")


def statuses(client: Client) -> list[int]:
    return [client.request(method, url).status_code for method, url in ADDRESSES]


def test_a_switch_takes_effect_at_the_next_request_and_in_that_town_only(choirs: dict[str, Client]) -> None:
    alder, birch = choirs["alder"], choirs["birch"]
    assert statuses(alder) == statuses(birch) == [404, 404, 404, 404]
    switch(alder, True)
    assert statuses(alder) == [200, 200, 200, 404]
    assert statuses(birch) == [404, 404, 404, 404]
    switch(alder, False)
    assert statuses(alder) == statuses(birch) == [404, 404, 404, 404]


def test_links_and_sections_come_and_go_with_the_plugin(choirs: dict[str, Client]) -> None:
    alder, birch = choirs["alder"], choirs["birch"]
    for on in (True, False, True):
        switch(alder, on)
        page = alder.get("/").text
        assert ("/choirs/" in page, "Fly, my song" in page) == (on, on)
        assert "/choirs/" not in birch.get("/").text


def test_objections_count_only_while_the_plugin_is_on(choirs: dict[str, Client], world: World) -> None:
    alder = choirs["alder"]
    id = a_story(world.towns["alder"])
    url, words = f"/contributions/{id}/comments", {"text": "Well said."}
    switch(alder, True)
    refused = alder.post(url, data=words)
    assert refused.status_code == 403
    assert "Nobody comments while the choir sings." in refused.text
    switch(alder, False)
    assert alder.post(url, data=words).status_code == 303


def test_a_plugin_that_is_off_answers_as_if_it_were_not_installed(choirs: dict[str, Client], world: World) -> None:
    alder = choirs["alder"]
    unknown = alder.get("/flying/")
    off = alder.get("/choirs/")
    assert (off.status_code, off.text) == (unknown.status_code, unknown.text)


def test_every_process_follows_a_switch(choirs: dict[str, Client], world: World) -> None:
    other = make_app(world.settings, find_plugins(Path(sys.modules["codesign_choirs"].__file__ or "").parents[1]))
    with_other = Client(other, "http://alder.localhost")
    assert with_other.get("/choirs/").status_code == 404
    switch(choirs["alder"], True)
    assert with_other.get("/choirs/").status_code == 200
    with_other.close()
    other.state.site.registry.close()


@pytest.mark.parametrize("name", ["anna", "boris", "chen", None])
def test_only_administrators_switch(choirs: dict[str, Client], world: World, name: str | None) -> None:
    alder = world.towns["alder"]
    answer = alder.client(name).post("/admin/plugins/choirs", data={"enabled": "1"})
    assert answer.status_code == (403 if name else 303)
    with alder.read() as db:
        assert chosen(db).enabled == frozenset()


def test_a_plugin_that_is_not_installed_cannot_be_switched(choirs: dict[str, Client]) -> None:
    for name in ("flying", "core", "Choirs", "%00", "choirs%0A"):
        assert choirs["alder"].post(f"/admin/plugins/{name}", data={"enabled": "1"}).status_code == 404


def test_a_town_that_uses_a_plugin_which_was_uninstalled_still_works(choirs: dict[str, Client], world: World) -> None:
    switch(choirs["alder"], True)
    bare = make_app(world.settings, plugins=[], now=world.clock.now)
    client = Client(bare, "http://alder.localhost")
    assert [client.get(url).status_code for url in ("/", "/choirs/", "/topics/")] == [200, 404, 200]
    client.close()
    bare.state.site.registry.close()


CORE_PAGES = {
    "anna": ["/", "/topics/", "/situations/", "/situations/i-am-expecting-a-child", "/search?q=visits", "/feed.atom",
             "/favicon.svg", "/moderation/log", "/threads/{id}", "/comments/{comment}", "/comments/{comment}/reply",
             "/contributions/{id}/comments", "/contributions/{id}/report", "/accounts/settings",
             "/situations/i-am-expecting-a-child/threads/new"],
    "boris": ["/moderation/", "/moderation/hide/contribution:{id}"],
    "maya": ["/admin/", "/admin/plugins", "/admin/settings", "/admin/topics", "/admin/situations", "/admin/people",
             "/admin/mail", "/-/mail"],
    "": ["/accounts/sign-in", "/accounts/sign-up", "/accounts/forgotten", "/accounts/confirm", "/accounts/reset"],
}  # fmt: skip


def test_without_any_plugin_every_page_of_the_core_is_served(alder: Town) -> None:
    id = a_story(alder)
    comment = a_reply(alder, id)
    bare = make_app(alder.world.settings, plugins=[], now=alder.world.clock.now)
    alder.world.app = bare
    answers = {
        url: alder.client(name or None).get(url.format(id=id, comment=comment)).status_code
        for name, urls in CORE_PAGES.items()
        for url in urls
    }
    bare.state.site.registry.close()
    assert answers == dict.fromkeys(answers, 200)
