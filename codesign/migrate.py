"""Migrations: the core first, then each plugin, for each store; one version table for each package."""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, MetaData, select, text

from codesign.core import authorities, notices, origins, tags  # noqa: F401 - so that Base.metadata knows every table of the core
from codesign.core.settings import Package
from codesign.db import Base
from codesign.paths import PACKAGE
from codesign.plugins import Plugin, Plugins
from codesign.registry import Registry, RegistryBase
from codesign.stores import Store

if TYPE_CHECKING:  # Alembic is imported where it works: a server starts a tenth of a second sooner without it
    from alembic.config import Config

SCRIPTS = PACKAGE / "migrations"
_one_at_a_time = threading.Lock()


def upgrade_all(registry: Registry, plugins: Plugins, progress: Callable[[str], None] = lambda name: None) -> None:
    """Bring the registry and every store up to date. Stopped anywhere, it goes on where it stopped."""
    progress("registry")
    upgrade_registry(registry)
    for slug in registry.slugs():
        progress(slug)
        upgrade_store(registry.store(slug), plugins)


def upgrade_registry(registry: Registry) -> None:
    _create_schema(registry.own)
    _upgrade(registry.own, "registry", SCRIPTS / "registry", RegistryBase.metadata)


def upgrade_store(store: Store, plugins: Plugins) -> None:
    """The core and every plugin that was ever switched on in this store and is installed."""
    _create_schema(store)
    _upgrade(store, "core", SCRIPTS / "core", Base.metadata)
    with store.read() as db:
        used = set(db.scalars(select(Package.name)))
    for name, plugin in plugins.by_name.items():
        if name in used:
            upgrade_plugin(store, plugin)


def upgrade_plugin(store: Store, plugin: Plugin) -> None:
    """Make or update the tables of one plugin in one store."""
    _upgrade(store, plugin.name, plugin.folder / "migrations", Base.metadata)


def differences(store: Store, name: str, metadata: MetaData, owned: Callable[[str], bool]) -> list[object]:
    """What autogenerate would change: empty when models equal migrations."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with store.connect() as connection:
        options = {"include_object": include_object(owned), "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, metadata))


def include_object(owned: Callable[[str], bool]) -> Callable[..., bool]:
    """Alembic's filter: only tables of the package at hand, and what belongs to them."""

    def include(item: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
        table = name if kind == "table" else item.table.name  # type: ignore[attr-defined]
        return owned(str(table))

    return include


def owner(plugins: Plugins) -> Callable[[str], str]:
    """Whose table it is: a plugin's begin with its name; full-text tables and version tables are nobody's."""

    def of(table: str) -> str:
        if table.startswith(("contribution_words", "alembic_version_")):
            return ""
        return next((name for name in plugins.by_name if table.startswith(f"{name}_")), "core")

    return of


def _upgrade(store: Store, name: str, folder: Path, metadata: MetaData) -> None:
    from alembic import command

    if not folder.is_dir():
        return
    with _one_at_a_time, store.connect() as connection:
        if _is_current(connection, name, folder):
            return
        if store.schema is not None:
            _take_turns(connection, store.schema)
        command.upgrade(_config(connection, name, folder, metadata), "head")


def _take_turns(connection: Connection, schema: str) -> None:
    """Two processes that prepare one schema at the same moment do so one after the other."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": schema})


def _is_current(connection: Connection, name: str, folder: Path) -> bool:
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    context = MigrationContext.configure(connection, opts={"version_table": version_table(name)})
    heads = ScriptDirectory(str(SCRIPTS), version_locations=[str(folder)]).get_heads()
    return set(context.get_current_heads()) == set(heads)


def version_table(name: str) -> str:
    return f"alembic_version_{name}"


def _config(connection: Connection, name: str, folder: Path, metadata: MetaData) -> "Config":
    from alembic.config import Config

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(folder).replace("%", "%%"))
    config.attributes.update(connection=connection, version_table=version_table(name), metadata=metadata)
    return config


def _create_schema(store: Store) -> None:
    if store.schema is not None:
        with store.writer.begin() as connection:
            # IF NOT EXISTS alone fails when two make the same schema at the same moment.
            _take_turns(connection, store.schema)
            connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{store.schema}"')


def heads(plugins: Plugins) -> Iterator[tuple[str, list[str]]]:
    """The newest revisions of each package; there is one each."""
    from alembic.script import ScriptDirectory

    folders = {"registry": SCRIPTS / "registry", "core": SCRIPTS / "core"}
    folders |= {name: plugin.folder / "migrations" for name, plugin in plugins.by_name.items()}
    for name, folder in folders.items():
        if folder.is_dir():
            yield name, list(ScriptDirectory(str(SCRIPTS), version_locations=[str(folder)]).get_heads())
