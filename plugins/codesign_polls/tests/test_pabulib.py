"""Pabulib elections arrive as counted polls, and every vote of the file is found again."""

import os
import random
import re
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from codesign.municipalities import import_from
from codesign.testing import Town
from codesign.types import ImportReport, Refused
from codesign_polls.definition import Method, definition_of
from codesign_polls.outcome import outcome_of
from codesign_polls.pabulib.reading import NotPabulib, read_election
from codesign_polls.pabulib.recounting import differences
from codesign_polls.polls import Poll, PublishedBox
from codesign_polls.published import unpacked
from codesign_polls.verifying import recount

ROOT = Path(__file__).resolve().parents[3]
BALLOTS, OPTIONS = 108_499, 220
"""As many as the largest election of the collection that was measured."""


def election(vote_type: str, votes: list[str], columns: str = "voter_id;vote", **meta: str) -> str:
    """A file with three projects that got 2, 1 and 0 votes, unless the test says otherwise."""
    told = {"description": "Green budget", "vote_type": vote_type, "date_begin": "01.03.2020", "date_end": "09.03.2020"}
    lines = ["META", "key;value", *(f"{name};{value}" for name, value in {**told, **meta}.items())]
    lines += ["PROJECTS", "project_id;cost;votes;name", '7;100;2;"A bench; by the river"']
    return "\n".join([*lines, "12;250;1;Trees", "9;30;0;Swings", "VOTES", columns, *votes]) + "\n"


def bring(town: Town, path: Path) -> ImportReport:
    return import_from(town.world.site, "pabulib", path, town.slug, lambda _noun, _done, _total: None)


def written(folder: Path, text: str, name: str = "town_2020.pb") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(text.encode())
    return folder / name


KINDS = {
    "approval": (["1;7,12", "2;7", "3;"], Method.MULTIPLE, (2, 1, 0)),
    "choose-1": (["1;7", "2;12", "3;7"], Method.SINGLE, (2, 1, 0)),
    "ordinal": (["1;12,7", "2;7", "3;"], Method.RANKED, (2, 1, 0)),
}


@pytest.mark.parametrize("vote_type", KINDS)
def test_an_election_becomes_a_closed_counted_and_published_poll(alder: Town, tmp_path: Path, vote_type: str) -> None:
    alder.enable("polls")
    votes, method, _counts = KINDS[vote_type]
    report = bring(alder, written(tmp_path / "e", election(vote_type, votes)))
    assert report.imported == {"polls": 1, "options": 3, "ballots": 3}
    assert (list(report.skipped), list(report.notes)) == (
        [], ["town_2020.pb: recounted 3 options, none differ from the file."],
    )  # fmt: skip
    with alder.read() as db:
        poll = db.scalars(select(Poll)).one()
        [question] = definition_of(poll.definition).questions
        outcome = outcome_of(poll)
        assert outcome is not None
        assert (poll.title, poll.voter_count, question.method, poll.author_id) == ("Green budget", 3, method, None)
        assert [(option.title, option.source) for option in question.options] == [
            ("A bench; by the river", "7"), ("Trees", "12"), ("Swings", "9"),
        ]  # fmt: skip
        found = recount(unpacked(db.get_one(PublishedBox, poll.id).packed))
        assert (found.problems, found.tallies) == ([], [outcome.tally(0)])


def test_points_are_summed_and_votes_are_the_ballots_that_give_any(alder: Town, tmp_path: Path) -> None:
    alder.enable("polls")
    text = election("cumulative", ["1;7,12;3,2", "2;7;5"], "voter_id;vote;points", max_sum_points="5")
    assert list(bring(alder, written(tmp_path / "e", text)).notes)[-1].endswith("none differ from the file.")
    with alder.read() as db:
        outcome = outcome_of(db.scalars(select(Poll)).one())
        tally = outcome.tally(0) if outcome else None
        assert tally is not None and tally.totals == (8, 2, 0)


def test_a_second_run_changes_nothing(alder: Town, tmp_path: Path) -> None:
    alder.enable("polls")
    written(tmp_path / "e", election("approval", ["1;7"]))
    bring(alder, tmp_path / "e")
    again = bring(alder, tmp_path / "e")
    assert (again.imported, again.unchanged) == ({}, {"polls": 1})
    with alder.read() as db:
        assert db.scalars(select(func.count()).select_from(Poll)).one() == 1


def test_votes_that_differ_from_the_column_are_told_one_by_one(alder: Town, tmp_path: Path) -> None:
    alder.enable("polls")
    notes = list(bring(alder, written(tmp_path / "e", election("approval", ["1;7"]))).notes)
    assert notes == [
        "town_2020.pb: recounted 3 options, 2 differ from the file.",
        "town_2020.pb: project 7 has 2 votes in the file, 1 in its ballots.",
        "town_2020.pb: project 12 has 1 votes in the file, 0 in its ballots.",
    ]


