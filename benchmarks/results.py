"""A run's figures: kept as JSON beside the plot, shown as tables."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.plot import plot

FOLDER = Path(__file__).parent / "results"
FORMAT = 1
NOISY = 0.15
"""Processors that other programs took; above it a figure says more about them."""


def keep(result: dict[str, Any], folder: Path, quick: bool = False) -> list[Path]:
    """Write `<date>-<database>.json`, and the plot beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{result['begun'][:10]}-{result['database']}{'-quick' if quick else ''}"
    written = [folder / f"{stem}.json"]
    written[0].write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    if result.get("growth"):
        written.append(folder / f"{stem}.svg")
        written[1].write_text(drawn(result))
    return written


def drawn(result: dict[str, Any]) -> str:
    machine = result["machine"]
    return plot(
        result["growth"],
        f"Median with one connection, signed in, no cache. {machine['database']}, {machine['processors']} processors, "
        f"{result['begun'][:10]}",
    )


def tables(result: dict[str, Any]) -> Iterator[Table]:
    """Only those that there are figures for."""
    if result.get("cases"):
        yield _cases(result)
    pairs: dict[str, dict[str, str]] = {
        "Start": _start(result), "Vote storm": _storm(result.get("storm") or {}),
        "Import": _imports(result.get("import") or []), "Fan-out": _fan_out(result.get("fan_out") or {}),
        "Letters": _letters(result.get("letters") or {}),
        "Open streams": _live(result.get("live") or {}),
    }  # fmt: skip
    for title, lines in pairs.items():
        if lines:
            table = Table("what", "figure", title=title, title_justify="left")
            for name, value in lines.items():
                table.add_row(name, value)
            yield table
    if result.get("growth"):
        yield _growth(result["growth"])


def _cases(result: dict[str, Any]) -> Table:
    fragments = any(said != "-" for row in result["cases"] for said in row["fragment"])
    heads = ["case", "requests/s", "p50 ms", "p99 ms", "bytes", "queries", "MB", "ratio to bare", "bare requests/s"]
    table = Table(*heads[:1], title=f"{result['machine']['database']}, one worker", title_justify="left")
    for head in [*heads[1:], *(["fragment"] if fragments else []), "remarks"]:
        table.add_column(head, justify="left" if head in ("fragment", "remarks") else "right")
    for row in result["cases"]:
        cells = [
            row["case"], f"{row['rate']:,.0f}", f"{row['p50']:.1f}", f"{row['p99']:.1f}", f"{row['bytes']:,.0f}",
            ", then ".join(map(str, row["queries"])), f"{row['memory']:.0f}", f"{row['ratio']:.{3 if row['ratio'] > 0.1 else 4}f}",
            f"{row['bare_rate']:,.0f}",
        ]  # fmt: skip
        table.add_row(*cells, *([", ".join(row["fragment"])] if fragments else []), _remarks(row))
    return table


def _remarks(row: dict[str, Any]) -> str:
    found = [row["note"]]
    if row["refused"]:
        found.append(f"{row['refused']} requests failed")
    if row["foreign"] > NOISY:
        found.append(f"others took {row['foreign']:.1f} processors")
    return "; ".join(filter(None, found))


def _start(result: dict[str, Any]) -> dict[str, str]:
    return {"start to first page": f"{result['start_seconds']:.2f} s"} if result.get("start_seconds") else {}


def _storm(found: dict[str, Any]) -> dict[str, str]:
    if not found:
        return {}
    alone, beside = found["readers_alone"], found["readers_beside"]
    return {
        "votes": f"{found['votes']:,} in {found['seconds']} s, {found['rate']} a second on schedule",
        "answers by status": ", ".join(f"{status}: {count:,}" for status, count in found["statuses"].items()),
        "p50, p99, worst of a vote": f"{found['p50']:.1f}, {found['p99']:.1f}, {found['worst']:.1f} ms",
        "schedule kept within": f"{found['late']:.1f} ms",
        "readers alone": f"{alone['rate']:,.0f}/s, p99 {alone['p99']:.1f} ms",
        "readers beside": f"{beside['rate']:,.0f}/s, p99 {beside['p99']:.1f} ms",
        "readers slowed by": f"{found['slowdown']:.2f} (rate), {found['slowdown_p50']:.2f} (p50)",
        "counters equal rows": "yes" if found["counted"] else "NO",
        "memory afterwards": f"{found['memory']:.0f} MB",
    }


