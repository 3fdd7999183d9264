"""Exports as they really come: every row arrives, or the report says with file and line why not."""

import csv
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from codesign.consul.markdown import markdown_of
from codesign.consul.reading import open_table, rows
from codesign.core.comments import Comment
from codesign.core.contributions import Contribution
from codesign.markup import plain, sanitise
from codesign.testing import Town
from tests.consul.exports import (
    COMMENTS,
    DEBATED,
    comment,
    debate,
    folder,
    holdings,
    proposal,
    recount,
    run,
    table,
)

Files = dict[str, object]
ONE = [proposal(1)]
HEADER = "id,parentId,proposalId,userId,date,time,text,numPositiveVotes,numNegativeVotes\n"
BOM = b"\xef\xbb\xbf"


@pytest.fixture
def world_place(sqlite_template: Path, tmp_path: Path) -> tuple[Path, str]:
    """Reading does not depend on the database: SQLite is enough for most tests here."""
    shutil.copytree(sqlite_template, tmp_path / "data")
    return tmp_path / "data", ""


def line(id: object, text: str = "So it is", parent: object = -1, item: object = 1, **changes: object) -> str:
    cells = {"user": 8, "date": "2016-03-01", "time": "10:00", "agree": 1, "disagree": 0, **changes}
    return f"{id},{parent},{item},{cells['user']},{cells['date']},{cells['time']},{text},{cells['agree']},{cells['disagree']}\n"


