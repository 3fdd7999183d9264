"""Get wrk, the load tool of the benchmarks, unless it is there: `python -m tools.get_wrk`.

For root on Debian the package wrk. Says in one line what there is, or what to do; exit code 1 when there is none.
"""

import os
import shutil
import subprocess
import sys

ADVICE = (
    "No wrk, and without it nothing can be measured. Install your system's package (Debian, Ubuntu: apt-get install wrk;"
    " macOS: brew install wrk), or put a wrk 4 on the PATH or into CODESIGN_WRK."
)


def main() -> int:
    program = find_wrk()
    if program is None and (reason := get_from_debian()):
        print(f"{ADVICE} ({reason})")
        return 1
    print(f"wrk: {version()}, {find_wrk()}")
    return 0


def find_wrk() -> str | None:
    """CODESIGN_WRK, else the one on the PATH."""
    return os.environ.get("CODESIGN_WRK") or shutil.which("wrk")


def version() -> str:
    """What it calls itself: `debian/4.1.0-3+b2`."""
    program = find_wrk()
    if program is None:
        return "none"
    said = subprocess.run([program, "-v"], capture_output=True, text=True, check=False)  # its exit code is 1
    words = (said.stdout + said.stderr).split()
    return words[1] if len(words) > 1 else "unknown"


def get_from_debian() -> str:
    """Install Debian's package. Returns why that did not work, or ""."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return "Debian's wrk can be installed only by root on Debian."
    install = ["apt-get", "install", "-y", "--no-install-recommends", "wrk"]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(install, stdout=subprocess.DEVNULL, env=env, check=False)
    return "" if done.returncode == 0 and find_wrk() else f"apt-get ended with {done.returncode}."


if __name__ == "__main__":
    sys.exit(main())
