"""The page of a proposal, and its author's pages: supporting in place, changing, versions, withdrawing."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from codesign.core.contributions import get_of_kind
from codesign.core.votes import ContributionVote
from codesign.testing import Town
from codesign_proposals.proposals import Proposal, Revision
from codesign_proposals.tests.making import TEXT, TITLE, proposal_id, supported
from codesign_proposals.tests.telling import letters, told
from tests.making import neighbours
from tests.sending import photo
from tests.test_concurrency import at_once, posting

START = datetime(2026, 5, 4, 9, tzinfo=UTC)
FORM = {"title": TITLE, "text": TEXT}
WHOLE = {**FORM, "topic": "", "area": "", "tags": "", "alt": ""}
SUPPORT = re.compile(r'<button class="ds-button"[^>]* id="support-\d+" name="value" value="([01])">')


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("proposals")


def stamp(town: Town, id: int) -> str:
    html = town.client("anna").get(f"/proposals/{id}/edit").text
    found = re.search(r'name="loaded"[^>]*value="(\w*)"', html)
    assert found is not None, html
    return found[1]


def edited(town: Town, id: int, loaded: str = "", files: Any = None, **fields: str) -> Any:
    data = {**WHOLE, "loaded": loaded or stamp(town, id), **fields}
    return town.client("anna").post(f"/proposals/{id}/edit", data=data, files=files)


def test_the_panel_tells_how_far_it_is_in_a_number_a_bar_and_words(town: Town) -> None:
    id = proposal_id(town, agree_count=412, threshold=1000, archives_at=START + timedelta(days=17, hours=1))
    html = town.client().get(f"/proposals/{id}").text
    assert "412</strong> of 1,000 supporters" in html
    assert "18 days left" in html
    assert 'class="support-done" width="41.2%"' in html
    [marks] = re.findall(r'<ol class="support-marks".*?</ol>', html, re.DOTALL)
    assert re.findall(r"(\d+) %</li>", marks) == ["25", "50", "75", "100"]
    assert re.findall(r"Reached:</span> (\d+) %", marks) == ["25"]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"archives_at": None}, "Gathering support"),
        ({"archives_at": START + timedelta(hours=1)}, "1 day left"),
        ({"archives_at": START}, "Archived on 4 May 2026 without the support it needed"),
        ({"withdrawn_at": START}, "Withdrawn by its author on 4 May 2026"),
        ({"reached_at": START - timedelta(days=3)}, "Reached the support it needed on 1 May 2026"),
    ],
)
def test_where_it_stands_is_said_in_words_and_the_button_is_there_while_it_works(
    town: Town, facts: dict[str, Any], words: str
) -> None:
    id = proposal_id(town, **facts)
    html = town.client("boris").get(f"/proposals/{id}").text
    usable = words[:8] not in {"Archived", "Withdraw"}
    assert (words in html, bool(SUPPORT.search(html))) == (True, usable)


def test_supporting_in_place_answers_with_the_panel_alone(town: Town) -> None:
    id = proposal_id(town)
    boris = town.client("boris")
    for value, offered, count in (("1", "0", "1"), ("0", "1", "0")):
        answer = boris.htmx("POST", f"/contributions/{id}/vote", data={"value": value})
        assert (answer.status_code, answer.text.strip()[:27]) == (200, '<form class="votes support"')
        assert (SUPPORT.findall(answer.text), f">{count}</strong> of 100" in answer.text) == ([offered], True)


def test_a_day_less_is_left_on_kept_pages_when_a_day_is_over(town: Town) -> None:
    id = proposal_id(town, archives_at=START + timedelta(days=2))
    clients = [town.client(), town.client("boris"), town.client("anna")] * 2
    for seconds, words in (
        (0, "2 days left"),
        (86399, "2 days left"),
        (86400, "1 day left"),
        (172799, "1 day left"),
        (172800, "Archived on"),
    ):
        town.world.clock.moment = START + timedelta(seconds=seconds)
        assert [words in client.get(f"/proposals/{id}").text for client in clients] == [True] * 6


def test_links_of_its_author_stand_on_the_page_while_they_lead_somewhere(town: Town) -> None:
    id = proposal_id(town, archives_at=START + timedelta(days=2))
    links = [f"/proposals/{id}/edit", f"/proposals/{id}/withdraw"]

    def offered(name: str | None) -> list[bool]:
        html = town.client(name).get(f"/proposals/{id}").text
        return [f'href="{link}"' in html for link in links]

    assert [offered(name) for name in ("anna", "boris", None)] == [[True] * 2, [False] * 2, [False] * 2]
    town.world.clock.advance(timedelta(days=2))
    town.tick()
    assert offered("anna") == [False] * 2


def test_before_the_first_support_everything_can_be_changed_and_leaves_no_version(town: Town) -> None:
    area, id = town.area("Old town"), proposal_id(town)
    files = {"picture": ("stop.jpg", photo(), "image/jpeg")}
    answer = edited(town, id, files=files, title="A roof and a bench", area=str(area), tags="Bus", alt="The stop")
    assert answer.status_code == 303, answer.text
    html = town.client("boris").get(f"/proposals/{id}").text
    for words in ("A roof and a bench</h1>", "Old town</a>", "<li>Bus</li>", 'alt="The stop"', "edited"):
        assert words in html, words
    assert "Version" not in html
    assert told(town) == Counter()
    assert (
        edited(town, id, title="A roof and a bench", area=str(area), tags="Bus", alt="Another stop").status_code == 303
    )
    assert 'alt="Another stop"' in town.client("boris").get(f"/proposals/{id}").text


def test_after_the_first_support_a_change_is_a_version_that_everybody_can_compare_and_supporters_hear_of_it(
    town: Town,
) -> None:
    neighbours(town, 1)
    id = proposal_id(town)
    supported(town, id, "boris", "neighbour0")
    town.world.clock.advance(timedelta(days=1))
    answer = edited(town, id, title="A roof and a bench")
    assert answer.status_code == 303
    reader = town.client()
    assert f'href="/proposals/{id}/revisions"' in reader.get(f"/proposals/{id}").text
    html = reader.get(f"/proposals/{id}/revisions").text
    assert ("What version 2 changed" in html, "2 had supported it" in html, "5 May 2026" in html) == (True, True, True)
    assert "<del>" in html
    assert told(town) == Counter(["boris", "neighbour0"])
    text = " ".join(letters(town)[0].get_content().split())
    assert ("take your support back" in text, f"/proposals/{id}/revisions?version=2" in text) == (True, True)
    for version in ("", "?version=1", "?version=2", "?version=3", "?version=-1", "?version=x", "?version=" + "9" * 50):
        assert reader.get(f"/proposals/{id}/revisions{version}").status_code == 200


def test_a_change_of_nothing_is_no_version(town: Town) -> None:
    id = proposal_id(town)
    supported(town, id, "boris")
    assert edited(town, id).status_code == 303
    with town.read() as db:
        assert db.scalars(select(Revision)).all() == []
    assert told(town) == Counter()
    assert "There is one version" in town.client().get(f"/proposals/{id}/revisions").text


@pytest.mark.parametrize("meanwhile", ["changed", "supported"])
def test_what_changed_while_the_form_was_open_is_not_overwritten_unseen(town: Town, meanwhile: str) -> None:
    id = proposal_id(town)
    loaded = stamp(town, id)
    if meanwhile == "changed":
        assert edited(town, id, title="A roof and a bench").status_code == 303
    else:
        supported(town, id, "boris")
    answer = edited(town, id, loaded, title="A bench and a roof")
    assert answer.status_code == 409
    assert ("This was changed meanwhile" in answer.text, 'value="A bench and a roof"' in answer.text) == (True, True)
    with town.read() as db:
        assert get_of_kind(db, Proposal, id).title != "A bench and a roof"
    assert edited(town, id, title="A bench and a roof").status_code == 303


def test_a_proposal_is_withdrawn_with_a_reason_that_supporters_and_readers_are_told(town: Town) -> None:
    id = proposal_id(town)
    supported(town, id, "boris")
    form = {"reason": "other", "text": "The town **builds** it already."}
    assert town.client("anna").post(f"/proposals/{id}/withdraw", data=form).status_code == 303
    html = town.client().get(f"/proposals/{id}").text
    assert ("Another reason" in html, "<strong>builds</strong>" in html, "Its author has withdrawn" in html) == (
        True,
        True,
        True,
    )
    assert told(town) == Counter(["boris"])
    text = " ".join(letters(town)[0].get_content().split())
    assert ("The reason: Another reason" in text, "The town **builds** it already." in text) == (True, True)
    assert town.client("anna").post(f"/proposals/{id}/withdraw", data=form).status_code == 403


def test_a_first_support_and_a_change_at_the_same_moment_lose_nothing(town: Town) -> None:
    for round in range(6):
        id = proposal_id(town, f"A roof {round}")
        form = {**WHOLE, "title": f"A bench {round}", "loaded": stamp(town, id)}
        tasks = [posting(town, "anna", f"/proposals/{id}/edit", form)]
        tasks += [posting(town, name, f"/contributions/{id}/vote", {"value": "1"}) for name in ("boris", "chen")]
        answers = at_once(tasks)
        with town.read() as db:
            proposal = get_of_kind(db, Proposal, id)
            votes = len(db.scalars(select(ContributionVote).where(ContributionVote.contribution_id == id)).all())
            assert (proposal.agree_count, votes, proposal.revision) == (2, 2, 1)
            # The change came first, or it was told that somebody had supported the proposal meanwhile.
            assert answers in ([303, 303, 303], [303, 303, 409])
            assert proposal.title == (f"A bench {round}" if answers[-1] == 303 else f"A roof {round}")


def test_two_changes_at_the_same_moment_are_one_version_and_one_refusal(town: Town) -> None:
    for round in range(4):
        id = proposal_id(town, f"A roof {round}")
        supported(town, id, "boris")
        form = {**FORM, "loaded": stamp(town, id)}
        tasks = [posting(town, "anna", f"/proposals/{id}/edit", {**form, "title": f"A bench {n}"}) for n in range(3)]
        assert at_once(tasks) == [303, 409, 409]
        with town.read() as db:
            assert get_of_kind(db, Proposal, id).revision == 2


def test_a_withdrawal_and_supports_at_the_same_moment_leave_counters_that_equal_the_votes(town: Town) -> None:
    for round in range(4):
        id = proposal_id(town, f"A roof {round}", threshold=2)
        tasks = [posting(town, name, f"/contributions/{id}/vote", {"value": "1"}) for name in ("boris", "chen", "maya")]
        tasks += [posting(town, "anna", f"/proposals/{id}/withdraw", {"reason": "done", "text": ""})] * 2
        answers = at_once(tasks)
        with town.read() as db:
            proposal = get_of_kind(db, Proposal, id)
            votes = len(db.scalars(select(ContributionVote).where(ContributionVote.contribution_id == id)).all())
            assert (proposal.agree_count, proposal.withdrawn_at, set(answers) <= {303, 403}) == (votes, START, True)
            assert answers.count(303) == votes + 1
