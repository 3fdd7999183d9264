"""The vendored files are what their vendor.toml says. Whether npm agrees is asked by tools/vendor.py."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ["static/vendor", "tests/vendor"]


def packages(folder: str) -> list[dict[str, Any]]:
    manifest = (ROOT / folder / "vendor.toml").read_text("utf-8")
    found: list[dict[str, Any]] = tomllib.loads(manifest)["package"]
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_vendored_file_is_listed_with_its_hash_and_nothing_else_is(folder: str) -> None:
    listed = [(path, file["sha256"]) for each in packages(folder) for path, file in each["files"].items()]
    present = [
        (path.relative_to(ROOT / folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path != ROOT / folder / "vendor.toml"
    ]
    assert sorted(listed) == sorted(present)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_package_says_name_version_and_licence_and_brings_its_licence_file(folder: str) -> None:
    incomplete = [
        package
        for package in packages(folder)
        if not all(package.get(key) for key in ("name", "version", "licence"))
        or not any(file["from"] == "LICENSE" for file in package["files"].values())
    ]
    assert incomplete == []
