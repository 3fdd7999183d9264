"""What is shown to whoever writes a title: proposals like it that can be joined, and not what chance has in common."""

import csv
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup
from sqlalchemy import insert
from sqlalchemy.orm import Session

from codesign.core.contributions import Contribution
from codesign.core.likeness import ALIKE, likeness, sharing, stems
from codesign.core.search import index_text
from codesign.testing import Town
from codesign_proposals.similar import MOST, similar_to
from codesign_proposals.tests.making import propose
from codesign_proposals.tests.test_lists import DAY, furnish

TITLES = {
    "en": ["Benches along the river", "Trees for Station Street", "A skatepark for teenagers", "Longer library hours on Sundays"],
    "es": ["Más árboles en la calle Mayor", "Carril bici hasta la estación", "Un parque infantil con sombra", "Fuentes de agua potable"],
    "ru": ["Больше деревьев на улице Мира", "Детская площадка во дворе школы", "Освещение на остановке автобуса"],
    "kk": ["Мектеп жанына бағдаршам орнату", "Көл жағасына орындықтар қою", "Балаларға арналған ойын алаңы"],
    "et": ["Uued pingid jõe äärde", "Rattatee jaamast kesklinna", "Mänguväljak koolihoovi"],
    "ka": ["მეტი ხე ქუჩებში", "ველობილიკი სადგურამდე", "საბავშვო მოედანი სკოლის ეზოში"],
    "mn": ["Сургуулийн дэргэд гэрлэн дохио", "Голын эрэгт сандал тавих", "Хүүхдийн тоглоомын талбай"],
}  # fmt: skip
ASKED = {
    "More benches by the river bank": ["Benches along the river"],
    "river bench": ["Benches along the river"],
    "Plant trees in Station Street": ["Trees for Station Street"],
    "Skatepark": ["A skatepark for teenagers"],
    "The library should open on Sunday": ["Longer library hours on Sundays"],
    "arboles para la calle mayor": ["Más árboles en la calle Mayor"],
    "Un carril para bicis a la estación de tren": ["Carril bici hasta la estación"],
    "Parques infantiles": ["Un parque infantil con sombra"],
    "Посадить деревья на улицах": ["Больше деревьев на улице Мира"],
    "Новая детская площадка для школы": ["Детская площадка во дворе школы"],
    "Мектептің жанында бағдаршам керек": ["Мектеп жанына бағдаршам орнату"],
    "Көл жағасында орындық жоқ": ["Көл жағасына орындықтар қою"],
    "Pink jõe äärde": ["Uued pingid jõe äärde"],
    "Mänguväljak meie kooli": ["Mänguväljak koolihoovi"],
    "ველობილიკი ახალ სადგურთან": ["ველობილიკი სადგურამდე"],
    "Хүүхдэд зориулсан тоглоомын талбай": ["Хүүхдийн тоглоомын талбай"],
}
UNLIKE = [
    "For all the people of the town", "What about it", "There should be more of that", "Un nuevo aparcamiento para la ciudad",
    "Para todos los vecinos que lo necesiten", "Сделайте пожалуйста новый город", "Біздің қалаға жаңа нәрсе керек", "", "!?", "a",
    "The river is dirty", "Street music on summer evenings", "Una calle sin ruido por la noche",
]  # fmt: skip


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("proposals")


def found(town: Town, title: str) -> list[str]:
    with town.read() as db:
        return [row["title"] for row in similar_to(db, title, town.world.clock.now())]


def test_titles_that_mean_the_same_are_found_in_seven_languages_and_others_are_not(town: Town) -> None:
    now = town.world.clock.now()
    with town.write() as db:
        anna = town.person(db, "anna")
        for language, titles in TITLES.items():
            for title in titles:
                propose(db, anna, title, now, text="-", language=language)
    assert {asked: found(town, asked) for asked in ASKED} == ASKED
    assert {asked: found(town, asked) for asked in UNLIKE} == {asked: [] for asked in UNLIKE}


def test_only_what_can_be_supported_or_was_is_shown(town: Town) -> None:
    now = furnish(town)
    assert [found(town, f"A {word}") for word in ("bench", "tree", "lamp")] == [
        ["Far bench"], ["Farther tree", "Reached tree"], ["Near lamp"],
    ]  # fmt: skip
    with town.write() as db:
        propose(db, town.person(db, "anna"), "A lamp", now).hidden_at = now
    assert found(town, "A lamp") == ["Near lamp"]


def test_the_likest_come_first_and_a_draft_is_not_like_itself(town: Town) -> None:
    now = town.world.clock.now()
    with town.write() as db:
        anna = town.person(db, "anna")
        for title in (
            "Lamps at the river",
            "Benches and lamps at the river",
            "Benches and lamps at the river path",
            "River lamps",
        ):
            id = propose(db, anna, title, now, text="-").id
        rows = similar_to(db, "Benches and lamps at the river", now)
        assert rows[0]["title"] == "Benches and lamps at the river"
        assert "River lamps" not in [row["title"] for row in similar_to(db, "Lamps at the river", now, but=id)]
        for number in range(2 * MOST):
            propose(db, anna, f"Swimming lessons {number}", now)
        assert len(similar_to(db, "Swimming lessons", now)) == MOST


