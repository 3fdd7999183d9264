"""Dora of Birch sees nothing of Alder: by no address, form field, cookie or search; and she changes nothing there."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import select
from starlette.routing import BaseRoute, Mount, Route

from codesign.core.areas import create_area
from codesign.core.comments import Comment
from codesign.core.contributions import Reason, get_of_kind
from codesign.core.files import attach
from codesign.core.life import create_situation
from codesign.core.moderation import Action, Target, decide, report
from codesign.core.sessions import Purpose, issue_token, open_session
from codesign.core.settings import CORE, save_settings
from codesign.core.threads import Thread, start_thread
from codesign.core.topics import create_topic
from codesign.core.votes import vote_on_contribution
from codesign.db import Base
from codesign.outbox import post
from codesign.testing import Town, World
from codesign.testing.client import Client
from tests.making import a_comment, people
from tests.sending import upload

MARK = "quokka"
"""A word that stands in everything Alder holds, and nowhere else."""
DOCUMENT = "AB 123 456"


def furnish(alder: Town) -> dict[str, list[str]]:
    """Fill Alder with marked things. Returns plausible values for each path parameter and form field."""
    now = alder.world.clock.now()
    with alder.write() as db:
        anna, boris = people(alder, db, ["anna", "boris"])
        anna.name, boris.name = f"Anna {MARK}", f"Boris {MARK}"
        save_settings(db, CORE, {"title": f"Town {MARK}", "about": MARK, "locale": "en"}, now)
        situation = create_situation(db, f"Situation {MARK}", MARK, MARK)
        topic = create_topic(db, f"Topic {MARK}", MARK)
        area = create_area(db, f"Area {MARK}")
        # Addresses hold no mark: a page may repeat what was asked.
        situation.slug, topic.slug, area.slug = "a-situation", "a-topic", "an-area"
        threads = [start_thread(db, situation, anna, f"Thread {MARK} {n}", MARK * 4, "en", now) for n in range(2)]
        comments = [a_comment(alder, db, threads[0].id, "anna", text=f"Comment {MARK}") for _n in range(2)]
        vote_on_contribution(db, boris, threads[0], 1)
        report(db, boris, Target(threads[0]), Reason.SPAM, MARK, now)
        decide(db, boris, Target(threads[0], comments[1]), Action.HIDE, Reason.SPAM, MARK, now)
        post(db, "accounts/mail/reset", "anna@alder.example", anna, {"url": f"http://{MARK}/"}, now)
        token = issue_token(db, anna, Purpose.RESET, now)
        file = attach(db, anna, upload("a.txt", MARK.encode()), now, threads[0])
        digest = file.digest
        ids = [str(row.id) for row in (*threads, *comments, anna, file)]
        targets = [f"contribution:{threads[0].id}", f"comment:{comments[0].id}", f"comment:{comments[1].id}"]
        slugs = [situation.slug, topic.slug, area.slug]
        topic_id, area_id = str(topic.id), area.id
    alder.verify("anna", area_id, date(1985, 4, 23), DOCUMENT)
    letters = [letter.stem for letter in alder.send_mail()]
    debates = [*_debate(alder), *_poll(alder)]
    plugins = list(alder.world.site.plugins.by_name)
    return {
        "id": list(dict.fromkeys([*ids, *debates])), "mail": letters, "slug": slugs, "target": targets, "code": ["en"],
        "name": plugins, "token": [token], "topic": [topic_id], "area": [str(area_id)],
        "digest": [digest],
    }  # fmt: skip


def _debate(alder: Town) -> list[str]:
    """The id of a debate of Alder, when that plugin is installed."""
    if "debates" not in alder.world.site.plugins.by_name:
        return []
    alder.enable("debates")
    answer = alder.client("anna").post("/debates/new", data={"title": f"Debate {MARK}", "text": f"{MARK} " * 9})
    assert answer.status_code == 303, answer.text
    return [answer.headers["location"].rpartition("/")[2]]


def _poll(alder: Town) -> list[str]:
    """The id of a poll of Alder with one-time codes, when that plugin is installed."""
    if "polls" not in alder.world.site.plugins.by_name:
        return []
    making = import_module("codesign_polls.tests.making")
    alder.enable("polls")
    question = making.a_question("ranked", f"Option {MARK}", "Another", title=f"Question {MARK}", text=MARK)
    return [str(making.poll_id(alder, question, title=f"Poll {MARK}", text=f"{MARK} " * 9, by_code=True))]


def walk(routes: Sequence[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every (method, path) of the application."""
    for route in routes:
        if isinstance(route, Mount):
            yield from walk(route.routes, prefix + route.path)
        elif isinstance(route, Route):
            for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
                yield method, prefix + route.path


