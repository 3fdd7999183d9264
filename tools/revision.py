"""Write the next migration of a package by comparing its models with its migrations.

python tools/revision.py core 0002_add_something
python tools/revision.py debates 0001_initial
"""

import sys
import tempfile
from pathlib import Path

from alembic import command

from codesign.app import make_site
from codesign.db import Base
from codesign.migrate import SCRIPTS, _config, include_object, owner, upgrade_registry, upgrade_store
from codesign.registry import RegistryBase
from codesign.settings import Settings


def main(name: str, revision: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = make_site(Settings(data=Path(folder)))
        if name == "registry":
            store, metadata, versions = site.registry.own, RegistryBase.metadata, SCRIPTS / name
        else:
            upgrade_registry(site.registry)
            store = site.registry.create("scratch", "Scratch", site.now())
            if any((SCRIPTS / "core").glob("*.py")):
                upgrade_store(store, site.plugins)
            plugin = site.plugins.by_name.get(name)
            metadata, versions = Base.metadata, plugin.folder / "migrations" if plugin else SCRIPTS / name
            if plugin:
                site.prepare(store, plugin)
        versions.mkdir(exist_ok=True)
        for table in metadata.tables.values():
            table.info.clear()  # for the application only; Alembic would write it into the migration
        of = owner(site.plugins)
        with store.connect() as connection:
            config = _config(connection, name, versions, metadata)
            config.attributes["include_object"] = include_object(lambda table: name in ("registry", of(table)))
            number, _underscore, message = revision.partition("_")
            command.revision(config, message.replace("_", " "), autogenerate=True, rev_id=number)


if __name__ == "__main__":
    main(*sys.argv[1:])