def test_while_a_title_is_typed_the_part_of_the_page_shows_them(town: Town) -> None:
    furnish(town)
    html = town.client("anna").htmx("GET", "/proposals/similar?title=A+tree").text
    assert re.findall(r'href="/proposals/\d+"[^>]*>([^<]+)<', html) == ["Farther tree", "Reached tree"]
    assert ["40 of 100 supporters" in html, "Is it one of these?" in html, "<!doctype" in html] == [True, True, False]
    assert town.client().htmx("GET", "/proposals/similar?title=").text.strip() == ""


def test_the_field_of_the_title_asks_for_them_and_tells_politely(town: Town) -> None:
    html = town.client("anna").get("/proposals/new").text
    field = re.search(r"<input[^>]*name=\"title\"[^>]*>", html)
    assert field is not None
    asked = {name: unescape(value) for name, value in re.findall(r'(hx-[a-z]+)="([^"]*)"', field[0])}
    assert asked == {
        "hx-get": "/proposals/similar", "hx-trigger": "input changed delay:400ms", "hx-target": "#similar", "hx-sync": "this:replace",
    }  # fmt: skip
    assert re.search(r'<div id="similar"[^>]* aria-live="polite">', html)


def test_asking_for_them_counts_as_searching(town: Town) -> None:
    client = town.client()
    answers = [client.get(f"/proposals/similar?title=tree+{number}").status_code for number in range(121)]
    assert answers == [200] * 120 + [429]
    assert client.get("/search?q=tree").status_code == 429
    assert client.get("/proposals/").status_code == 200


@pytest.mark.parametrize(
    "title", ["'" * 500, '" OR * NEAR(', "тест:* & !", "%00", "💩 " * 200, "a" * 10_000, "(((" * 50]
)
def test_no_title_breaks_it(town: Town, title: str) -> None:
    furnish(town)
    assert town.client().get("/proposals/similar", params={"title": title}).status_code == 200


def test_words_are_cut_where_their_endings_begin() -> None:
    assert [stems(words) for words in ("Benches bench", "Parques y árboles del parque", "саябақтарға саябақ", "of the in")] == [
        ["bench", "benc"], ["parqu", "arbol"], ["саябақ", "саяб"], [],
    ]  # fmt: skip


def test_among_real_debates_a_repeated_one_is_found_and_common_words_find_nothing(
    town: Town, shared_data: Path
) -> None:
    """Of the forum of Madrid: pairs that a reader takes for the same wish."""
    path = shared_data / "shared-only/decide-madrid-debates/debates-2015-2016.csv"
    if not path.exists():
        pytest.skip("the debates of Madrid are not beside this checkout")
    rows = read(path)
    with town.write() as db:
        keep(town, db, rows)
    with town.read() as db:
        for asked, wanted in PAIRS.items():
            shared = sharing(db, asked)
            alike = [(likeness(shared, id, rows[id - 1]["title"]), rows[id - 1]["title"]) for id in shared.holders]
            best = [title for score, title in sorted(alike, reverse=True)[:MOST] if score >= ALIKE]
            assert wanted in best, (asked, best)
        for words in ("Todo para la ciudad", "Que se mejore ya", "Una propuesta nueva para todos"):
            assert sharing(db, words).holders == {}


PAIRS = {
    "Recoger la basura antes de las doce de la noche": "Recogida de basura antes de las 12 de la noche",
    "Prohibir las sopladoras": "PROHIBIR EL USO DE BARREDORAS/SOPLADORAS",
    "Consultar a los ciudadanos si se acoge a refugiados": "Queremos una consulta a la ciudadania para la acogida de inmigrantes y refugiado",
    "Menos coches: restringir el tráfico en el centro": "Restricción del tráfico en la zona centro",
    "Fuentes públicas en los parques": "Fuentes públicas",
}


def keep(town: Town, db: Session, rows: list[dict[str, Any]]) -> None:
    """As contributions with these ids: 1, 2 ..., all at once."""
    now, author = town.world.clock.now(), town.person(db, "anna").id
    same = {"kind": "thread", "author_id": author, "text": "", "html": Markup(), "excerpt": "", "language": "es", "version": 1, "created_at": now,
            "agree_count": 0, "disagree_count": 0, "comment_count": 0, "comments_elsewhere": 0, "follower_count": 0}  # fmt: skip
    values = [
        {"id": id, "number": str(id), "ordinal": id, "title": row["title"], **same} for id, row in enumerate(rows, 1)
    ]
    db.execute(insert(Contribution.__table__), values)  # type: ignore[arg-type]
    for id, row in enumerate(rows, 1):
        index_text(db, id, row["title"], row["description"])


def read(path: Path) -> list[dict[str, Any]]:
    csv.field_size_limit(10**8)
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        head = file.readline()
        file.seek(0)
        return list(csv.DictReader(file, delimiter=";" if head.count(";") > head.count(",") else ","))


def test_a_term_that_is_over_takes_a_proposal_away_at_once(town: Town) -> None:
    now = town.world.clock.now()
    with town.write() as db:
        propose(db, town.person(db, "anna"), "A lamp", now, archives_at=now + DAY)
    assert found(town, "lamp") == ["A lamp"]
    town.world.clock.advance(DAY)
    assert found(town, "lamp") == []
