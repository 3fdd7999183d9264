"""The figures as a file: RFC 4180, safe in spreadsheets, and silent about small groups."""

import csv
import io

import pytest

from codesign.core.authorities import change_authority, get_authority
from codesign.testing import Town
from codesign_feedback.exporting import HEAD, csv_text, guarded
from codesign_feedback.tests.growing import grow_loops


def rows(town: Town, url: str = "/feedback/listening.csv?by=authority&window=all") -> list[dict[str, str]]:
    answer = town.client().get(url)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="listening-')
    assert answer.text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_every_figure_of_every_place_has_a_line_and_the_town_too(alder: Town) -> None:
    grow_loops(alder.enable("feedback"), 300, authorities=3)
    found = rows(alder)
    assert len(found) == 6 * 4
    assert {row["figure"] for row in found} == {
        "answer_days",
        "in_time",
        "verified",
        "reopened",
        "unanswered",
        "overdue",
    }
    assert [row["name"] for row in found[:4]] == ["", "Office 00", "Office 01", "Office 02"]
    assert [row["group"] for row in found[:4]] == ["town", "authority", "authority", "authority"]
    for row in found:
        assert (row["shown"], row["value"] != "", int(row["n"]) >= 5) == ("yes", True, True)


def test_small_groups_have_neither_value_nor_n(alder: Town) -> None:
    grow_loops(alder.enable("feedback"), 4, authorities=2)
    for row in rows(alder):
        assert row["n"] in ("", "0")
        assert row["value"] == ""


def test_titles_cannot_become_formulas_or_break_the_lines(alder: Town) -> None:
    title = '=HYPERLINK("http://example.org","here"), \nand more'
    grow_loops(alder.enable("feedback"), 100, authorities=1)
    with alder.write() as db:
        change_authority(db, get_authority(db, "office-00"), title, "", None)
    assert {row["name"] for row in rows(alder)} == {"", "'" + title}


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1", "\u00a0@x"])
def test_what_a_spreadsheet_would_run_is_marked_as_text(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Parks", "3 - 1", 7, "", "élan"])
def test_everything_else_stays_as_it_is(cell: object) -> None:
    assert guarded(cell) == cell


def test_lines_end_as_the_standard_wants() -> None:
    assert csv_text([HEAD, ("a", 'b "c"', 1)]) == "\ufeff" + ",".join(HEAD) + '\r\na,"b ""c""",1\r\n'
