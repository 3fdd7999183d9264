"""A pytest plugin for the core and for plugins: towns, the cast, and a client that checks every page it gets.

    pytest_plugins = ["codesign.testing"]

The cast: Anna is a resident, Boris a moderator, Chen an official, Maya administers; they live in Alder.
Dora lives in Birch and must never see anything of Alder.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from codesign.testing.clock import Clock
from codesign.testing.towns import Town, World, build

__all__ = ["Clock", "Town", "World"]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a fresh world, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    build(folder, "")
    return folder


@pytest.fixture
def world_place(sqlite_template: Path, tmp_path: Path) -> tuple[Path, str]:
    """Data folder and database URL of this test's world. Override it to test on another database."""
    shutil.copytree(sqlite_template, tmp_path / "data", dirs_exist_ok=True)
    return tmp_path / "data", ""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(world_place: tuple[Path, str], clock: Clock) -> Iterator[World]:
    """Two towns with everything of the core, and no plugin switched on."""
    folder, url = world_place
    with World(folder, url, clock) as made:
        yield made


@pytest.fixture
def alder(world: World) -> Town:
    """The town of Anna, Boris, Chen and Maya."""
    return world.towns["alder"]


@pytest.fixture
def birch(world: World) -> Town:
    """The town of Dora."""
    return world.towns["birch"]
