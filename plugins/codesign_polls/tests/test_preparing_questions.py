"""Writing the questions of a poll and their options: words, order, rules, pictures."""

import re

import pytest
from sqlalchemy import select

from codesign.core.files import File
from codesign.testing import Town
from codesign_polls.tests.drafting import DRAFT, SOON, ask_trees, begin, definition, mark_on, picture, send, titles
from codesign_polls.tests.making import TITLE


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("polls")


def test_questions_and_options_are_added_moved_and_removed(town: Town) -> None:
    chen = begin(town)
    ask_trees(chen)
    send(chen, DRAFT, "/questions/new", title="Shall it have a bench?", method="yes_no", options="")
    send(chen, DRAFT, "/questions/1/move", step="-1")
    assert [question.title for question in definition(town).questions] == ["Shall it have a bench?", TITLE]
    assert definition(town).questions[0].options == ()
    send(chen, DRAFT, "/questions/1/options", options="Lime\nMaple")
    send(chen, DRAFT, "/questions/1/options/0/move", step="1")
    send(chen, DRAFT, "/questions/1/options/2/remove")
    assert titles(town, 1) == ["Elm", "Oak", "Lime", "Maple"]
    send(chen, DRAFT, "/questions/0/remove")
    assert [question.title for question in definition(town).questions] == [TITLE]
    send(chen, DRAFT, "/questions/0/move", step="1")
    assert [question.title for question in definition(town).questions] == [TITLE]


def test_a_question_gets_only_the_rules_that_fit_and_limits_that_make_sense(town: Town) -> None:
    chen = begin(town)
    ask_trees(chen)
    assert 'name="rule"' not in chen.get(f"{DRAFT}/questions/0").text
    words = {"title": TITLE, "text": ""}
    assert send(chen, DRAFT, "/questions/0", **words, method="ranked").status_code == 303
    assert definition(town).questions[0].rule == "instant_runoff"
    page = chen.get(f"{DRAFT}/questions/0").text
    assert re.findall(r'name="rule"[^>]*value="(\w+)"|value="(\w+)"[^>]*name="rule"', page) != []
    ranked = {**words, "method": "ranked"}
    assert send(chen, DRAFT, "/questions/0", **ranked, rule="schulze", least="1", most="2").status_code == 303
    question = definition(town).questions[0]
    assert (question.rule, question.least, question.most) == ("schulze", 1, 2)
    for wrong in (
        {"rule": "plurality"},
        {"least": "3", "most": "2"},
        {"most": "4"},
        {"least": "-1"},
        {"most": "1.5"},
        {"most": "9" * 5000},
    ):
        assert send(chen, DRAFT, "/questions/0", **ranked, **{"rule": "schulze", **wrong}).status_code == 422, wrong
    assert definition(town).questions[0] == question
    assert send(chen, DRAFT, "/questions/0", **words, method="yes_no").status_code == 422


def test_an_option_gets_an_explanation_and_a_picture_that_everybody_sees_when_it_is_published(town: Town) -> None:
    chen = begin(town)
    ask_trees(chen)
    url = f"{DRAFT}/questions/0/options/0"
    told = {"mark": mark_on(chen, url), "title": "Old oak", "text": "Grows **slowly**.", "alt": "An oak in spring"}
    assert chen.post(url, data=told, files=picture()).status_code == 303
    maya = town.client("maya")
    [shown] = re.findall(r'src="(/polls/drafts/1/pictures/\d+)"', maya.get(url).text)
    assert (maya.get(shown).status_code, maya.get(shown).headers["cache-control"]) == (200, "private, no-store")
    assert [town.client(name).get(shown).status_code for name in ("anna", "boris", None)] == [403, 403, 303]
    send(chen, DRAFT, "/when", **SOON)
    address = send(maya, DRAFT, "/publish").headers["location"]
    page = town.client().get(address).text
    [source] = re.findall(r'class="choice-picture" src="([^"]+)" alt="An oak in spring"', page)
    assert (town.client().get(source).status_code, "<strong>slowly</strong>" in page) == (200, True)


def test_pictures_that_are_replaced_or_removed_are_gone_for_good(town: Town) -> None:
    chen = begin(town)
    ask_trees(chen)
    url = f"{DRAFT}/questions/0/options/"

    def picture_for(place: int, **more: str) -> int:
        told = {"mark": mark_on(chen, f"{url}{place}"), "title": titles(town)[place], **more}
        files = {} if "take_away" in more else {"files": picture()}
        return chen.post(f"{url}{place}", data=told, **files).status_code

    def stored() -> int:
        with town.read() as db:
            return len(db.scalars(select(File.id)).all())

    counts = []
    assert [picture_for(0), picture_for(1), picture_for(0)] == [303] * 3
    counts.append(stored())
    assert picture_for(0, take_away="y") == 303
    counts.append(stored())
    assert (send(chen, DRAFT, "/questions/0/options/1/remove").status_code, picture_for(1)) == (303, 303)
    counts.append(stored())
    assert send(chen, DRAFT, "/discard").status_code == 303
    assert [*counts, stored()] == [2, 1, 1, 0]
    assert chen.get(DRAFT).status_code == 404


def test_what_is_no_picture_is_refused_and_the_words_stay(town: Town) -> None:
    chen = begin(town)
    ask_trees(chen)
    url = f"{DRAFT}/questions/0/options/0"
    told = {"mark": mark_on(chen, url), "title": "Old oak", "text": "Grows slowly.", "alt": ""}
    answer = chen.post(url, data=told, files={"picture": ("oak.png", b"not a picture", "image/png")})
    assert (answer.status_code, 'id="picture-error"' in answer.text, "Old oak" in answer.text) == (422, True, True)
    with town.read() as db:
        assert db.scalars(select(File.id)).all() == []
