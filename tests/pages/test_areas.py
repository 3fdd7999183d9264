"""The administration of areas: add, rename, order, remove."""

import re

import pytest

from codesign.core.areas import areas
from codesign.testing import Town


def titles(town: Town) -> list[str]:
    with town.read() as db:
        return [area.title for area in areas(db)]


def test_areas_are_added_once_and_renamed(alder: Town) -> None:
    maya = alder.client("maya")
    assert "No areas yet" in maya.get("/admin/areas").text
    assert maya.post("/admin/areas", data={"title": "Old Town"}).headers["location"] == "/admin/areas"
    again = maya.post("/admin/areas", data={"title": "OLD TOWN"})
    assert (again.status_code, "already an area of this name" in again.text) == (422, True)
    assert "OLD TOWN" in again.text
    assert 'value="Old Town"' in maya.get("/admin/areas/old-town").text
    assert maya.post("/admin/areas/old-town", data={"title": "Centre"}).status_code == 303
    assert titles(alder) == ["Centre"]


@pytest.mark.parametrize("typed", ["", " ", "x", "x" * 81, "\u200b\u200b\u200b"])
def test_a_name_that_is_none_is_refused_and_nothing_changes(alder: Town, typed: str) -> None:
    alder.area("Old Town")
    maya = alder.client("maya")
    for url in ("/admin/areas", "/admin/areas/old-town"):
        assert maya.post(url, data={"title": typed}).status_code == 422
    assert titles(alder) == ["Old Town"]


def test_an_area_is_not_renamed_to_another(alder: Town) -> None:
    alder.area("North"), alder.area("South")
    answer = alder.client("maya").post("/admin/areas/north", data={"title": "south"})
    assert (answer.status_code, "already an area" in answer.text, titles(alder)) == (422, True, ["North", "South"])


def test_areas_are_ordered_with_buttons_that_the_first_and_the_last_lack(alder: Town) -> None:
    ids = [alder.area(title) for title in ("North", "Old Town", "South")]
    maya = alder.client("maya")
    buttons = re.findall(r">(Up|Down)<span[^>]*> ([^<]+)<", maya.get("/admin/areas").text)
    assert buttons == [("Down", "North"), ("Up", "Old Town"), ("Down", "Old Town"), ("Up", "South")]
    answer = maya.post("/admin/areas/south/move", data={"step": "-1"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/admin/areas#area-{ids[2]}")
    assert titles(alder) == ["North", "South", "Old Town"]
    for step in ("", "2", "-99", "down"):
        assert maya.post("/admin/areas/south/move", data={"step": step}).status_code == 422
    assert maya.post("/admin/areas/none/move", data={"step": "1"}).status_code == 404
    assert titles(alder) == ["North", "South", "Old Town"]


def test_an_area_is_removed_unless_somebody_lives_there(alder: Town) -> None:
    alder.area("North")
    alder.verify("anna", alder.area("South"))
    maya = alder.client("maya")
    assert maya.post("/admin/areas/north/remove").headers["location"] == "/admin/areas"
    used = maya.post("/admin/areas/south/remove")
    assert (used.status_code, "This area is in use" in used.text, titles(alder)) == (422, True, ["South"])
    assert 'value="South"' in used.text
    assert maya.post("/admin/areas/north/remove").status_code == 404


def test_names_are_shown_as_text(alder: Town) -> None:
    maya = alder.client("maya")
    assert maya.post("/admin/areas", data={"title": "<b>North</b> & \u202eSouth"}).status_code == 303
    page = maya.get("/admin/areas").text
    assert ("<b>North" in page, "&lt;b&gt;North&lt;/b&gt; &amp;" in page) == (False, True)


def test_nobody_but_administrators_changes_areas(alder: Town) -> None:
    alder.area("North")
    posts = ["/admin/areas", "/admin/areas/north", "/admin/areas/north/move", "/admin/areas/north/remove"]
    for name in ("anna", "boris", "chen"):
        client = alder.client(name)
        form = {"title": "Mine", "step": "1"}
        assert [client.post(url, data=form).status_code for url in posts] == [403] * len(posts)
        assert [client.get(url).status_code for url in posts[:2]] == [403] * 2
    assert titles(alder) == ["North"]


def test_another_town_has_no_such_area(alder: Town, birch: Town) -> None:
    alder.area("North")
    edda = birch.client("edda")
    assert "North" not in edda.get("/admin/areas").text
    assert edda.get("/admin/areas/north").status_code == 404
    assert edda.post("/admin/areas/north/remove").status_code == 404
    assert titles(alder) == ["North"]
