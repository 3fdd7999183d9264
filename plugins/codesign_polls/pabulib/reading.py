"""Pabulib files: elections as published by cities, in three sections of semicolon-separated lines.

    META                        PROJECTS                         VOTES
    key;value                   project_id;cost;votes;name       voter_id;vote;points
    vote_type;approval          7;15000;812;A bench              3;7,12;

The format is described at pabulib.org (Faliszewski et al., "Participatory Budgeting: Data, Tools and Analysis", 2023).
What cannot be read is told with its line, and reading goes on.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTIONS = ("META", "PROJECTS", "VOTES")
NEEDED = {"PROJECTS": ("project_id",), "VOTES": ("vote",)}
LONGEST_LINE = 1_000_000
TOLD_AT_MOST = 50
VOTE_TYPES = ("approval", "choose-1", "ordinal", "cumulative")
Ballot = tuple[tuple[int, ...], tuple[int, ...]]
"""The projects a voter names, by their place in the file and in the voter's order; and their points, if any."""


@dataclass
class Project:
    id: str
    name: str
    cost: str
    votes: int | None
    """What the file says it got."""


@dataclass
class Election:
    path: Path
    meta: dict[str, str] = field(default_factory=dict)
    projects: list[Project] = field(default_factory=list)
    ballots: list[Ballot] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """Lines that were left out, as sentences."""
    fault_count: int = 0

    @property
    def vote_type(self) -> str:
        return self.meta.get("vote_type", "").casefold()

    def tell(self, line: int, sentence: str) -> None:
        self.fault_count += 1
        if len(self.faults) < TOLD_AT_MOST:
            self.faults.append(f"{self.path.name} line {line}: {sentence}")


class NotPabulib(Exception):
    """This file is no election that can be taken in; the message says why."""


def read_election(path: Path) -> Election:
    """Raises NotPabulib when a section or what it needs is missing, and OSError."""
    election = Election(path)
    places: dict[str, int] = {}
    section, columns = "", list[str]()
    for line, cells in _rows(election):
        name = cells[0].strip().upper() if len(cells) == 1 or not any(cells[1:]) else ""
        if name in SECTIONS:
            section, columns = name, []
        elif not section:
            raise NotPabulib(f"{path.name} does not begin with the word META: it is no Pabulib file.")
        elif not columns:
            columns = [cell.strip().casefold() for cell in cells]
            _require_columns(election, section, columns)
        elif any(columns.index(name) >= len(cells) for name in NEEDED.get(section, ())):
            election.tell(
                line, f"the row has {len(cells)} cells where the section has {len(columns)}; it was left out."
            )
        else:
            _take(election, section, dict(zip(columns, cells, strict=False)), line, places)
    _require_whole(election)
    return election


def _rows(election: Election) -> Iterator[tuple[int, list[str]]]:
    with election.path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.reader(_short(election, file), delimiter=";")
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                election.tell(reader.line_num, f"this is no row of cells ({error}); it was left out.")
                continue
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells


def _short(election: Election, file: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(file, 1):
        if len(line) <= LONGEST_LINE:
            yield line.replace("\0", "")
        else:
            election.tell(number, "the line is too long; it was left out.")


def _require_columns(election: Election, section: str, columns: list[str]) -> None:
    missing = [name for name in NEEDED.get(section, ()) if name not in columns]
    if missing:
        raise NotPabulib(f"{election.path.name}: the section {section} has no column {' and '.join(missing)}.")


def _require_whole(election: Election) -> None:
    name = election.path.name
    if election.vote_type not in VOTE_TYPES:
        told = election.meta.get("vote_type")
        raise NotPabulib(f"{name}: votes of the type {told!r} cannot be read; known are {', '.join(VOTE_TYPES)}.")
    if not election.projects:
        raise NotPabulib(f"{name} has no projects.")


def _take(election: Election, section: str, row: dict[str, str], line: int, places: dict[str, int]) -> None:
    if section == "META":
        values = list(row.values())
        election.meta[values[0].strip().casefold()] = values[1].strip() if len(values) > 1 else ""
    elif section == "PROJECTS":
        _take_project(election, row, line, places)
    else:
        _take_ballot(election, row, line, places)


def _take_project(election: Election, row: dict[str, str], line: int, places: dict[str, int]) -> None:
    id = row["project_id"].strip()
    if not id or id in places:
        election.tell(line, f"the project {id or 'without an id'} is there twice or has no id; it was left out.")
        return
    votes = row.get("votes", "").strip()
    known = int(votes) if votes.isascii() and votes.isdecimal() and len(votes) < 10 else None
    places[id] = len(election.projects)
    name = " ".join(row.get("name", "").split())
    election.projects.append(Project(id, name, row.get("cost", "").strip(), known))


def _take_ballot(election: Election, row: dict[str, str], line: int, places: dict[str, int]) -> None:
    named = [id.strip() for id in row["vote"].split(",") if id.strip()]
    unknown = [id for id in named if id not in places]
    if unknown or len(set(named)) != len(named):
        what = f"names {unknown[0]}, which is no project" if unknown else "names a project twice"
        election.tell(line, f"the vote {what}; it was left out.")
        return
    points = _points(row.get("points", "")) if election.vote_type == "cumulative" else ()
    if (
        points is None
        or (points and len(points) != len(named))
        or (election.vote_type == "cumulative" and named and not points)
    ):
        election.tell(line, "the points do not fit the projects of the vote; it was left out.")
        return
    if election.vote_type == "choose-1" and len(named) > 1:
        election.tell(line, "the vote names more than one project where one can be chosen; it was left out.")
        return
    election.ballots.append((tuple(places[id] for id in named), points))


def _points(text: str) -> tuple[int, ...] | None:
    """None when a number is none."""
    numbers = [number.strip() for number in text.split(",") if number.strip()]
    if any(not number.isascii() or not number.isdecimal() or len(number) > 9 for number in numbers):
        return None
    return tuple(map(int, numbers))
