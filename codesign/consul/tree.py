"""Who replies to whom: every comment gets its level, so that none is stored before the one it replies to."""

from collections.abc import Iterator

from codesign.consul.bench import SOURCE, Bench, counted
from codesign.core.origins import known

MANY = 500
LISTED = 1000
"""Lines that one note names at most."""


def plant(bench: Bench) -> None:
    """A reply to itself, to something on another page, or to one that is not there opens a branch of its own."""
    _cut(bench, "comment WHERE parent = id", "names itself as the comment it replies to")
    _cut(bench, "stray", "replies to a comment on something else")
    _look_outside(bench)
    bench.rows.execute("UPDATE comment SET level = 0 WHERE parent IS NULL")
    bench.rows.execute("UPDATE comment SET level = 0 WHERE position IN (SELECT position FROM orphan)")
    _grow(bench)
    for position in _cycles(bench):
        _cut(bench, f"comment WHERE position = {position}", "replies, over others, to itself")
        bench.rows.execute("UPDATE comment SET level = 0 WHERE position = ?", (position,))
    _grow(bench)


def _cut(bench: Bench, which: str, reason: str) -> None:
    found = bench.rows.execute(f"SELECT position, file, line FROM {which} ORDER BY position")  # noqa: S608 - own words
    for _position, file, line in found:
        bench.notes.add(f"{file} line {line}: the comment {reason}; it opens a branch of its own now.")
    bench.rows.execute(f"UPDATE comment SET parent = NULL, lost = 1 WHERE position IN (SELECT position FROM {which})")  # noqa: S608


def _look_outside(bench: Bench) -> None:
    """Parents that the files do not hold may have come with an earlier import."""
    query = "SELECT position, parent, file, line FROM orphan WHERE position > ? ORDER BY position LIMIT ?"
    lines: dict[str, list[int]] = {}
    last = 0
    while found := bench.rows.execute(query, (last, MANY)).fetchall():
        last = found[-1][0]
        with bench.job.write() as db:
            earlier = known(db, SOURCE, "comment", (str(parent) for _position, parent, _file, _line in found))
        for position, parent, file, line in found:
            if str(parent) not in earlier:
                bench.rows.execute("UPDATE comment SET lost = 1, parent = NULL WHERE position = ?", (position,))
                lines.setdefault(file, []).append(line)
    for file, orphans in lines.items():
        number = counted(len(orphans), "comment")
        bench.notes.add(
            f"{file}: {number} in reply to one that the export does not hold, now first in a branch: {_listed(orphans)}."
        )


def _listed(lines: list[int]) -> str:
    more = f" and {len(lines) - LISTED:,} more" if len(lines) > LISTED else ""
    return f"line{'s'[: len(lines) - 1]} {', '.join(map(str, lines[:LISTED]))}{more}"


def _grow(bench: Bench) -> None:
    """Level by level. The plus keeps SQLite from the index on levels, which would cost a look at all that remain."""
    step = (
        "UPDATE comment SET level = :level + 1"
        " WHERE +level IS NULL AND parent IN (SELECT id FROM comment WHERE level = :level)"
    )
    level = 0
    while bench.rows.execute(step, {"level": level}).rowcount:
        level += 1


def _cycles(bench: Bench) -> Iterator[int]:
    """The place of the first comment in the file of each ring of comments that reply to one another."""
    query = (
        "SELECT position FROM comment WHERE level IS NULL AND walk IS NULL AND position > ? ORDER BY position LIMIT 1"
    )
    above = "SELECT p.position, p.walk FROM comment c JOIN comment p ON p.id = c.parent WHERE c.position = ?"
    start = 0
    while found := bench.rows.execute(query, (start,)).fetchone():
        start = here = found[0]
        walk = None
        while walk is None:
            bench.rows.execute("UPDATE comment SET walk = ? WHERE position = ?", (start, here))
            here, walk = bench.rows.execute(above, (here,)).fetchone()
        if walk == start:
            first, onward = here, bench.rows.execute(above, (here,)).fetchone()[0]
            while onward != here:
                first, onward = min(first, onward), bench.rows.execute(above, (onward,)).fetchone()[0]
            yield first
