"""What cannot be a poll is refused with a sentence, and what broke others is stored and shown as it was written."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from codesign.core.contributions import TEXT_LENGTH, TITLE_LENGTHS
from codesign.markup import clean
from codesign.paging import encode
from codesign.testing import Town
from codesign_polls.definition import OPTIONS_AT_MOST, QUESTIONS_AT_MOST
from codesign_polls.forms import QUESTION_LENGTHS
from codesign_polls.polls import Draft, Poll
from codesign_polls.questions import OPTION_LENGTH
from codesign_polls.tests.drafting import DRAFT, SOON, ask_trees, begin, definition, mark_on, send, titles
from codesign_polls.tests.making import TEXT, TITLE, a_question, poll_id
from tests.nasty import dangers, fitting, sendable, strings

GARBAGE = ["x", "%00", "%ff", "9" * 400, "W10", "-1", "' OR 1=1", encode(["0001-01-01T00:00:00+14:00", 1]), encode([2**63, 1]),
           encode([None]), "%D9%A1%D9%A2", "9" * 18, "9" * 19, "a" * 1000]  # fmt: skip
QUESTION = {"title": TITLE, "text": "", "method": "single", "options": "Oak\nElm"}
WHEN = {"opens_on": "", "opens_time": "", **SOON}
WHO = {"way": "account", "level": "1", "min_age": "", "max_age": ""}
HOW = {"ballot": "secret", "quorum_kind": "none", "number": "", "percent": ""}


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("polls")


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", ""), ("title", "abc"), ("title", "x" * 121), ("title", "\0\0\0\0"), ("title", " \n\t "), ("title", "\u200b" * 9),
     ("text", ""), ("text", "too short"), ("text", "x" * (TEXT_LENGTH + 1)), ("topic", "1"), ("topic", "x"), ("topic", "9" * 5000)],
)  # fmt: skip
def test_a_draft_that_cannot_be_is_refused_beside_its_field_and_nothing_typed_is_lost(
    town: Town, field: str, value: str
) -> None:
    answer = town.client("chen").post("/polls/new", data={"title": TITLE, "text": TEXT, "topic": "", field: value})
    assert (answer.status_code, f'id="{field}-error"' in answer.text) == (422, True)
    assert TEXT in answer.text or field == "text"
    with town.read() as db:
        assert db.scalars(select(Draft)).all() == []


@pytest.mark.parametrize(
    ("part", "good", "field", "value"),
    [
        ("questions/new", QUESTION, "title", ""), ("questions/new", QUESTION, "title", "x" * (QUESTION_LENGTHS[1] + 1)),
        ("questions/new", QUESTION, "text", "x" * (TEXT_LENGTH + 1)), ("questions/new", QUESTION, "method", "lottery"),
        ("questions/new", QUESTION, "method", ""), ("questions/new", QUESTION, "options", "Oak\nElm\n oak "),
        ("questions/new", QUESTION, "options", "\n".join(f"Tree {number}" for number in range(OPTIONS_AT_MOST + 1))),
        ("questions/new", QUESTION, "options", "x" * (OPTION_LENGTH + 1)),
        ("questions/0/options", {}, "options", ""), ("questions/0/options", {}, "options", " \n\t\n"), ("questions/0/options", {}, "options", "oak"),
        ("questions/0/options/0", {"title": "Oak"}, "title", ""), ("questions/0/options/0", {"title": "Oak"}, "title", "ELM"),
        ("questions/0/options/0", {"title": "Oak"}, "title", "x" * (OPTION_LENGTH + 1)),
        ("questions/0/options/0", {"title": "Oak"}, "text", "x" * 5001), ("questions/0/options/0", {"title": "Oak"}, "alt", "x" * 301),
        ("when", WHEN, "closes_on", "tomorrow"), ("when", WHEN, "closes_on", "2026-02-30"), ("when", WHEN, "closes_on", "0001-01-01"),
        ("when", WHEN, "closes_on", "9999-12-31"), ("when", WHEN, "closes_time", "25:00"), ("when", WHEN, "closes_time", ""),
        ("when", WHEN, "closes_time", "x" * 5000), ("when", WHEN, "opens_time", "08:00"), ("when", WHEN, "opens_on", "-2026-05-10"),
        ("who", WHO, "way", ""), ("who", WHO, "way", "pigeon"), ("who", WHO, "level", "9"), ("who", WHO, "min_age", "-1"),
        ("who", WHO, "min_age", "old"), ("who", WHO, "max_age", "9" * 5000), ("who", {**WHO, "level": "2", "min_age": "30"}, "max_age", "20"),
        ("how", HOW, "ballot", "both"), ("how", HOW, "ballot", ""), ("how", HOW, "live", "y"), ("how", HOW, "quorum_kind", "some"),
        ("how", HOW, "quorum_kind", "number"), ("how", {**HOW, "quorum_kind": "number"}, "number", "0"),
        ("how", {**HOW, "quorum_kind": "number"}, "number", "-5"), ("how", {**HOW, "quorum_kind": "percent"}, "percent", "101"),
        ("how", {**HOW, "quorum_kind": "percent"}, "percent", "1e3"),
    ],
)  # fmt: skip
def test_a_part_that_cannot_be_is_refused_beside_its_field_and_changes_nothing(
    town: Town, part: str, good: dict[str, Any], field: str, value: str
) -> None:
    chen = begin(town)
    ask_trees(chen)
    mark = mark_on(chen, f"{DRAFT}/about")
    answer = chen.post(f"{DRAFT}/{part}", data={"mark": mark, **good, field: value})
    assert (answer.status_code, f'id="{field}-error"' in answer.text) == (422, True)
    assert mark_on(chen, f"{DRAFT}/about") == mark


@pytest.mark.parametrize("field", ["min_age", "max_age", "areas"])
def test_age_and_area_are_asked_of_verified_residents_only(town: Town, field: str) -> None:
    value = str(town.area("Riverside")) if field == "areas" else "30"
    chen = begin(town)
    for who, status in (({"level": "1"}, 422), ({"level": "1", "way": "code"}, 303), ({"level": "2"}, 303)):
        assert send(chen, DRAFT, "/who", **{**WHO, **who, field: value}).status_code == status


def test_an_area_that_is_none_is_refused(town: Town) -> None:
    town.area("Riverside")
    chen = begin(town)
    for value in ("999", "x", "-1", "9" * 5000):
        assert send(chen, DRAFT, "/who", **{**WHO, "level": "2", "areas": value}).status_code == 422


def test_what_lacks_every_field_is_answered_with_the_form(town: Town) -> None:
    chen = begin(town)
    ask_trees(chen)
    for part in (
        "about",
        "questions/new",
        "questions/0",
        "questions/0/options",
        "questions/0/options/0",
        "when",
        "who",
        "how",
    ):
        assert chen.post(f"{DRAFT}/{part}").status_code == 409, part
    for part in (
        "questions/0/move",
        "questions/0/remove",
        "questions/0/options/0/move",
        "questions/0/options/0/remove",
        "publish",
        "discard",
    ):
        assert chen.post(f"{DRAFT}/{part}").status_code == 409, part
    assert send(chen, DRAFT, "/questions/0/move", step="5").status_code == 422
    assert titles(town) == ["Oak", "Elm", "Ash"]


def test_what_is_not_there_is_a_404(town: Town) -> None:
    chen = begin(town)
    ask_trees(chen)
    huge = "9" * 30
    urls = [f"/polls/{huge}", f"/polls/{huge}/change", f"/polls/drafts/{huge}", "/polls/drafts/2", f"{DRAFT}/questions/1", f"{DRAFT}/questions/{huge}",
            f"{DRAFT}/questions/0/options/3", f"{DRAFT}/questions/0/options/{huge}", f"{DRAFT}/pictures/1", f"{DRAFT}/pictures/{huge}"]  # fmt: skip
    assert {url: chen.get(url).status_code for url in urls} == dict.fromkeys(urls, 404)


def test_five_hundred_options_and_twenty_questions_are_taken_and_shown(town: Town) -> None:
    chen = begin(town)
    lines = "\n".join(f"Tree {number}" for number in range(OPTIONS_AT_MOST))
    assert send(chen, DRAFT, "/questions/new", title=TITLE, method="ranked", options=lines).status_code == 303
    for number in range(QUESTIONS_AT_MOST - 1):
        assert send(chen, DRAFT, "/questions/new", title=f"Bench {number}?", method="yes_no").status_code == 303
    refused = send(chen, DRAFT, "/questions/new", title="One more?", method="yes_no")
    assert (refused.status_code, "At most 20 questions" in refused.text) == (422, True)
    assert (len(definition(town).questions), len(titles(town))) == (QUESTIONS_AT_MOST, OPTIONS_AT_MOST)
    send(chen, DRAFT, "/when", **SOON)
    assert chen.get(f"{DRAFT}/questions/0").status_code == 200
    assert send(chen, DRAFT, "/questions/0/options/499/move", step="-1").status_code == 303
    address = send(chen, DRAFT, "/publish").headers["location"]
    assert town.client().get(address).text.count('class="choice-title"') == OPTIONS_AT_MOST + 3 * (
        QUESTIONS_AT_MOST - 1
    )


def test_garbage_in_the_address_of_the_list_is_passed_over(town: Town) -> None:
    poll_id(town)
    client = town.client("anna")
    for garbage in GARBAGE:
        for url in (
            f"/polls/?after={garbage}",
            f"/polls/?topic={garbage}&phase={garbage}",
            f"/polls/?phase=open&order={garbage}&after={garbage}",
        ):
            assert client.get(url).status_code == 200, url
        assert client.htmx("GET", f"/polls/?q={garbage}&at={garbage}&after=x").status_code == 200
    assert town.client("chen").get("/polls/drafts?after=%00").status_code == 200


def test_polls_hold_what_was_written_and_every_page_shows_it_safely(town: Town, shared_data: Path) -> None:
    known = strings(shared_data)[1 :: 40 if town.world.settings.database else 12]
    wanted = []
    for number, string in enumerate(known):
        if number % 14 == 0:
            chen = town.client("chen")  # who writes that much needs more than one session
        title, text = (
            fitting(string, *TITLE_LENGTHS),
            fitting(f"{sendable(string)} and so on and so on", 20, TEXT_LENGTH),
        )
        made = chen.post("/polls/new", data={"title": title, "text": text, "topic": ""})
        base = made.headers["location"]
        line = " ".join(clean(fitting(string, 2, 150)).split())
        asked = {"title": fitting(string, *QUESTION_LENGTHS), "text": sendable(string)[:500], "method": "single"}
        assert send(chen, base, "/questions/new", **asked, options=f"Oak\n{line}").status_code == 303, string
        option = {"title": f"{line} 2", "text": sendable(string)[:500]}
        assert send(chen, base, "/questions/0/options/0", **option).status_code == 303, string
        send(chen, base, "/when", **SOON)
        assert dangers(chen.get(base).text) == [], string
        assert dangers(chen.get(f"{base}/questions/0").text) == [], string
        assert send(chen, base, "/publish").status_code == 303, string
        wanted.append((clean(title).strip(), clean(text).strip()))
    with town.read() as db:
        polls = db.scalars(select(Poll).order_by(Poll.id)).all()
        assert [(poll.title, poll.text) for poll in polls] == wanted
    reader = town.client("anna")
    for url in ("/", "/polls/", *(poll.url for poll in polls)):
        assert dangers(reader.get(url).text) == [], url


def test_a_question_asks_for_no_more_than_is_possible(town: Town) -> None:
    chen = begin(town)
    for method in ("multiple", "ranked", "points"):
        send(chen, DRAFT, "/questions/new", title=f"{TITLE} {method}", method=method, options="Oak\nElm\nAsh")
    for place, wrong in (
        (0, {"most": "4"}),
        (0, {"least": "4"}),
        (1, {"least": "3", "most": "2"}),
        (2, {"most": ""}),
        (2, {"most": "0"}),
        (2, {"least": "99"}),
    ):
        words = {"title": TITLE, "method": ("multiple", "ranked", "points")[place], "rule": "schulze"}
        assert send(chen, DRAFT, f"/questions/{place}", **words, **wrong).status_code == 422, wrong
    assert [(question.least, question.most) for question in definition(town).questions] == [(0, 0), (0, 0), (0, 10)]


def test_what_an_imported_definition_may_hold_is_shown(town: Town) -> None:
    id = poll_id(
        town,
        a_question("text"),
        a_question("score", rule="star"),
        a_question("points"),
        a_question("ranked", rule="schulze"),
    )
    page = town.client().get(f"/polls/{id}")
    assert (page.status_code, "Read" in page.text, "go into a final" in page.text) == (200, False, True)
