"""The benchmarks measure what they say they do: the open load, the yardstick, tables and plots, a whole run."""

import json
import re
import socket
import subprocess
import sys
import threading
from inspect import signature
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console
from starlette.testclient import TestClient

from benchmarks.__main__ import main
from benchmarks.bare import bare
from benchmarks.case import Options
from benchmarks.machine import machine
from benchmarks.open_load import request, storm
from benchmarks.place import Place
from benchmarks.plot import LABEL_STEP, plot, ticks
from benchmarks.results import keep, tables
from benchmarks.running import CASES, measured
from tools.get_wrk import find_wrk

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def stubborn() -> Any:
    """A server on loopback that answers nobody before it was asked twenty times."""
    asked = threading.Semaphore(0)
    all_asked = threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            asked.release()
            all_asked.wait(30)
            connection.sendall(b"HTTP/1.1 303 See Other\r\nContent-Length: 2\r\n\r\nok")
            connection.recv(65536)

    def accept(listening: socket.socket) -> None:
        for _connection in range(20):
            threading.Thread(target=answer, args=(listening.accept()[0],), daemon=True).start()
        for _connection in range(20):
            asked.acquire()
        all_asked.set()

    with socket.create_server(("127.0.0.1", 0), backlog=50) as listening:
        threading.Thread(target=accept, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1]


def test_an_open_load_sends_on_schedule_and_counts_from_when_a_request_was_due(stubborn: int) -> None:
    one = request("POST", "/vote", {"Host": "alder.localhost"}, "value=1")
    found = storm(stubborn, iter([one] * 20), rate=40, seconds=0.5)
    assert found.statuses == {303: 20}
    # The first was due 475 ms before the last, and nobody was answered earlier.
    assert max(found.milliseconds) > 450
    assert max(found.milliseconds) - min(found.milliseconds) > 300


def test_an_open_load_tells_of_connections_that_break() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    found = storm(port, iter([request("GET", "/", {"Host": "x"})] * 4), rate=100, seconds=0.04)
    assert found.statuses == {0: 4}


def test_the_yardstick_answers_the_captured_bytes_and_inserts_for_good(tmp_path: Path) -> None:
    (tmp_path / "home.body").write_bytes(b"\x1f\x8b not really gzip")
    (tmp_path / "home.json").write_text(json.dumps({"content-type": "text/plain", "x-content": "kept"}))
    database = tmp_path / "bare.db"
    with TestClient(bare(tmp_path, str(database))) as client:
        answer = client.get("/home")
        told = (answer.content, answer.headers["content-type"], answer.headers["x-content"])
        assert told == (b"\x1f\x8b not really gzip", "text/plain", "kept")
        statuses = [client.post("/insert", follow_redirects=False).status_code for _time in range(3)]
    assert statuses == [303, 303, 303]
    count = [
        sys.executable,
        "-c",
        "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone())",
    ]
    said = subprocess.check_output([*count, str(database), "SELECT count(*) FROM bare"], text=True)
    assert said == "3\n"


def a_load(rate: float, p99: float) -> dict[str, float]:
    return {"rate": rate, "p99": p99, "p50": p99 / 2, "refused": 0}


