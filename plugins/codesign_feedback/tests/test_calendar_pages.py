"""Administrators keep the town's calendar: holidays, and weekends on which it works."""

from datetime import date

import pytest
from sqlalchemy import select

from codesign.testing import Town
from codesign_feedback.calendar import special_days
from codesign_feedback.loops import Clock
from codesign_feedback.tests.making import opened

URL = "/feedback/calendar"
MAY_DAY = {"day": "2026-05-01", "works": "no", "title": "Labour Day"}


def days(town: Town) -> dict[str, bool]:
    with town.read() as db:
        return {day.isoformat(): works for day, works in special_days(db).items()}


def test_a_day_is_added_changed_and_removed(alder: Town) -> None:
    maya = alder.enable("feedback").client("maya")
    assert maya.post(URL, data=MAY_DAY).headers["location"] == f"{URL}?year=2026"
    assert maya.post(URL, data={"day": "2026-05-02", "works": "yes", "title": "Instead of Friday"}).status_code == 303
    page = maya.get(URL).text
    assert [told in page for told in ("Labour Day", "Instead of Friday", "Working day", "Holiday")] == [True] * 4
    assert maya.post(URL, data={**MAY_DAY, "works": "yes"}).status_code == 303
    assert days(alder) == {"2026-05-01": True, "2026-05-02": True}
    assert maya.post(f"{URL}/remove", data={"day": "2026-05-01"}).status_code == 303
    assert days(alder) == {"2026-05-02": True}


def test_last_years_days_are_taken_over_and_what_is_there_stays(alder: Town) -> None:
    maya = alder.enable("feedback").client("maya")
    for day in ("2024-02-29", "2024-05-01", "2024-12-25"):
        assert maya.post(URL, data={**MAY_DAY, "day": day}).status_code == 303
    assert maya.post(URL, data={**MAY_DAY, "day": "2025-12-25", "works": "yes"}).status_code == 303
    assert maya.post(f"{URL}/copy?year=2025").status_code == 303
    found = days(alder)
    assert {day: works for day, works in found.items() if day > "2025"} == {"2025-05-01": False, "2025-12-25": True}


def test_a_change_moves_no_deadline_that_runs_already(alder: Town) -> None:
    alder.enable("feedback")
    opened(alder)
    with alder.read() as db:
        before = db.execute(select(Clock.name, Clock.due_at).order_by(Clock.id)).all()
    assert alder.client("maya").post(URL, data={**MAY_DAY, "day": "2026-05-05"}).status_code == 303
    with alder.read() as db:
        assert db.execute(select(Clock.name, Clock.due_at).order_by(Clock.id)).all() == before
        assert special_days(db) == {date(2026, 5, 5): False}


@pytest.mark.parametrize(
    ("field", "value"),
    [("day", ""), ("day", "1 May"), ("day", "1999-05-01"), ("day", "9999-12-31"), ("day", "2026-02-30"), ("works", ""), ("works", "x"),
     ("title", " "), ("title", "x" * 201)])  # fmt: skip
def test_what_cannot_be_a_day_is_refused_beside_its_field(alder: Town, field: str, value: str) -> None:
    answered = alder.enable("feedback").client("maya").post(URL, data={**MAY_DAY, field: value})
    assert (answered.status_code, f'id="{field}-error"' in answered.text, days(alder)) == (422, True, {})


def test_only_administrators_change_it_and_garbage_breaks_nothing(alder: Town) -> None:
    alder.enable("feedback")
    maya = alder.client("maya")
    for who in ("anna", "boris", "chen"):
        client = alder.client(who)
        for path in (URL, f"{URL}/remove", f"{URL}/copy"):
            assert client.post(path, data=MAY_DAY).status_code == 403, (who, path)
        assert client.get(URL).status_code == 403
    assert maya.post(f"{URL}/remove", data={"day": "x"}).status_code == 404
    for year in ("x", "0000", "9999", "2200", "-1", "9" * 500, "%00"):
        assert maya.get(f"{URL}?year={year}").status_code == 200, year
        assert maya.post(f"{URL}/copy?year={year}").status_code == 303, year
    assert f'href="{URL}"' in maya.get("/admin/").text
