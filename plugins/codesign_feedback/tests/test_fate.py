"""What happened, on the page of a contribution: where it stands, the clock, the answer, the promises, the timeline."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from codesign.core.authorities import change_authority
from codesign.core.contributions import Contribution, touch
from codesign.core.files import File
from codesign.core.settings import save_settings
from codesign.testing import Town
from codesign_feedback.answers import Commitment
from codesign_feedback.loop import Code, State
from codesign_feedback.receipts import written
from codesign_feedback.story import SHOWN
from codesign_feedback.tests import walking
from codesign_feedback.tests.making import DAY, an_authority, authority_of, opened, take_part, wait_for
from codesign_feedback.tests.walking import walked
from codesign_feedback.voices import Receipt

STATES = {
    State.ACKNOWLEDGED: ("An answer is owed", "30 days left until the official answer"),
    State.ASSIGNED: ("Somebody is responsible", "30 days left until the official answer"),
    State.TRANSFERRED: ("Handed to another authority", "30 days left until the official answer"),
    State.UNDER_REVIEW: ("Being worked on", "30 days left until the official answer"),
    State.RETURNED: ("Waits for its author", "30 days left for the author to add what is missing"),
    State.ANSWERED: ("Answered", "30 days left until the town says who will do what by when"),
    State.DECLINED: ("Declined", "30 days left to appeal against the refusal"),
    State.COMMITTED: ("Promised", "30 days left until the next news of the work"),
    State.IN_PROGRESS: ("In progress", "30 days left until the next news of the work"),
    State.DELIVERED: ("Delivered, says the town", ""),
    State.VERIFIED: ("Done, say those who took part", ""),
    State.DISPUTED: ("Disputed", "14 days left until the town answers those who say it is not done"),
    State.CLOSED: ("Closed: done, say those who took part", ""),
    State.REOPENED: ("Opened again", "30 days left until the official answer"),
    State.LAPSED: ("Never answered", ""),
    State.WITHDRAWN: ("Withdrawn", ""),
    State.MERGED: ("Joined to another contribution", ""),
}


def page_of(town: Town, id: int, name: str | None = None) -> str:
    answer = town.client(name).get(f"/threads/{id}")
    assert answer.status_code == 200
    return str(answer.text)


def words(html: str, name: str) -> str:
    """What stands in the first element of this class, in one line without tags."""
    found = re.search(rf'<(\w+) class="{name}[ "].*?</\1>', html, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def clock_of(html: str) -> str:
    return words(html, "fate-clock").partition(" Last day:")[0]


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_said_in_words_with_its_clock_and_what_it_means(alder: Town, state: State) -> None:
    alder.enable("feedback")
    html = page_of(alder, walked(alder, state, "boris"))
    assert (words(html, "fate-state"), clock_of(html)) == STATES[state]
    assert words(html, "fate-meaning").endswith(".")


def test_the_clock_counts_down_at_the_towns_midnight_for_everybody_at_once(alder: Town) -> None:
    with alder.enable("feedback").write() as db:
        save_settings(db, "core", {"title": "Alder", "zone": "Asia/Kolkata"}, alder.world.clock.now())
    id = opened(alder)
    clients = [alder.client(), alder.client("anna"), alder.client("boris")] * 3

    def shown() -> set[str]:
        return {clock_of(client.get(f"/threads/{id}").text) for client in clients}

    assert shown() == {"30 days left until the official answer"}
    alder.world.clock.advance(timedelta(hours=9, minutes=29, seconds=59))  # 09:00 UTC is 14:30 there
    assert shown() == {"30 days left until the official answer"}
    alder.world.clock.advance(timedelta(seconds=1))
    assert shown() == {"29 days left until the official answer"}


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (29, "1 day left until the official answer"),
        (30, "Last day today until the official answer"),
        (31, "1 day over. The official answer is late."),
        (33, "3 days over. The official answer is late."),
    ],
)
def test_the_last_days_and_those_after_are_said(alder: Town, days: int, said: str) -> None:
    id = opened(alder.enable("feedback"))
    alder.world.clock.advance(days * DAY)
    html = page_of(alder, id)
    assert clock_of(html) == said
    assert ("Overdue" in words(html, "fate-badges")) == (days > 30)


def test_work_of_which_nothing_is_heard_is_marked_no_news(alder: Town) -> None:
    alder.enable("feedback")
    id = walked(alder, State.COMMITTED)
    alder.world.clock.advance(31 * DAY)
    html = page_of(alder, id)
    assert clock_of(html) == "1 day over. There is no news of the work."
    assert words(html, "fate-badges") == "No news"


def test_the_responsible_authority_stands_there_under_its_present_name(alder: Town) -> None:
    alder.enable("feedback")
    an_authority(alder)
    id = walked(alder, State.ASSIGNED)
    assert words(page_of(alder, id), "meta fate-who") == "Responsible: Parks department In the hands of Chen"
    with alder.write() as db:
        change_authority(db, authority_of(db), "Parks and gardens", "", None)
    assert words(page_of(alder, id), "meta fate-who") == "Responsible: Parks and gardens In the hands of Chen"


def test_a_refusal_says_its_reason_and_offers_an_appeal_while_there_is_time(alder: Town) -> None:
    alder.enable("feedback")
    id = walked(alder, State.DECLINED)
    html = page_of(alder, id)
    assert words(html, "fate-answer").startswith("The official answer No The reason: There is no money for it")
    assert f'href="/feedback/{id}/appeal"' in html
    alder.world.clock.advance(31 * DAY)
    assert f'href="/feedback/{id}/appeal"' not in page_of(alder, id)


def test_an_answer_to_what_was_opened_again_is_called_an_earlier_one(alder: Town) -> None:
    alder.enable("feedback")
    html = page_of(alder, walked(alder, State.REOPENED, "boris"))
    assert words(html, "fate-answer").startswith("An earlier official answer Yes, as proposed")


def test_an_answer_that_somebody_appeals_against_is_not_called_an_earlier_one(alder: Town) -> None:
    alder.enable("feedback")
    id = walked(alder, State.DECLINED)
    walking.appeal(alder, id)
    assert words(page_of(alder, id), "fate-answer").startswith("The official answer No")


def test_a_deferral_says_until_when(alder: Town) -> None:
    id = opened(alder.enable("feedback"))
    walking.answer(alder, id, Code.DEFERRED, until=(alder.world.clock.now() + 90 * DAY).date())
    html = page_of(alder, id)
    assert "It is looked at again after 2 August 2026." in html
    assert words(html, "fate-meaning") == "The town looks at it again after 2 August 2026."


def test_a_promise_shows_its_owner_its_day_and_what_shows_it_kept(alder: Town) -> None:
    id = opened(alder.enable("feedback"))
    walking.answer(alder, id)
    walking.commit(alder, id, days=60)
    assert (
        words(page_of(alder, id), "fate-promises")
        == "What the town has promised A roof Mr Roof By 3 July 2026 60 days left"
    )
    alder.world.clock.advance(2 * DAY)
    walking.deliver(alder, id)
    kept = (
        "What the town has promised A roof Mr Roof Delivered on 6 May 2026 Promised by 3 July 2026 The roof is there."
    )
    assert words(page_of(alder, id), "fate-promises") == kept


def test_more_time_stands_there_with_its_reason_until_the_answer_comes(alder: Town) -> None:
    id = opened(alder.enable("feedback"))
    walking.assign(alder, id)
    walking.extend(alder, id)
    assert words(page_of(alder, id), "quoted fate-said") == "Why the town takes more time The engineer is ill."
    walking.answer(alder, id)
    assert words(page_of(alder, id), "quoted fate-said") == ""


def test_the_timeline_says_what_happened_and_who_did_it_oldest_first(alder: Town) -> None:
    alder.enable("feedback")
    id = walked(alder, State.RETURNED)
    walking.complete(alder, id)
    steps = re.findall(r'<li class="fate-step".*?</li>', page_of(alder, id), re.DOTALL)
    told = [(words(step, "fate-when"), words(step, "fate-what"), words(step, "fate-words")) for step in steps]
    assert told == [
        ("4 May 2026 · Its author", "The story was published", ""),
        ("4 May 2026", "Received", ""),
        ("4 May 2026", "The town has confirmed that it owes an answer", ""),
        ("4 May 2026 · Parks department", "Somebody at the town is responsible", ""),
        ("4 May 2026 · Parks department", "The author is asked to add something", "Which office was it?"),
        ("4 May 2026 · Its author", "The author has added something", "The one at the market."),
    ]


def test_of_a_long_story_the_beginning_is_folded_and_of_a_long_text_the_end(alder: Town) -> None:
    id = opened(alder.enable("feedback"))
    walking.answer(alder, id)
    walking.commit(alder, id)
    for number in range(10):
        walking.progress(alder, id, text=f"**{number}** stones are laid. " * 30)
    html = page_of(alder, id)
    folded, shown = html.split('class="fate-earlier"', 1)[1].split("</details>\n  <ol", 1)
    assert (folded.count('class="fate-step"'), shown.count('class="fate-step"')) == (7, SHOWN)
    assert html.count('<details class="fate-words">') == 10
    assert "<strong>9</strong> stones" in html


def test_nothing_stands_on_a_page_of_which_nothing_is_owed_or_where_the_plugin_is_off(alder: Town) -> None:
    id = opened(alder.enable("feedback"))
    alder.disable("feedback")
    other = opened(alder, title="Another")
    assert [words(page_of(alder, each), "fate-state") for each in (id, other)] == ["", ""]
    alder.enable("feedback")
    assert [words(page_of(alder, each), "fate-state") for each in (id, other)] == ["An answer is owed", ""]


def test_a_hidden_contribution_shows_nothing_of_its_fate(alder: Town) -> None:
    alder.enable("feedback")
    id = walked(alder, State.DECLINED)
    hidden = alder.client("boris").post(f"/moderation/hide/contribution:{id}", data={"reason": "spam"})
    assert hidden.status_code == 303
    answer = alder.client("anna").get(f"/threads/{id}")
    assert (answer.status_code, "What happened" in answer.text, "no money" in answer.text) == (404, False, False)


def test_the_count_is_shown_to_all_and_the_buttons_to_those_who_took_part(alder: Town) -> None:
    id = opened(alder.enable("feedback"))
    take_part(alder, id, "boris", "maya")
    walking.asked(alder, id)
    walking.reply(alder, id, "boris", solved=False)
    for name, buttons in ((None, False), ("anna", True), ("boris", True), ("chen", False), ("maya", False)):
        for _time in range(3):
            html = page_of(alder, id, name)
            count = "0 of 1 says it is done 2 people were asked Until 29 June 2026 · 28 days left"
            assert (words(html, "meta fate-count"), 'name="solved"' in html) == (count, buttons), name


def test_only_the_author_sees_that_the_town_waits_for_them(alder: Town) -> None:
    alder.enable("feedback")
    id = walked(alder, State.RETURNED, "boris")
    for name in ("anna", None, "boris", "chen"):
        for _time in range(3):
            html = page_of(alder, id, name)
            assert (f'href="/feedback/{id}/complete"' in html) == (name == "anna"), name
            assert words(html, "quoted fate-said") == "What the author is asked to add Which office was it?"


def test_what_lapsed_says_that_the_town_can_still_answer(alder: Town) -> None:
    id = opened(alder.enable("feedback"))
    for _rung in range(5):
        wait_for(alder, "answer", id)
    assert "The town can still answer" in words(page_of(alder, id), "fate-meaning")


def test_the_author_finds_the_receipt_on_the_page_and_nobody_else_does(alder: Town) -> None:
    id = opened(alder.enable("feedback"))
    with alder.read() as db:
        code = written(db.scalars(select(Receipt.code).where(Receipt.contribution_id == id)).one())
    for name in ("anna", "boris", None, "chen", "maya"):
        for _time in range(3):
            assert (code in page_of(alder, id, name)) == (name == "anna"), name


def test_a_picture_that_shows_it_done_stands_with_the_promise_it_belongs_to(alder: Town) -> None:
    id = opened(alder.enable("feedback"))
    walking.answer(alder, id)
    walking.commit(alder, id)
    walking.deliver(alder, id)
    with alder.write() as db:
        picture = File(
            digest="d", media_type="image/jpeg", name="lamp.jpg", size=4, width=4, height=3, alt="A lamp is lit",
            data=b"data", owner_id=alder.person(db, "chen").id, contribution_id=id, position=0,
            created_at=alder.world.clock.now(),
        )  # fmt: skip
        db.add(picture)
        db.flush()
        kept = db.scalars(select(Commitment)).one()
        kept.picture_id, kept.link = picture.id, "javascript:alert(1)"
        touch(db.get_one(Contribution, id))
    html = page_of(alder, id)
    assert 'alt="A lamp is lit"' in html
    assert "javascript:" not in html