def test_broken_lines_are_told_with_their_number_and_the_rest_arrives(alder: Town, tmp_path: Path) -> None:
    alder.enable("polls")
    votes = ["1;7", "2;99", "3;7,7", "4;7,12", ""]
    report = bring(alder, written(tmp_path / "e", "\ufeff" + election("approval", votes).replace("\n", "\r\n")))
    assert report.imported["ballots"] == 2
    assert list(report.skipped) == [
        "town_2020.pb line 15: the vote names 99, which is no project; it was left out.",
        "town_2020.pb line 16: the vote names a project twice; it was left out.",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no projects|cannot be read"),
        ("hello\n", "does not begin with the word META"),
        ("META\nkey;value\nvote_type;approval\n", "has no projects"),
        ("META\nkey;value\nvote_type;lottery\nPROJECTS\nproject_id\n7\n", "cannot be read; known are"),
        ("META\nkey;value\nPROJECTS\nname;cost\n", "has no column project_id"),
        ("META\nkey;value\nvote_type;approval\nPROJECTS\nproject_id\n7\nVOTES\nvoter_id\n1\n", "has no column vote"),
    ],
)
def test_what_is_no_election_is_refused_with_a_sentence(alder: Town, tmp_path: Path, text: str, sentence: str) -> None:
    alder.enable("polls")
    with pytest.raises(Refused, match=sentence):
        bring(alder, written(tmp_path / "e", text))
    with pytest.raises(Refused, match=r"holds no \.pb file"):
        (tmp_path / "empty").mkdir()
        bring(alder, tmp_path / "empty")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=30), max_size=12))
def test_no_file_brings_reading_to_a_fall(tmp_path: Path, lines: list[str]) -> None:
    file = tmp_path / "any.pb"
    file.write_text(election("approval", lines), encoding="utf-8")
    with suppress(NotPabulib):
        read_election(file)


@pytest.mark.slow
def test_in_every_given_file_the_recounted_votes_equal_its_column(shared_data: Path) -> None:
    files = sorted((shared_data / "shared-only" / "pabulib").rglob("*.pb"))
    if not files:
        pytest.skip("the collection of elections is not beside this checkout")
    for file in files:
        found = read_election(file)
        assert (differences(found), found.faults) == ([], []), file.name
        assert (len(found.ballots), len(found.projects)) == (
            int(found.meta["num_votes"]), int(found.meta["num_projects"]),
        )  # fmt: skip


@pytest.mark.slow
def test_every_given_file_arrives(alder: Town, shared_data: Path) -> None:
    """All but the largest, which the command itself imports below."""
    alder.enable("polls")
    folder = shared_data / "shared-only" / "pabulib"
    small = [file for file in sorted(folder.rglob("*.pb")) if file.stat().st_size < 100_000]
    if not small:
        pytest.skip("the collection of elections is not beside this checkout")
    for file in small[::4]:
        report = bring(alder, file)
        assert (
            list(report.skipped),
            [note for note in report.notes if "recounted" in note and "none" not in note],
        ) == ([], [])


def command(town: Town, path: Path) -> "subprocess.Popen[bytes]":
    kept = town.world.settings
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}", "CODESIGN_DATA": str(kept.data)}
    environment |= {"CODESIGN_DATABASE": kept.database, "CODESIGN_SECRET": "for tests only"}
    line = [sys.executable, "-m", "codesign", "import", "pabulib", str(path), "--municipality", town.slug]
    return subprocess.Popen(line, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


@pytest.mark.slow
def test_the_largest_election_stays_within_500_megabytes(alder: Town, tmp_path: Path) -> None:
    alder.enable("polls")
    chance = random.Random(7)
    choices = [min(int(chance.expovariate(0.03)), OPTIONS - 1) for _ in range(BALLOTS)]
    lines = [
        "META",
        "key;value",
        "description;A city decides",
        "vote_type;choose-1",
        "PROJECTS",
        "project_id;votes;name",
    ]
    lines += [f"{place};{choices.count(place)};Project {place}" for place in range(OPTIONS)]
    lines += ["VOTES", "voter_id;vote", *(f"{voter};{choice}" for voter, choice in enumerate(choices))]
    file = written(tmp_path / "e", "\n".join(lines) + "\n")
    peak = 0
    with command(alder, file) as process:
        while process.poll() is None:
            status = Path(f"/proc/{process.pid}/status")
            found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
            peak = max(peak, int(found[1]) // 1024 if found else 0)
            time.sleep(0.05)
        said = process.stdout.read().decode() if process.stdout else ""
    assert process.returncode == 0 and f"imported: 1 polls, {OPTIONS} options, {BALLOTS} ballots" in said
    assert "recounted 220 options, none differ" in said
    assert 0 < peak < 500


@pytest.mark.slow
def test_a_killed_import_leaves_whole_polls_only_and_goes_on(alder: Town, tmp_path: Path) -> None:
    alder.enable("polls")
    for place in range(40):
        written(tmp_path / "e", election("approval", ["1;7,12", "2;7"]), f"town_{place:02}.pb")
    with command(alder, tmp_path / "e") as process:
        while process.poll() is None and not stored(alder):
            time.sleep(0.01)
        process.kill()
    before = stored(alder)
    with alder.read() as db:
        whole = select(func.count()).select_from(Poll).join(PublishedBox, PublishedBox.poll_id == Poll.id)
        assert db.scalars(whole).one() == before
    report = bring(alder, tmp_path / "e")
    assert (report.unchanged.get("polls", 0), stored(alder)) == (before, 40)


def stored(town: Town) -> int:
    with town.read() as db:
        return db.scalars(select(func.count()).select_from(Poll)).one()