def addresses(path: str, values: dict[str, list[str]]) -> list[str]:
    """A path with Alder's things put into its parameters."""
    found = [path]
    for name in ("id", "slug", "target", "code", "name", "digest"):
        kept = values["mail"] if path.startswith("/-/mail/") and name == "id" else values[name]
        for shape in (f"{{{name}:int}}", f"{{{name}}}"):
            found = [url.replace(shape, value) for url in found for value in (kept if shape in url else [""])]
    return found


def form(values: dict[str, list[str]]) -> dict[str, str]:
    """One form that every endpoint finds something in."""
    words = "A text of a stranger that is long enough for every form there is."
    return {
        "title": "A stranger's title", "text": words, "name": "A stranger", "summary": words, "value": "1", "follow": "1",
        "reason": "spam", "note": words, "detail": words, "conclusion": words, "enabled": "1", "role": "administrator",
        "email": "anna@alder.example", "password": "three unrelated words", "token": values["token"][0],
        "topic": values["topic"][0], "area": values["area"][0], "document": DOCUMENT, "born_on": "1990-01-31",
        "step": "1", "locale": "en", "zone": "UTC", "accent": "blue", "icon": "baby", "next": "/",
        "started_by": "residents", "days_open": "0",
    }  # fmt: skip


def contents(town: Town) -> str:
    """A fingerprint of everything that a town's store holds."""
    found = hashlib.sha256()
    with town.read() as db:
        for table in Base.metadata.sorted_tables:
            if db.connection().dialect.has_table(db.connection(), table.name, schema=town.store.schema):
                rows = sorted(map(repr, db.execute(select(table)).all()))
                found.update(f"{table.name} {rows}".encode())
    return found.hexdigest()


def stranger(birch: Town, alder: Town, who: str, number: int) -> Client:
    """A browser on Birch's host. A new session each time, so that nobody is too fast."""
    if who in ("dora", "edda"):
        return birch.client(who)
    client = birch.client()
    token = f"anonymous {number}"
    if who == "anna's cookie":
        with alder.write() as db:
            token = open_session(db, alder.person(db, "anna"), "stolen", alder.world.clock.now())
    client.cookies.set("codesign", token.replace(" ", "-"))
    return client


