"""Every test that uses a world runs twice: on SQLite and on PostgreSQL."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import make_url

# How long an example takes says more about the machine than about the code.
settings.register_profile("codesign", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("codesign")

pytest_plugins = ["codesign.testing", "tests.servers.plugin"]

DATA = Path(__file__).resolve().parents[1] / "shared" / "data"
"""Real data for tests, beside the checkout; never part of it."""


def pytest_configure(config: pytest.Config) -> None:
    if Path("/dev/shm").is_dir() and shutil.disk_usage("/dev/shm").free > 2 * 1024**3:
        os.environ.setdefault("CODESIGN_TEST_DATA", "/dev/shm")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    if not DATA.is_dir():
        pytest.skip("the real data is not beside this checkout")
    return DATA


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a database that holds a fresh world, copied for each test."""
    name = f"world_{uuid.uuid4().hex[:12]}"
    _command(postgres_url, f"CREATE DATABASE {name} TEMPLATE template0")
    url = make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    from codesign.testing.towns import build  # after pytest has prepared its assertions

    build(tmp_path_factory.mktemp("template"), url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def world_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Overrides the one of codesign.testing: both databases."""
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_template"), tmp_path / "data")
        yield tmp_path / "data", ""
        return
    template = make_url(request.getfixturevalue("postgres_template"))
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = request.getfixturevalue("postgres_url")
    _command(admin, f"CREATE DATABASE {name} TEMPLATE {template.database} STRATEGY file_copy")
    yield tmp_path / "data", template.set(database=name).render_as_string(hide_password=False)
    _command(admin, f"DROP DATABASE {name} WITH (FORCE)")


def _command(url: str, statement: str) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement)