LEFT_OUT = {
    "a wrong date": (line(2, date="2015-13-40"), "line 2: the date '2015-13-40 10:00' is no date; the row was left out."),
    "no date": (line(2, date=""), "line 2: the date '' is no date; the row was left out."),
    "an hour that no day has": (line(2, time="29:00"), "line 2: the date '2016-03-01 29:00' is no date; the row was left out."),
    "a date to come": (
        line(2, date="2099-01-01"),
        "line 2: the date '2099-01-01' lies in the future or too far in the past; the row was left out.",
    ),
    "an id that is no number": (line("two"), "line 2: the id 'two' is no number; the row was left out."),
    "an endless id": (line("9" * 60), f"line 2: the id '{'9' * 39}…' is no number; the row was left out."),
    "no id": (line(""), "line 2: the id '' is no number; the row was left out."),
    "an id that is there twice": (
        line(2, "first") + line(2, "second"),
        "line 3: the id 2 was there before, in comments.csv line 2; the row was left out.",
    ),
    "an unknown proposal": (
        line(2, item=99), "line 2: the proposal 99 was not imported, so the comment was left out.",
    ),
    "too few cells": ("2,1,1\n", "line 2: the row has 3 cells where the first line has 9; it was left out."),
    "too many cells": (
        line(2, "so, it is"), "line 2: the row has 10 cells where the first line has 9; it was left out.",
    ),
    "a giant cell": (
        line(2, "x" * 140_000),
        "line 2: the row has a cell of more than 131,072 characters, or a quotation mark that is not closed; it was left out.",
    ),
    "a giant line": (line(2, "x" * 2_000_000), "line 2: the row is too long; it was left out."),
    "a quotation mark that is never closed": (
        line(2, '"so it is'), "line 2: the row opens a quotation mark that is never closed; it was left out.",
    ),
    "a quotation mark that the next row closes": (
        line(2, '"so it is') + line(3, '"like, this"'),
        "line 2: the row has quotation marks that do not match; it was left out.",
    ),
    "a line end in a cell without quotation marks": (
        "2,-1,1,8,2016-03-01,10:00,so\n", "line 2: the row has 7 cells where the first line has 9; it was left out.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LEFT_OUT)
def test_a_row_that_cannot_be_read_is_told_and_the_others_arrive(alder: Town, tmp_path: Path, case: str) -> None:
    broken, sentence = LEFT_OUT[case]
    content = HEADER + broken + "".join(line(id) for id in range(11, 31))
    report = run(alder, folder(tmp_path / "e", proposals=ONE, comments=content))
    assert list(report.skipped) == [f"comments.csv {sentence}"]
    told = content.count("\n") - 1
    assert report.imported["comments"] == told - 1
    with alder.read() as db:
        recount(db)


TAKEN_IN = {
    "a wrong counter": (line(2, agree="many", disagree=-4), [
        "line 2: 'many' cannot be the number of votes for it, so 0 was taken.",
        "line 2: '-4' cannot be the number of votes against it, so 0 was taken.",
    ]),
    "an endless counter": (
        line(2, agree="9" * 11), ["line 2: '99999999999' cannot be the number of votes for it, so 0 was taken."],
    ),
    "a wrong time": (line(2, time="noon"), ["line 2: the time 'noon' is no time, so only the day was kept."]),
    "an author that is no number": (
        line(2, user="Ana"), ["line 2: the user 'Ana' is no number, so the author stays unknown."],
    ),
    "a parent that is no number": (
        line(2, parent="x"), ["line 2: the parent 'x' is no number, so it opens a branch of its own."],
    ),
    "a parent that is not there": (
        line(2, parent=77),
        [": 1 comment in reply to one that the export does not hold, now first in a branch: line 2."],
    ),
    "itself as parent": (
        line(2, parent=2),
        ["line 2: the comment names itself as the comment it replies to; it opens a branch of its own now."],
    ),
    "a parent on something else": (
        line(2, parent=3) + line(3, item=2),
        ["line 2: the comment replies to a comment on something else; it opens a branch of its own now."],
    ),
    "a ring of parents": (
        line(5, parent=4) + line(2, parent=3) + line(3, parent=4) + line(4, parent=2),
        ["line 3: the comment replies, over others, to itself; it opens a branch of its own now."],
    ),
    "quotation marks inside a word": (line(2, 'so "it" is'), []),
    "quotation marks that are not doubled": (line(2, '"so "it" is"'), []),
    "cells too many that are empty": (line(2).rstrip() + ",,\n", []),
    "numbers with a point": (line("2.0", user="8.0", agree="3.0"), []),
}  # fmt: skip


@pytest.mark.parametrize("case", TAKEN_IN)
def test_a_row_with_a_flaw_arrives_with_a_note(alder: Town, tmp_path: Path, case: str) -> None:
    flawed, notes = TAKEN_IN[case]
    content = HEADER + flawed + "".join(line(id) for id in range(11, 31))
    report = run(alder, folder(tmp_path / "e", proposals=[proposal(1), proposal(2)], comments=content))
    assert (list(report.skipped), report.imported["comments"]) == ([], content.count("\n") - 1)
    assert list(report.notes) == [f"comments.csv{'' if note[0] == ':' else ' '}{note}" for note in notes]
    with alder.read() as db:
        recount(db)
        lost = db.scalar(select(func.count()).where(Comment.parent_lost))
    assert lost == (1 if "branch" in "".join(notes) and case != "a parent that is no number" else 0)


def test_a_ring_is_opened_at_its_first_comment_in_the_file(alder: Town, tmp_path: Path) -> None:
    content = HEADER + line(5, parent=4) + line(2, parent=3) + line(3, parent=4) + line(4, parent=2)
    run(alder, folder(tmp_path / "e", proposals=ONE, comments=content))
    with alder.read() as db:
        parents = {id: row[1] for id, row in holdings(db)["comments"].items()}
    assert parents == {"2": None, "4": "2", "3": "4", "5": "4"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_delimiters_line_ends_and_encodings_are_recognised(
    tmp_path: Path, delimiter: str, ending: str, encoding: str
) -> None:
    texts = ["«¿Qué?» — ñandú €", 'a "quoted"; word, here', "two\nlines", "  "]
    text = table(COMMENTS, [comment(id, text=text) for id, text in enumerate(texts, 1)], delimiter)
    (tmp_path / "x.csv").write_bytes(text.replace("\n", ending).encode(encoding))
    found = open_table(tmp_path / "x.csv")
    assert found is not None
    read = [row.cells["text"].replace("\r\n", "\n").replace("\r", "\n") for row in rows(found)]
    assert read == texts


def test_encodings_may_change_from_line_to_line_and_within_one(alder: Town, tmp_path: Path) -> None:
    lines = [
        line(1, "niño").encode(),
        line(2, "niño").encode("cp1252"),
        line(3, "niño ").encode()[:-6] + b"\xf1\xc3,1,0\n",
    ]
    lines.append(line(4, "a\0b").encode())
    report = run(alder, folder(tmp_path / "e", proposals=ONE, comments=BOM + HEADER.encode() + b"".join(lines)))
    assert list(report.notes) == [
        "comments.csv: 2 lines with bytes that are not UTF-8, read as Windows-1252.",
        "comments.csv: 1 line with NUL bytes, which were taken out.",
    ]
    with alder.read() as db:
        assert list(db.scalars(select(Comment.text).order_by(Comment.id))) == ["niño", "niño", "niñoñÃ", "ab"]


@pytest.mark.parametrize("header", [HEADER, "," + HEADER])
def test_a_leading_column_of_row_numbers_may_be_named_or_not(alder: Town, tmp_path: Path, header: str) -> None:
    content = header + "".join(f"{id},{line(id + 100)}" for id in range(5))
    report = run(alder, folder(tmp_path / "e", proposals=ONE, comments=content))
    assert (report.imported["comments"], list(report.skipped)) == (5, [])


def test_columns_may_be_missing_or_more_but_not_those_that_say_what_it_is(alder: Town, tmp_path: Path) -> None:
    content = "colour,Proposal ID,id,date,text\nred,1,5,01/03/2016 14,So it is\n"
    report = run(alder, folder(tmp_path / "e", proposals=ONE, comments=content))
    assert report.imported["comments"] == 1
    assert list(report.notes) == [
        "comments.csv: there is no column parent, user, agree, disagree; what it would tell stays empty."
    ]
    report = run(alder, folder(tmp_path / "f", proposals=ONE, comments="id,parentId,proposalId,text\n1,2,3,x\n"))
    assert list(report.skipped) == ["comments.csv: the column date is missing; nothing of it was read."]


def test_empty_files_and_foreign_ones_are_told(alder: Town, tmp_path: Path) -> None:
    path = folder(
        tmp_path / "e", proposals=ONE, comments=HEADER, debates=b"", votes="a,b\n1,2\n", utf16="a,b".encode("utf-16")
    )
    report = run(alder, path)
    assert list(report.skipped) == [
        "debates.csv: the file is empty.",
        "utf16.csv: it is written in UTF-16; save it as UTF-8 first.",
        "votes.csv: these are no columns that the import knows; nothing was read.",
    ]
    assert list(report.notes) == ["comments.csv: there is a first line with names and nothing below it."]


def test_titles_that_are_missing_or_too_long_are_mended(alder: Town, tmp_path: Path) -> None:
    items = [
        debate(1, title=" "),
        debate(2, title="", description=""),
        debate(3, title="long " * 40),
        debate(4, title="a\n b  c", description=""),
    ]
    report = run(alder, folder(tmp_path / "e", debates=items), DEBATED)
    assert list(report.skipped) == ["debates.csv line 3: there is neither a title nor a text; the row was left out."]
    assert list(report.notes) == [
        "debates.csv line 2: there was no title, so the first words became it.",
        "debates.csv line 4: the title was too long; the whole of it begins the text.",
    ]
    with alder.read() as db:
        made = list(db.scalars(select(Contribution).order_by(Contribution.id)))
    assert [item.title for item in made] == ["Why so late?", ("long " * 23).rstrip() + "…", "a b c"]
    assert made[1].text == ("long " * 40).strip() + "\n\nWhy **so** late?"


def test_html_is_made_safe_and_may_be_broken(alder: Town, tmp_path: Path) -> None:
    html = '<p onclick="x()">Hi <img src=x onerror=y> <a href="javascript:z()">there</a><b>you<script>alert(1)</script>'
    run(alder, folder(tmp_path / "e", debates=[debate(1, description=html)]), DEBATED)
    with alder.read() as db:
        made = db.scalars(select(Contribution)).one()
    assert made.html == '<p>Hi  <a rel="nofollow noopener ugc">there</a>you</p>'
    assert made.text == "Hi  thereyou"


@pytest.mark.parametrize(
    ("xml", "sentence"),
    [
        (
            "<recommendations><proposal id='1' categories='a'></recommendations>",
            "line 1: mismatched tag",
        ),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><x/>", "line 1: it declares entities, which an export has no need of"),
        ("", "line 1: no element found"),
    ],
)
def test_xml_that_is_broken_is_read_as_far_as_it_goes(alder: Town, tmp_path: Path, xml: str, sentence: str) -> None:
    path = folder(tmp_path / "e", proposals=ONE)
    (path / "recommendations.xml").write_text(xml)
    report = run(alder, path)
    assert list(report.skipped) == [f"recommendations.xml {sentence}; what comes after it was not read."]
    assert report.imported["proposals"] == 1


@given(
    st.lists(
        st.tuples(st.sampled_from(["1", "2", "3", "x", "", '"', '"a\nb"', 'a"b', "\r", "ñ"]), st.booleans()),
        max_size=60,
    )
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_the_file_every_line_belongs_to_a_row_or_a_fault(
    tmp_path: Path, cells: list[tuple[str, bool]]
) -> None:
    content = "id,text\n" + "".join(cell + ("\n" if ends else ",") for cell, ends in cells)
    (tmp_path / "x.csv").write_text(content, encoding="utf-8", newline="")
    found = open_table(tmp_path / "x.csv")
    assert found is not None
    told = [row.line for row in rows(found)]
    assert told == sorted(set(told))
    assert found.lines.number == len(content.split("\n")) - (content.endswith("\n"))


@given(st.text("ab *_<>&\n", max_size=40))
def test_markdown_of_a_source_keeps_its_words(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    html = sanitise(f"<p>{escaped}</p><ul><li><strong>{escaped}</strong></li><li><em>x</em></li></ul>")
    words = "".join(plain(html).split())
    kept = "".join(markdown_of(html).split()).replace("**", "").replace("-", "").replace("*x*", "x")
    assert kept.replace("*", "") == words.replace("*", "")


def test_the_limit_of_csv_is_not_changed_for_others() -> None:
    assert csv.field_size_limit() == 131_072
