"""The wheel: built without a network, installed outside the checkout, it creates a town and serves it."""

import os
import subprocess
import sys
import sysconfig
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PLUGINS = sorted(path.parent.name for path in (ROOT / "plugins").glob("*/__init__.py"))
pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=ROOT)
    [found] = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`codesign` in a fresh environment that sees the dependencies of this one, but not the checkout."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=False)
    [packages] = folder.glob("lib/python*/site-packages")
    python = folder / "bin" / "python"
    install = ["-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    run(sys.executable, *install, cwd=folder)
    (packages / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"])
    return folder / "bin" / "codesign"


def inside(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def wanted(folder: Path, prefix: str) -> set[str]:
    return {f"{prefix}/{path.relative_to(folder).as_posix()}" for path in folder.rglob("*") if path.is_file()}


def test_everything_a_town_needs_is_in_the_wheel(wheel: Path) -> None:
    needed = wanted(ROOT / "templates", "codesign/templates") | wanted(ROOT / "static", "codesign/static")
    for package, folder in [("codesign", ROOT / "codesign"), *((name, ROOT / "plugins" / name) for name in PLUGINS)]:
        needed |= {name for name in wanted(folder, package) if "/tests/" not in name and "__pycache__" not in name}
    assert needed - inside(wheel) == set()


def test_nothing_else_is_in_the_wheel(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in inside(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"codesign", *PLUGINS}
    assert [name for name in inside(wheel) if "/tests/" in name or "__pycache__" in name or name.endswith(".pyc")] == []


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        [points] = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        said = archive.read(points).decode()
        assert [name for name in archive.namelist() if name.endswith("licenses/LICENSE")]
    assert "codesign = codesign.cli:main" in said
    for name in PLUGINS:
        assert f"{name.removeprefix('codesign_')} = {name}" in said


@contextmanager
def served(program: Path, folder: Path, env: dict[str, str]) -> Iterator[str]:
    command = [program, "serve", "--port", "0"]
    server = subprocess.Popen(command, cwd=folder, env={**os.environ, **env}, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        for line in server.stderr:
            if "running on http://" in line:
                yield line.split("running on ")[1].split()[0]
                break
    finally:
        server.terminate()
        server.communicate(timeout=30)


def ask(url: str, host: str = "oak.localhost") -> tuple[int, str]:
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Host": host}), timeout=30) as answer:
        return answer.status, answer.read().decode()


def test_an_installed_wheel_creates_a_town_and_serves_it(program: Path, tmp_path: Path) -> None:
    env = {"CODESIGN_DATA": str(tmp_path / "data")}
    names = ",".join(name.removeprefix("codesign_") for name in PLUGINS)
    where = run(program.with_name("python"), "-c", "import codesign; print(codesign.__file__)", cwd=tmp_path).strip()
    assert Path(where).is_relative_to(program.parents[1])
    run(program, "municipality", "create", "oak", "--title", "Oak", "--plugins", names, cwd=tmp_path, **env)
    with served(program, tmp_path, env) as url:
        status, page = ask(f"{url}/")
        assert (status, "Oak" in page) == (200, True)
        sheet = page.split('rel="stylesheet" href="')[1].split('"')[0]
        assert ask(f"{url}{sheet}")[0] == 200
        for path in ("/-/health", "/-/ready", "/topics/", *(f"/{name}/" for name in names.split(",") if name)):
            assert ask(f"{url}{path}")[0] == 200
