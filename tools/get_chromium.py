"""Get a Chromium for the browser tests, unless there is one: `python -m tools.get_chromium`.

First the npm package @sparticuz/chromium (x86-64 Linux; 70 MB to fetch, 210 MB in .cache/), which runs
without node; else, for root on Debian, the package chromium. Says in one line what there is; exit code 1 when
there is none.
"""

import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from tests.servers.chromium import CACHE, VERSION, Browser, find_chromium, unpacked

FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir></fontconfig>
"""  # the package's own names folders of another machine


def main() -> int:
    try:
        browser, reasons = get_chromium()
        if browser is not None:
            print(f"Chromium: {version(browser)}, {browser.executable}")
            return 0
    except (OSError, subprocess.SubprocessError) as error:
        reasons = [str(error)]
    print(f"No Chromium: {'; '.join(reasons)}")
    return 1


def get_chromium() -> tuple[Browser | None, list[str]]:
    """The browser that is there or could be got, and why other ways failed."""
    browser, reasons = find_chromium(), []
    for attempt in (get_from_npm, get_from_debian):
        if browser is None:
            try:
                browser = attempt()
            except (OSError, ImportError, subprocess.SubprocessError, tarfile.TarError) as error:
                reasons.append(f"{attempt.__name__.replace('_', ' ')}: {error}")
    return browser, reasons


def version(browser: Browser) -> str:
    """What the browser calls itself, once it has truly started; raises SubprocessError when it does not.

    It has started when it says on which port it listens; with --dump-dom the browser of npm never ends.
    """
    program = [str(browser.executable), "--headless", *browser.args]
    env = {**os.environ, **browser.env}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        listen = ["--remote-debugging-port=0", f"--user-data-dir={profile}"]
        with subprocess.Popen([*program, *listen], env=env, stderr=subprocess.PIPE, text=True) as running:
            too_long = threading.Timer(60, running.kill)
            too_long.start()
            assert running.stderr is not None
            started = any("DevTools listening" in line for line in running.stderr)
            too_long.cancel()
            running.kill()
    if not started:
        raise subprocess.SubprocessError(f"{browser.executable} ended without having listened")
    return subprocess.check_output([*program, "--version"], env=env, timeout=60, text=True).strip()


def get_from_npm() -> Browser:
    """Unpacked beside its place and renamed when it has started, so that a half browser is never found."""
    if platform.machine() not in ("x86_64", "AMD64") or sys.platform != "linux":
        raise OSError("@sparticuz/chromium is for x86-64 Linux only")
    CACHE.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE.parent, prefix="getting-") as temporary:
        folder = Path(temporary) / "chromium"
        folder.mkdir()
        with packed(Path(temporary)) as archive:
            for name in ("chromium", "al2023.tar", "fonts.tar", "swiftshader.tar"):
                unpack(archive, name, folder)
        (folder / "fonts.conf").write_text(FONTS)
        version(unpacked(folder))
        if not CACHE.exists():
            folder.rename(CACHE)
    return unpacked(CACHE)


@contextmanager
def packed(folder: Path) -> Iterator[tarfile.TarFile]:
    """The npm package as it is published; `npm install` would choose another version for an older node."""
    if shutil.which("npm") is None:
        raise OSError("npm is not installed")
    command = ["npm", "pack", "--silent", f"@sparticuz/chromium@{VERSION}"]
    done = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True)
    with tarfile.open(folder / done.stdout.strip().splitlines()[-1]) as archive:
        yield archive


def unpack(archive: tarfile.TarFile, name: str, folder: Path) -> None:
    """One of the package's bin/*.br: a program, or a tar of files."""
    brotli = import_module("brotli")  # needed here alone, and without types
    source = archive.extractfile(f"package/bin/{name}.br")
    assert source is not None
    data: bytes = brotli.decompress(source.read())
    if name.endswith(".tar"):
        with tarfile.open(fileobj=io.BytesIO(data)) as inner:
            inner.extractall(folder, filter="data")
    else:
        (folder / name).write_bytes(data)
        (folder / name).chmod(0o755)


def get_from_debian() -> Browser:
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise OSError("Debian's chromium can be installed only by root on Debian")
    install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(install, check=True, stdout=subprocess.DEVNULL, env=env)
    browser = find_chromium()
    if browser is None:
        raise OSError("apt-get installed chromium, but no browser was found")
    return browser


if __name__ == "__main__":
    sys.exit(main())
