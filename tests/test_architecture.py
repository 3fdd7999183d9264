"""The rules of the house that a machine can hold."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from codesign.plugins import PREFIX

ROOT = Path(__file__).resolve().parents[1]
PLUGIN_FOLDERS = sorted(path.parent for path in (ROOT / "plugins").glob("*/__init__.py"))
SOURCES = sorted(
    path.relative_to(ROOT)
    for top in ("codesign", "plugins", "tools", "tests")
    for path in (ROOT / top).rglob("*.py")
)  # fmt: skip
CODE = [path for path in SOURCES if path.parts[0] in ("codesign", "plugins") and "tests" not in path.parts]
LONGEST = 300
VAGUE = {"utils", "util", "helpers", "helper", "manager", "service", "services", "common", "misc", "tools"}

IMPORT_ALL = """
import importlib, os, pkgutil, sys, threading
sys.path[:0] = {path!r}
opened = lambda: {{os.readlink(f"/proc/self/fd/{{n}}") for n in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{{n}}")}}
before, environment, known = opened(), dict(os.environ), set(os.listdir("."))
for package in {packages!r}:
    module = importlib.import_module(package)
    for info in pkgutil.walk_packages(module.__path__, package + "."):
        if ".migrations" not in info.name and ".tests" not in info.name and not info.name.endswith("__main__"):
            importlib.import_module(info.name)
print(threading.active_count(), sorted(opened() - before), dict(os.environ) == environment, set(os.listdir(".")) == known)
"""


def test_imports_go_only_where_the_floors_allow() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_importing_any_module_opens_nothing_starts_nothing_and_writes_nothing(tmp_path: Path) -> None:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("only Linux says which files are open")
    packages = ["codesign", *(folder.name for folder in PLUGIN_FOLDERS)]
    script = IMPORT_ALL.format(path=[str(ROOT), str(ROOT / "plugins")], packages=packages)
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "1 [] True True\n", done.stderr


def test_nothing_in_the_core_or_its_templates_names_a_bundled_plugin() -> None:
    names = [folder.name.removeprefix(PREFIX) for folder in PLUGIN_FOLDERS]
    sign = re.compile(rf"\b({'|'.join(names)}|{PREFIX}({'|'.join(names)}))\b", re.IGNORECASE)
    files = [path for top in ("codesign", "templates") for path in (ROOT / top).rglob("*")]
    texts = [path for path in files if path.suffix in (".py", ".html", ".txt", ".mako")]
    found = [str(path.relative_to(ROOT)) for path in texts if sign.search(path.read_text("utf-8"))]
    assert found == []


def test_no_file_is_longer_than_a_person_reads_at_once() -> None:
    lengths = {str(path): len((ROOT / path).read_text("utf-8").splitlines()) for path in SOURCES}
    generated = {path for path in lengths if "/migrations/" in path}
    assert {path: length for path, length in lengths.items() if length > LONGEST and path not in generated} == {}


def test_no_file_or_folder_of_the_code_has_a_vague_name() -> None:
    assert [str(path) for path in CODE if VAGUE & {*path.parts[1:-1], path.stem}] == []


def test_every_module_says_in_its_first_line_what_it_is() -> None:
    silent = [str(path) for path in CODE if not _first_line(path).startswith(('"""', 'r"""', "#!"))]
    assert silent == ["codesign/__main__.py"]


def _first_line(path: Path) -> str:
    text = (ROOT / path).read_text("utf-8")
    return text.split("\n", 1)[0] if text else '"""'


def test_every_import_in_the_code_is_absolute() -> None:
    relative = re.compile(r"^\s*from \.", re.MULTILINE)
    assert [str(path) for path in CODE if relative.search((ROOT / path).read_text("utf-8"))] == []