def _imports(found: list[dict[str, Any]]) -> dict[str, str]:
    return {
        one["case"]: f"{one['rows']:,} rows in {one['seconds']:.2f} s, {one['rate']:,.0f}/s{_peak(one)}"
        for one in found
    }


def _peak(one: dict[str, Any]) -> str:
    """Nothing for what was not a process of its own."""
    return f", {one['peak_memory']:.0f} MB" if one["peak_memory"] else ""


def _fan_out(found: dict[str, Any]) -> dict[str, str]:
    if not found:
        return {}
    before = found["readers_before"]
    lines = {
        "told of the conclusion": f"{found['messages']:,} of {found['followers'] - 1:,} (the author is not told)",
        "request that closes the debate": f"{found['request_seconds'] * 1e3:.0f} ms",
        **_told("conclusion", found),
        "readers before": f"{before['rate']:,.0f}/s, p99 {before['p99']:.1f} ms",
    }
    if official := found.get("official"):
        lines["letters of an official answer"] = f"{official['messages']:,}"
        lines |= _told("answer", official)
    if letters := found.get("daily_letters"):
        longest = f"longest step {letters['longest_step'] * 1e3:.0f} ms"
        lines["daily letters written"] = f"{letters['written']:,} in {letters['seconds']:.1f} s, {longest}"
    return lines


def _told(what: str, found: dict[str, Any]) -> dict[str, str]:
    notices = f", {found['notices']:,} notices in all" if "notices" in found else ""
    whole = "" if found["complete"] else ", NOT COMPLETE"
    lines = {
        f"{what}: until all are told": f"{found['seconds']:.1f} s{notices}{whole}",
        f"{what}: peak memory of the worker": f"{found['worker_peak_memory']:.0f} MB",
    }
    if during := found["readers_during"]:
        slowest = f"slowest second {during['slowest']:,.0f}/s, worst p99 {during['p99']:.1f} ms"
        lines[f"{what}: readers during"] = f"{during['rate']:,.0f}/s, {slowest}"
    return lines


def _letters(found: dict[str, Any]) -> dict[str, str]:
    if not found:
        return {}
    whole = found["arrived"] == found["different"] == found["known_sent"] == found["letters"]
    return {
        "letters taken by the mail server": f"{found['arrived']:,} of {found['letters']:,}"
        + ("" if whole else ", WRONG"),
        "letters a second": f"{found['rate']:,.0f}, in {found['seconds']:.1f} s",
        "processor time of the worker for a letter": f"{found['worker_milliseconds']:.2f} ms",
        "bytes of a letter": f"{found['bytes']:,.0f}",
        "peak memory of the worker": f"{found['worker_peak_memory']:.0f} MB",
    }


def _live(found: dict[str, Any]) -> dict[str, str]:
    if not found:
        return {}
    return {
        "open streams on one worker": f"{found['open']:,} of {found['streams']:,}, opened in {found['opening_seconds']:.1f} s",
        "memory of the server for each": f"{found['kilobytes_each']:.0f} kB",
        "p50, p99, worst from commit to tab, all told at once": (
            f"{found['p50']:.0f}, {found['p99']:.0f}, {found['worst']:.0f} ms"
        ),
        "p50, worst, one person told": f"{found['one_p50']:.0f}, {found['one_worst']:.0f} ms",
    }


def _growth(points: list[dict[str, Any]]) -> Table:
    table = Table("debates", title="Milliseconds of one list page (one connection)", title_justify="left")
    columns = list(dict.fromkeys((point["order"], point["page"] > 1) for point in points))
    for order, far in columns:
        table.add_column(f"{order}, {'far' if far else 'first'}", justify="right")
    for size in sorted({point["debates"] for point in points}):
        own = {(p["order"], p["page"] > 1): p["milliseconds"] for p in points if p["debates"] == size}
        table.add_row(f"{size:,}", *(f"{own[column]:.1f}" if column in own else "" for column in columns))
    return table
