"""Vendored front-end files: compare them with their npm packages, or renew them.

    python tools/vendor.py --check           fetch the named versions again; every byte must agree
    python tools/vendor.py --write           copy the files anew and write their sha256 into vendor.toml
    python tools/vendor.py --check FOLDER    only this folder (default: static/vendor and tests/vendor)

A folder's vendor.toml is the whole truth: a [[package]] for each npm package with name, version, licence
(SPDX) and files: path in the folder = { from = path in the package, sha256 = ... }. To upgrade a package
change its version, to add a file add its line with an empty sha256; then --write. tests/test_vendor.py needs
no npm.
"""

import argparse
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ["static/vendor", "tests/vendor"]
Package = dict[str, Any]


def read_manifest(folder: Path) -> list[Package]:
    """The [[package]] tables of the folder's vendor.toml."""
    packages: list[Package] = tomllib.loads((folder / "vendor.toml").read_text("utf-8"))["package"]
    return packages


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def fetch(package: Package) -> dict[str, bytes]:
    """Vendored path -> the bytes that npm holds for it; npm itself checks what it downloads."""
    wanted = f"{package['name']}@{package['version']}"
    with tempfile.TemporaryDirectory() as temporary:
        packed = subprocess.run(
            ["npm", "pack", "--silent", wanted], cwd=temporary, check=True, text=True, stdout=subprocess.PIPE
        )
        with tarfile.open(Path(temporary) / packed.stdout.strip().splitlines()[-1]) as archive:
            return {path: member(archive, file["from"], wanted) for path, file in package["files"].items()}


def member(archive: tarfile.TarFile, path: str, wanted: str) -> bytes:
    try:
        source = archive.extractfile(f"package/{path}")
    except KeyError:
        source = None
    if source is None:
        raise SystemExit(f"{wanted} has no file {path}. Correct `from` in vendor.toml.")
    return source.read()


def differences(folder: Path, package: Package, fetched: dict[str, bytes]) -> list[str]:
    """One sentence for each file that is not what the package holds."""
    found = []
    for path, data in fetched.items():
        here = folder / path
        if not here.is_file():
            found.append(f"{path} is missing")
        elif here.read_bytes() != data:
            found.append(f"{path} differs from {package['name']} {package['version']}")
        elif package["files"][path]["sha256"] != sha256(data):
            found.append(f"{path} has another sha256 in vendor.toml")
    return found


def renew(folder: Path, package: Package, fetched: dict[str, bytes]) -> None:
    for path, data in fetched.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
        package["files"][path]["sha256"] = sha256(data)


def render(packages: list[Package]) -> str:
    """vendor.toml as text; the standard library only reads TOML."""
    lines = ["# Written by tools/vendor.py: `python tools/vendor.py --write` after a change, see there."]
    for package in packages:
        lines += ["", "[[package]]"]
        lines += [f'{key} = "{package[key]}"' for key in ("name", "version", "licence")]
        lines += ["[package.files]"]
        for path, file in sorted(package["files"].items()):
            lines.append(f'"{path}" = {{ from = "{file["from"]}", sha256 = "{file["sha256"]}" }}')
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="Check or renew the vendored front-end files.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", action="store_true", help="compare every file with its npm package")
    what.add_argument("--write", action="store_true", help="renew files and hashes from the npm packages")
    parser.add_argument("folder", nargs="*", help=f"default: {' '.join(FOLDERS)}")
    options = parser.parse_args()
    wrong = []
    for folder in [Path(name).resolve() for name in options.folder] or [ROOT / name for name in FOLDERS]:
        packages = read_manifest(folder)
        for package in packages:
            fetched = fetch(package)
            if options.write:
                renew(folder, package, fetched)
            wrong += differences(folder, package, fetched)
        if options.write:
            (folder / "vendor.toml").write_text(render(packages), "utf-8")
        print(f"{folder.name}: {len(packages)} packages, {sum(len(p['files']) for p in packages)} files")
    print("\n".join(wrong) if wrong else "every file agrees with its package")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
