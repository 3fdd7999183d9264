"""Migrations: they make what the models say, once, whoever runs them and however often they are killed."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import MetaData, inspect, text

from codesign.app import make_site
from codesign.db import Base
from codesign.migrate import differences, heads, owner, upgrade_all, upgrade_registry, upgrade_store
from codesign.plugins import find_plugins
from codesign.registry import RegistryBase
from codesign.settings import Settings
from codesign.stores import Store
from codesign.testing import Town, World
from codesign.web.site import Site

ROOT = Path(__file__).resolve().parents[1]
PLUGINS = [plugin.name for plugin in find_plugins()]
SLUGS = ("ash", "beech")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """An empty place for a registry and stores."""
    url = request.getfixturevalue("postgres_database") if request.param == "postgresql" else ""
    return Settings(data=tmp_path / "data", database=url, secret=b"a secret for tests only")


@pytest.fixture
def site(place: Settings) -> Iterator[Site]:
    made = make_site(place)
    yield made
    made.registry.close()


def enter_towns(site: Site) -> None:
    """Two municipalities whose stores nobody has migrated yet."""
    upgrade_registry(site.registry)
    for slug in SLUGS:
        site.registry.create(slug, slug.title(), datetime(2026, 5, 4, tzinfo=UTC))


def command(place: Settings, *words: str) -> subprocess.Popen[str]:
    env = {**os.environ, "CODESIGN_DATA": str(place.data), "CODESIGN_DATABASE": place.database}
    return subprocess.Popen(
        [sys.executable, "-m", "codesign", *words], cwd=ROOT, env=env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def structure(store: Store) -> dict[str, list[str]]:
    """Tables, columns and revisions, as the database itself tells them."""
    with store.connect() as db:
        inspector = inspect(db)
        tables = sorted(inspector.get_table_names(store.schema))
        columns = {name: [str(column) for column in inspector.get_columns(name, store.schema)] for name in tables}
        versions = [name for name in tables if name.startswith("alembic_version_")]
        rows = {f"{name}=": list(db.scalars(text(f"SELECT version_num FROM {name}"))) for name in versions}
    return {**columns, **rows}


def wrong(site: Site) -> list[object]:
    """What is not as the models say, in the registry and in every town."""
    of = owner(site.plugins)
    found = differences(site.registry.own, "registry", RegistryBase.metadata, lambda table: bool(of(table)))
    for slug in site.registry.slugs():
        found += differences(site.registry.store(slug), "core", Base.metadata, lambda table: of(table) == "core")
    return found


@pytest.mark.parametrize("package", ["core", *PLUGINS])
def test_migrations_make_what_the_models_say(alder: Town, package: str) -> None:
    alder.enable(*PLUGINS)
    of = owner(alder.world.site.plugins)
    assert differences(alder.store, package, Base.metadata, lambda table: of(table) == package) == []


def test_the_migrations_of_the_registry_make_what_its_models_say(world: World) -> None:
    registry = world.site.registry
    own = {table.name for table in RegistryBase.metadata.sorted_tables}
    assert differences(registry.own, "registry", RegistryBase.metadata, own.__contains__) == []


@pytest.mark.parametrize(
    "change", ["ALTER TABLE topic DROP COLUMN summary", "ALTER TABLE topic ADD COLUMN colour TEXT", "DROP TABLE report"]
)
def test_a_difference_between_models_and_tables_is_noticed(alder: Town, change: str) -> None:
    with alder.store.connect() as db:
        db.exec_driver_sql(change)
    of = owner(alder.world.site.plugins)
    assert len(differences(alder.store, "core", Base.metadata, lambda table: of(table) == "core")) >= 1


def test_every_table_has_one_owner_and_a_plugins_tables_begin_with_its_name(alder: Town) -> None:
    alder.enable(*PLUGINS)
    plugins = alder.world.site.plugins
    of = owner(plugins)
    made = {name: of(name) for name in structure(alder.store) if not name.endswith("=")}
    for name, plugin in plugins.by_name.items():
        module = plugin.module.__name__
        models = [mapper for mapper in Base.registry.mappers if mapper.class_.__module__.startswith(module)]
        declared = {str(mapper.local_table.name) for mapper in models}  # type: ignore[attr-defined]
        assert declared == {table for table, whose in made.items() if whose == name}


def test_no_plugin_refers_to_a_table_of_another(alder: Town) -> None:
    of = owner(alder.world.site.plugins)
    metadata: MetaData = Base.metadata
    foreign = [
        (table.name, key.column.table.name)
        for table in metadata.sorted_tables
        for key in table.foreign_keys
        if of(key.column.table.name) not in ("core", of(table.name))
    ]
    assert foreign == []


def test_every_package_has_one_newest_revision(site: Site) -> None:
    found = dict(heads(site.plugins))
    assert {name: len(revisions) for name, revisions in found.items()} == dict.fromkeys(found, 1)
    assert {"core", "registry"} <= found.keys()


def test_migrating_again_changes_nothing(site: Site) -> None:
    enter_towns(site)
    upgrade_all(site.registry, site.plugins)
    stores = [site.registry.own, *(site.registry.store(slug) for slug in SLUGS)]
    before = [structure(store) for store in stores]
    upgrade_all(site.registry, site.plugins)
    assert [structure(store) for store in stores] == before
    assert wrong(site) == []


def test_a_town_is_migrated_without_touching_another(site: Site) -> None:
    enter_towns(site)
    upgrade_store(site.registry.store("ash"), site.plugins)
    assert "topic" in structure(site.registry.store("ash"))
    assert structure(site.registry.store("beech")) == {}


def test_processes_that_migrate_at_the_same_moment_all_succeed(site: Site, place: Settings) -> None:
    enter_towns(site)
    site.registry.close()
    running = [command(place, "migrate") for _process in range(2)]
    said = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    assert wrong(site) == []


def test_processes_that_prepare_an_empty_place_at_the_same_moment_all_succeed(site: Site, place: Settings) -> None:
    running = [command(place, "migrate") for _process in range(2)]
    said = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    assert wrong(site) == []


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
def test_a_place_is_made_once_by_many_at_the_same_moment(place: Settings) -> None:
    sites = [make_site(place) for _site in range(8)]
    start = threading.Barrier(len(sites))

    def prepare(site: Site) -> None:
        start.wait()
        upgrade_registry(site.registry)

    try:
        with ThreadPoolExecutor(len(sites)) as pool:
            list(pool.map(prepare, sites))
        assert structure(sites[0].registry.own)["alembic_version_registry="] == ["0001"]
    finally:
        for site in sites:
            site.registry.close()


@pytest.mark.parametrize("where", ["registry", "ash", "beech"])
def test_a_migration_that_was_killed_goes_on_when_run_again(site: Site, place: Settings, where: str) -> None:
    if where != "registry":
        enter_towns(site)
    with command(place, "migrate") as process:
        assert process.stdout is not None
        while f"migrating {where}" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)  # it is at work on that one now
        process.communicate()
    upgrade_all(site.registry, site.plugins)
    assert wrong(site) == []