def a_result() -> dict[str, Any]:
    case = {"case": "home, anonymous", "rate": 12_345.6, "p50": 0.8, "p99": 2.0, "bytes": 4726, "queries": [7, 0],
            "memory": 107.2, "ratio": 1.04, "bare_rate": 11_870.0, "refused": 2, "foreign": 0.4,
            "fragment": ["miss", "hit"], "note": ""}  # fmt: skip
    growth = [
        {"debates": size, "order": order, "page": page, "milliseconds": 10 + len(order) + page / 500}
        for size in (100, 1_000, 100_000)
        for order in ("newest", "voted", "discussed", "random")
        for page in (1, min(1_000, size // 20))
    ]
    return {
        "begun": "2026-05-04T08:00:00+00:00", "database": "sqlite", "start_seconds": 1.23, "cases": [case],
        "machine": {"database": "SQLite 3.40.1", "processors": 2},
        "storm": {"rate": 200, "seconds": 30, "votes": 6000, "statuses": {"303": 6000}, "p50": 5.0, "p99": 90.0,
                  "worst": 120.0, "late": 1.0, "readers_alone": a_load(900, 9), "readers_beside": a_load(750, 19),
                  "slowdown": 1.2, "slowdown_p50": 1.1, "counted": True, "memory": 120.0},
        "import": [{"case": "generated", "rows": 10_500, "seconds": 7.0, "rate": 1_500.0, "peak_memory": 105.0}],
        "fan_out": {"followers": 500_000, "messages": 499_999, "complete": True, "seconds": 55.5,
                    "request_seconds": 0.02, "worker_peak_memory": 110.0, "readers_before": a_load(900, 9),
                    "readers_during": {**a_load(700, 20), "slowest": 500.0},
                    "official": {"messages": 500_000, "notices": 500_001, "complete": True, "seconds": 44.5,
                                 "worker_peak_memory": 111.0, "readers_during": {}},
                    "daily_letters": {"written": 500_002, "seconds": 33.5, "longest_step": 0.205}},
        "letters": {"letters": 5_000, "arrived": 5_000, "different": 5_000, "known_sent": 5_000, "seconds": 20.0,
                    "rate": 250.0, "bytes": 6_026.0, "worker_milliseconds": 2.0, "worker_peak_memory": 93.0},
        "growth": growth,
    }  # fmt: skip


def test_a_kept_result_is_shown_as_tables() -> None:
    console = Console(width=220, record=True, file=StringIO())
    for table in tables(a_result()):
        console.print(table)
    shown = console.export_text()
    for figure in ("12,346", "1.040", "7, then 0", "miss, hit", "2 requests failed; others took 0.4 processors",
                   "1.23 s", "303: 6,000", "5.0, 90.0, 120.0 ms", "1.20 (rate)", "10,500 rows in 7.00 s, 1,500/s, 105 MB",
                   "499,999 of 499,999", "55.5 s", "slowest second 500/s", "5,000 of 5,000", "250, in 20.0 s", "100,000"):  # fmt: skip
        assert figure in shown


def test_a_result_is_kept_as_json_with_the_plot_beside_it(tmp_path: Path) -> None:
    paths = keep(a_result(), tmp_path)
    assert [path.name for path in paths] == ["2026-05-04-sqlite.json", "2026-05-04-sqlite.svg"]
    assert json.loads(paths[0].read_text()) == a_result()
    assert paths[1].read_text().startswith("<svg")


def test_the_plot_says_every_figure_in_words_and_its_labels_do_not_touch() -> None:
    points = a_result()["growth"]
    drawn = ElementTree.fromstring(plot(points, "a caption with <angles> & more"))
    space = "{http://www.w3.org/2000/svg}"
    described = drawn.findtext(f"{space}desc") or ""
    assert described.count("debates,") == len(points)
    assert len(drawn.findall(f"{space}polyline")) == 8
    orders = {"newest", "voted", "discussed", "random"}
    labels = [element for element in drawn.iter(f"{space}text") if element.get("class") in orders]
    heights = sorted(float(label.get("y", 0)) for label in labels)
    assert len(labels) == 8
    assert min(b - a for a, b in pairwise(heights)) >= LABEL_STEP - 0.11
    assert drawn.findtext(f"{space}text[2]") == "a caption with <angles> & more"


def test_the_plot_has_four_to_eight_lines_for_any_figures() -> None:
    for highest in (0.7, 3.0, 8.0, 9.9, 47.0, 116.0, 1200.0):
        step, top = ticks(highest)
        assert 4 <= top / step <= 9
        assert top > highest


def test_a_result_names_neither_the_machine_nor_its_folders(tmp_path: Path) -> None:
    told = json.dumps([machine(Place(tmp_path)), Options(madrid=(str(tmp_path),)).told()])
    assert [name for name in (socket.gethostname(), str(ROOT), str(tmp_path), str(Path.home())) if name in told] == []


def test_every_case_and_every_option_of_the_benchmarks_is_documented() -> None:
    document = (ROOT / "docs" / "performance.md").read_text("utf-8")
    first = [
        name for row in re.findall(r"^\|([^|]*)\|", document, re.MULTILINE) for name in re.findall(r"`(.+?)`", row)
    ]
    assert [name for name in first if name.startswith("--")] == [f"--{name}" for name in signature(main).parameters]
    assert [name for name in first if not name.startswith("--")] == list(CASES)


def test_without_wrk_a_sentence_says_what_to_do(tmp_path: Path) -> None:
    env = {"PATH": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-m", "tools.get_wrk"], env=env, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.count("\n"), done.stderr) == (1, 1, "")
    assert done.stdout.startswith("No wrk, and without it nothing can be measured. Install your system's package")


@pytest.mark.slow
def test_a_whole_run_measures_pages_and_votes(tmp_path: Path) -> None:
    if find_wrk() is None:
        pytest.skip("no wrk: `python -m tools.get_wrk` says how to get it")
    options = Options(debates=30, comments=10_100, users=150, seconds=1, rounds=1, connections=2)
    result = measured(Place(tmp_path), options, ["home", "vote"], lambda sentence: None)
    assert [row["case"] for row in result["cases"]] == ["home, anonymous", "home, signed in", "vote"]
    for row in result["cases"]:
        assert (row["refused"], row["note"], row["rate"] > 0, row["ratio"] > 0) == (0, "", True, True)
