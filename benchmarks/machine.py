"""What a run was measured on, without names of machines or folders."""

import os
import platform
import sqlite3
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from benchmarks.place import Place
from benchmarks.processes import ROOT
from codesign import __version__
from tools.get_wrk import version as wrk_version

LIBRARIES = ("starlette", "uvicorn", "uvloop", "httptools", "jinja2", "sqlalchemy", "psycopg", "pluggy", "anyio")


def machine(place: Place) -> dict[str, Any]:
    return {
        "processors": len(os.sched_getaffinity(0)),
        "model": _first("/proc/cpuinfo", "model name"),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}",
        "python": platform.python_version(),
        "codesign": __version__,
        "libraries": {name: _version(name) for name in LIBRARIES},
        "wrk": wrk_version(),
        "database": database(place),
        **_commit(),
    }


def database(place: Place) -> str:
    if not place.url:
        return f"SQLite {sqlite3.sqlite_version}"
    engine = create_engine(place.url)
    with engine.connect() as connection:
        found = connection.execute(text("SHOW server_version")).scalar_one()
    engine.dispose()
    return f"PostgreSQL {found.split()[0]}"


def _first(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), platform.machine())


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def _commit() -> dict[str, Any]:
    """Of the checkout, when it is one."""
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        return {"commit": commit, "dirty": bool(_git("status", "--porcelain"))}
    except (OSError, subprocess.CalledProcessError):
        return {"commit": "", "dirty": False}


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
