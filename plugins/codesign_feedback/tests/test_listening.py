"""The public page "Listening": what it says, to whom, and what it does not say."""

import pytest

from codesign.testing import Town
from codesign_feedback.tests.growing import grow_loops
from codesign_feedback.tests.making import an_authority, opened

GROUPS = ("authority", "topic", "situation")
WINDOWS = ("3", "12", "all")


def test_a_town_that_owes_nothing_is_invited_to_begin(alder: Town) -> None:
    page = alder.enable("feedback").client().get("/feedback/")
    assert page.status_code == 200
    assert "There is nothing to count yet." in page.text


@pytest.mark.parametrize("by", GROUPS)
@pytest.mark.parametrize("window", WINDOWS)
def test_every_view_shows_the_places_in_alphabetical_order(alder: Town, by: str, window: str) -> None:
    grow_loops(alder.enable("feedback"), 400, authorities=4)
    text = alder.client().get(f"/feedback/?by={by}&window={window}").text
    assert text.count('role="img"') == 6
    titles = {"authority": "Office", "topic": "Subject"}.get(by)
    if titles:
        places = [text.index(f'class="chart-label" x="0" y="{16 + 52 * row}">{titles} {row:02d}') for row in range(4)]
        assert places == sorted(places)


def test_what_makes_no_sense_in_the_address_means_the_usual_view(alder: Town) -> None:
    grow_loops(alder.enable("feedback"), 100, authorities=2)
    client = alder.client()
    assert client.get("/feedback/?by=rank&window=%00").text.count("Office 00") == client.get("/feedback/").text.count(
        "Office 00"
    )


def test_a_single_contribution_is_never_told_as_a_figure(alder: Town) -> None:
    an_authority(alder.enable("feedback"))
    opened(alder)
    text = alder.client().get("/feedback/").text
    assert "Not shown: a small group" in text
    assert 'class="chart-bar"' not in text


def test_hidden_contributions_and_kinds_that_are_off_do_not_count(alder: Town) -> None:
    from sqlalchemy import update

    from codesign.core.contributions import Contribution

    grow_loops(alder.enable("feedback"), 50, authorities=1)
    assert "There is nothing to count yet." not in alder.client().get("/feedback/").text
    with alder.write() as db:
        db.execute(update(Contribution).values(hidden_at=alder.world.clock.now()))
    assert "There is nothing to count yet." in alder.client().get("/feedback/").text


def test_the_page_is_kept_and_made_anew_when_somebody_is_answered(alder: Town) -> None:
    grow_loops(alder.enable("feedback"), 100, authorities=2)
    client = alder.client()
    first = client.get("/feedback/")
    with alder.counted() as statements:
        again = client.get("/feedback/")
    assert again.text == first.text
    assert len(statements) <= 2
    grow_loops(alder, 100, authorities=2)
    assert client.get("/feedback/").text != first.text


@pytest.mark.parametrize("name", [None, "anna", "chen"])
@pytest.mark.parametrize("url", ["/feedback/", "/feedback/?by=topic", "/feedback/overdue", "/feedback/listening.csv"])
def test_a_page_asks_at_most_eight_questions_however_much_there_is(alder: Town, name: str | None, url: str) -> None:
    alder.enable("feedback")
    with alder.world.again(fragments_mb=0) as plain:
        town, numbers = plain.towns["alder"], []
        for size in (1, 3, 100):
            grow_loops(alder, size, authorities=3)
            client = town.client(name)
            client.get("/")
            with town.counted() as statements:
                assert client.get(url).status_code == 200
            numbers.append(len(statements))
    assert numbers == [numbers[0]] * 3
    assert numbers[0] <= 8