@pytest.mark.parametrize("who", ["dora", "edda", "nobody", "anna's cookie"])
def test_no_address_of_birch_shows_or_changes_anything_of_alder(
    world: World, alder: Town, birch: Town, who: str
) -> None:
    values = furnish(alder)
    birch.enable(*{"debates", "polls"}.intersection(world.site.plugins.by_name))
    clients = [stranger(birch, alder, who, number) for number in range(6)]
    before = contents(alder)
    asked = 0
    for method, path in sorted(set(walk(world.app.routes)), key=_leaving_last):
        if path.startswith("/accounts/") and method == "POST" and path in FEW:
            continue
        for url in addresses(path, values):
            client = clients[asked // 40 % len(clients)]
            data: dict[str, Any] = {"data": form(values)} if method == "POST" else {}
            answer = client.request(method, url, **data)
            asked += 1
            said = f"{answer.text}{dict(answer.headers)}"
            assert MARK not in said.lower(), f"{method} {url} of {who}"
            assert (answer.status_code < 500, answer.status_code != 429) == (True, True), (
                f"{method} {url}: {answer.text}"
            )
    assert asked > 60
    assert contents(alder) == before


FEW = {"/accounts/sign-out", "/accounts/sign-out-everywhere"}
"""They end the session; asked in a test of their own."""


def _leaving_last(route: tuple[str, str]) -> tuple[bool, str, str]:
    method, path = route
    return (path.startswith("/accounts"), method, path)


def test_the_walk_would_notice_a_leak(world: World, alder: Town) -> None:
    """The same walk on Alder's own host finds the mark: on pages, in lists, in the feed and in the search."""
    values = furnish(alder)
    client = alder.client()
    shown = {
        path
        for method, path in walk(world.app.routes)
        if method == "GET"
        for url in addresses(path, values)
        if MARK in client.get(url).text.lower()
    }
    wanted = {"/", "/feed.atom", "/topics/", "/topics/{slug}", "/situations/", "/situations/{slug}", "/moderation/log"}
    assert (
        wanted
        | {"/threads/{id:int}", "/comments/{id:int}", "/-/mail", "/-/mail/{id}", "/files/{id:int}/{digest}/{name}"}
        <= shown
    )
    assert MARK in client.get("/search", params={"q": "thread"}).text


@pytest.mark.parametrize("who", ["dora", "nobody", "anna's cookie"])
def test_no_search_list_or_feed_of_birch_finds_anything_of_alder(alder: Town, birch: Town, who: str) -> None:
    values = furnish(alder)
    client = stranger(birch, alder, who, 0)
    for url in (
        "/search?q=thread",
        "/search?q=comment",
        "/feed.atom",
        "/",
        "/topics/",
        "/situations/",
        "/moderation/log",
    ):
        assert MARK not in client.get(url).text.lower()
    asked = client.get("/search", params={"q": MARK})
    assert (asked.status_code, "/threads/" in asked.text) == (200, False)
    assert client.get("/topics/", params={"after": values["id"][0]}).status_code == 200


@pytest.mark.parametrize("path", ["/accounts/settings", "/admin/", "/moderation/"])
def test_a_session_of_alder_means_nothing_in_birch(alder: Town, birch: Town, path: str) -> None:
    mayas = alder.client("maya").cookies["codesign"]
    client = birch.client()
    client.cookies.set("codesign", mayas)
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (
        303,
        "http://birch.localhost/accounts/sign-in",
    )


def test_signing_out_of_birch_with_a_cookie_of_alder_leaves_alder_signed_in(alder: Town, birch: Town) -> None:
    anna = alder.client("anna")
    thief = birch.client()
    thief.cookies.set("codesign", anna.cookies["codesign"])
    for path in sorted(FEW):
        thief.post(path)
    assert anna.get("/accounts/settings").status_code == 200


def test_a_link_from_a_letter_of_alder_does_not_work_in_birch(alder: Town, birch: Town) -> None:
    with alder.write() as db:
        anna = alder.person(db, "anna")
        token, before = issue_token(db, anna, Purpose.RESET, alder.world.clock.now()), anna.password_hash
    answer = birch.client().post("/accounts/reset", data={"token": token, "password": "three other words"})
    assert (answer.status_code, "set-cookie" in answer.headers) == (422, False)
    with alder.read() as db:
        assert alder.person(db, "anna").password_hash == before


def test_a_word_said_in_alder_is_not_repeated_in_birch(alder: Town, birch: Town) -> None:
    maya = alder.client("maya")
    answer = maya.post("/admin/topics", data={"title": "Parks"})
    assert answer.status_code == 303
    dora = birch.client("dora")
    dora.cookies.set("flash", answer.cookies["flash"])
    assert "The topic is added" in maya.get("/topics/").text
    assert "The topic is added" not in dora.get("/topics/").text


def test_the_same_numbers_in_both_towns_are_different_things(alder: Town, birch: Town) -> None:
    values = furnish(alder)
    with birch.write() as db:
        situation = create_situation(db, "Work is lost", "What to do")
        dora = birch.person(db, "dora")
        own = start_thread(
            db, situation, dora, "A story of Birch", "Something of Birch only", "en", birch.world.clock.now()
        )
        own_id = own.id
    assert str(own_id) in values["id"]
    assert "A story of Birch" in birch.client("dora").get(f"/threads/{own_id}").text
    birch.client("dora").post(f"/contributions/{own_id}/vote", data={"value": "-1"})
    birch.client("dora").post(f"/contributions/{own_id}/comments", data={"text": "Only in Birch"})
    with alder.read() as db:
        thread = get_of_kind(db, Thread, own_id)
        assert (thread.disagree_count, thread.comment_count) == (0, 1)
        assert db.scalars(select(Comment.id).where(Comment.text == "Only in Birch")).all() == []
