"""A database that is away: a page that says so, no trace, and everything well at the next request."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import make_url

from codesign.testing import Town
from tests.making import a_story

BACK = "Back in a moment"
SECRETS = ("Traceback", "sqlalchemy", "psycopg", "sqlite", "store.db", "postgres", "SELECT", "Error")


@contextmanager
def away(town: Town, admin: str | None) -> Iterator[None]:
    """The town's database is gone while this lasts."""
    if admin is None:
        folder = town.world.site.registry.files(town.slug)
        gone = folder.with_name("gone")
        forget(town)
        folder.rename(gone)
        folder.write_text("in the way")
        yield
        forget(town)
        folder.unlink()
        gone.rename(folder)
        return
    name = make_url(town.world.settings.database).database
    with psycopg.connect(make_url(admin).set(drivername="postgresql").render_as_string(False), autocommit=True) as db:
        db.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        db.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def forget(town: Town) -> None:
    """Open files outlive their folder; close them."""
    for engine in (town.store.reader, town.store.writer):
        engine.dispose()


@pytest.fixture
def gone(alder: Town, request: pytest.FixtureRequest) -> Callable[[], object]:
    admin = request.getfixturevalue("postgres_url") if alder.world.settings.database else None
    return lambda: away(alder, admin)


def test_readers_and_writers_are_told_and_all_is_well_afterwards(
    alder: Town, gone: Callable[[], Iterator[None]], caplog: pytest.LogCaptureFixture
) -> None:
    id, anna = a_story(alder), alder.client("anna")
    pages = ["/", f"/threads/{id}", "/topics/", "/feed.atom", "/accounts/sign-in", "/nothing/here"]
    before = [anna.get(url).status_code for url in pages]
    with gone():  # type: ignore[attr-defined]
        answers = [*(anna.get(url) for url in pages), anna.post(f"/contributions/{id}/vote", data={"value": "1"})]
        assert {answer.status_code for answer in answers[:5] + answers[6:]} == {503}
        for answer in answers[:5] + answers[6:]:
            assert BACK in answer.text
            assert [word for word in SECRETS if word in answer.text] == []
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.headers["Cache-Control"] == "no-store"
            assert "Content-Security-Policy" in answer.headers
        assert answers[5].status_code in (404, 503)
        assert anna.get("/-/health").status_code == 200
        assert anna.get("/-/ready").status_code == 503
    assert [anna.get(url).status_code for url in pages] == before
    assert anna.get("/-/ready").status_code == 200
    assert anna.post(f"/contributions/{id}/vote", data={"value": "1"}).status_code == 303
    assert not [record for record in caplog.records if record.levelno > logging.ERROR]


def test_connections_that_the_server_cut_are_replaced_without_anybody_noticing(alder: Town, postgres_url: str) -> None:
    if not alder.world.settings.database:
        pytest.skip("a file has no connections to cut")
    client = alder.client()
    for _round in range(3):
        assert client.get("/topics/").status_code == 200
        with psycopg.connect(make_url(postgres_url).set(drivername="postgresql").render_as_string(False)) as db:
            name = make_url(alder.world.settings.database).database
            db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


def test_a_town_whose_database_is_away_does_not_take_the_others_with_it(alder: Town, birch: Town) -> None:
    if alder.world.settings.database:
        pytest.skip("both towns live in one database here")
    with away(alder, None):
        assert alder.client().get("/").status_code == 503
        assert birch.client("dora").get("/topics/").status_code == 200
    assert alder.client().get("/").status_code == 200


def test_a_registry_that_is_away_is_told_as_well(alder: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    client = alder.client()
    monkeypatch.setattr("codesign.registry.REMEMBER_SECONDS", -1.0)
    own = alder.world.site.registry.own
    assert client.get("/topics/").status_code == 200
    with own.connect() as db:
        db.exec_driver_sql("ALTER TABLE municipality RENAME TO gone")
    answer = client.get("/topics/")
    assert answer.status_code >= 500
    assert [word for word in SECRETS if word in answer.text] == []
    with own.connect() as db:
        db.exec_driver_sql("ALTER TABLE gone RENAME TO municipality")
    assert client.get("/topics/").status_code == 200
