"""The plugin that docs/plugins.md builds: its blocks are cut out, installed and run in a process of their own."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = dict(BLOCK.findall((ROOT / "docs" / "plugins.md").read_text("utf-8")))
MIGRATION = "plugins/codesign_notes/migrations/0001_initial.py"


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    """A folder with the plugin as an installer would leave it: the package, and what says where to enter it."""
    for name, text in BLOCKS.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    project = tomllib.loads(BLOCKS["plugins/pyproject.toml"])["project"]
    info = tmp_path / "plugins" / f"codesign_notes-{project['version']}.dist-info"
    info.mkdir()
    named = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (info / "METADATA").write_text(named, "utf-8")
    points = project["entry-points"]["codesign.plugins"]
    entries = "".join(f"{name} = {module}\n" for name, module in points.items())
    (info / "entry_points.txt").write_text(f"[codesign.plugins]\n{entries}", "utf-8")
    return tmp_path / "plugins"


def run(plugins: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(plugins), str(ROOT)])}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=plugins, env=environment, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_plugin_of_the_page_passes_the_tests_of_the_page(plugins: Path) -> None:
    options = ("-q", "-W", "error", "-p", "codesign.testing", "-p", "no:cacheprovider", "--import-mode=importlib")
    out = run(plugins, "-m", "pytest", *options, f"--rootdir={plugins}", "codesign_notes/tests")
    written = BLOCKS["plugins/codesign_notes/tests/test_notes.py"].count("\ndef test_")
    assert re.search(r"(\d+) passed", out), out
    assert re.findall(r"(\d+) (?:passed|skipped|failed)", out) == [str(written)]


def test_the_tool_writes_the_migration_that_the_page_shows(plugins: Path) -> None:
    (plugins.parent / MIGRATION).unlink()
    run(plugins, str(ROOT / "tools" / "revision.py"), "notes", "0001_initial")
    found = [path.read_text("utf-8") for path in (plugins / "codesign_notes" / "migrations").glob("*.py")]
    assert [meaning(text) for text in found] == [meaning(BLOCKS[MIGRATION])]


def meaning(code: str) -> list[str]:
    """The statements without what only the formatter decides: comments, lines, quotes, the order of imports."""
    return sorted(ast.dump(statement) for statement in ast.parse(code).body)
