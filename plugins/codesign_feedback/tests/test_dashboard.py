"""An official sees the figures of the authorities for which they work, counted from what happened."""

import re
from datetime import timedelta

from codesign.testing import Town
from codesign_feedback.loop import Code
from codesign_feedback.tests.making import PARKS, ROADS, an_authority, opened
from codesign_feedback.tests.walking import answer, assign, transfer

URL = "/feedback/dashboard"


def rows(town: Town, who: str) -> list[list[str]]:
    page = town.client(who).get(URL).text
    found = re.findall(r'<tr><th scope="row">(.*?)</tr>', page, re.S)
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.split("<td>", row)] for row in found]


def test_the_figures_are_those_of_ones_own_authorities(alder: Town) -> None:
    an_authority(alder, PARKS, people=("chen",))
    an_authority(alder, ROADS, people=())
    alder.enable("feedback")
    for number in range(3):
        id = opened(alder, title=f"Story {number}")
        assign(alder, id)
        if number == 2:
            transfer(alder, id)
    alder.world.clock.advance(timedelta(days=10))
    answer(alder, 1, Code.SOLVED_ALREADY)
    alder.world.clock.advance(timedelta(days=23))
    assert rows(alder, "chen") == [[PARKS, "1", "1", "0", "50 % of 2", "10", "–", "0"]]
    assert [row[0] for row in rows(alder, "maya")] == [PARKS, ROADS]
    assert 'href="/feedback/inbox?authority=1"' in alder.client("chen").get(URL).text


def test_without_anything_owed_the_page_says_so(alder: Town) -> None:
    alder.enable("feedback")
    assert "There are no figures yet." in alder.client("chen").get(URL).text
    assert alder.client("anna").get(URL).status_code == 403
