"""The inbox: what happened, newest first, what is new, and where it leads; and the number in the header of each page."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from codesign.core.contributions import Reason, get_of_kind
from codesign.core.inbox import MOST_COUNTED, PAGE
from codesign.core.notices import Ground, Notice
from codesign.core.settings import CORE, save_settings
from codesign.core.threads import Thread
from codesign.events import Event
from codesign.testing import Town, World
from codesign.testing.counting import work
from tests.making import a_story
from tests.telling import a_notice, told, told_of_a_story

INBOX = "/notices/"
MOST_QUESTIONS = 8


def shown_number(html: str) -> str:
    """What stands in the bell, and what a screen reader says of it."""
    bell = html.partition('class="bell-number"')[2].partition("</a>")[0].partition(">")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", bell).split())


def headlines(html: str) -> list[str]:
    return re.findall(r"<bdi>(.*?)</bdi>", html.partition('id="notices"')[2].partition("</ol>")[0])


def unread_ids(town: Town, name: str = "anna") -> list[int]:
    with town.read() as db:
        person = town.person(db, name)
        return list(db.scalars(select(Notice.id).where(Notice.user_id == person.id, Notice.read_at.is_(None))))


def test_the_newest_comes_first_with_when_and_why(alder: Town) -> None:
    told_of_a_story(alder, title="The old bridge")
    alder.world.clock.advance(timedelta(hours=3))
    told_of_a_story(alder, title="The new bridge")
    page = alder.client("anna").get(INBOX).text
    assert headlines(page) == ["New at Alder: The new bridge", "New at Alder: The old bridge"]
    assert page.count("Why you get this: You follow this topic.") == 2
    assert "3 hours ago" in page


def test_what_was_not_read_says_so_with_a_word(alder: Town) -> None:
    _story, first = told_of_a_story(alder)
    told_of_a_story(alder)
    anna = alder.client("anna")
    assert anna.get(INBOX).text.count(">New</strong>") == 2
    anna.get(f"/notices/{first}")
    assert anna.get(INBOX).text.count(">New</strong>") == 1


def test_opening_a_notice_leads_to_what_it_is_about_and_marks_it_as_read(alder: Town) -> None:
    story, id = told_of_a_story(alder)
    anna = alder.client("anna")
    assert shown_number(anna.get("/").text).endswith("1 unread notice")
    assert (anna.head(f"/notices/{id}").status_code, unread_ids(alder)) == (303, [id])
    for _time in range(2):
        answer = anna.get(f"/notices/{id}")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/threads/{story}")
    assert unread_ids(alder) == []
    assert shown_number(anna.get("/").text) == "0"


@pytest.mark.parametrize(
    ("url", "leads_to"),
    [
        ("https://alder.example/threads/1?order=newest#comment-7", "/threads/1?order=newest#comment-7"),
        ("https://evil.example//evil.example/x", "/threads/1"),
        ("javascript:alert(1)", "/threads/1"),
        ("http://[half", "/threads/1"),
        ("", "/threads/1"),
    ],
)
def test_a_notice_leads_to_the_place_of_its_letter_and_never_to_another_site(
    alder: Town, url: str, leads_to: str
) -> None:
    story = a_story(alder, "boris")
    with alder.write() as db:
        notice = a_notice(alder, db, thing=story)
        event = db.get_one(Event, notice.event_id)
        event.data = {**event.data, "url": url}
    assert alder.client("anna").get(f"/notices/{notice.id}").headers["Location"] == leads_to


def test_everything_can_be_marked_as_read_up_to_what_was_shown(alder: Town) -> None:
    shown = told(alder, count=3)
    later = told(alder)
    anna = alder.client("anna")
    assert anna.post("/notices/read", data={"last": str(shown[-1])}).headers["Location"] == INBOX
    assert unread_ids(alder) == later
    page = anna.get(INBOX).text
    assert "Everything is marked as read." in page
    assert (f'name="last" value="{later[0]}"' in page, "Mark all as read" in page) == (True, True)
    anna.post("/notices/read", data={"last": str(later[0])})
    assert "Mark all as read" not in anna.get(INBOX).text


@pytest.mark.parametrize("last", ["", "-1", "x", "9" * 400, "٣", "1 or 1"])
def test_a_mark_that_names_no_notice_marks_everything(alder: Town, last: str) -> None:
    told(alder, count=2)
    told(alder, "boris", 2)
    assert alder.client("anna").post("/notices/read", data={"last": last}).status_code == 303
    assert (unread_ids(alder), len(unread_ids(alder, "boris"))) == ([], 2)


def test_notices_of_others_and_those_not_for_the_inbox_are_not_there(alder: Town, birch: Town) -> None:
    told(birch, "dora")
    [boris] = told(alder, "boris")
    with alder.write() as db:
        hidden = a_notice(alder, db, shown=False).id
    anna = alder.client("anna")
    assert headlines(anna.get(INBOX).text) == []
    assert "Nothing has happened yet." in anna.get(INBOX).text
    for id in (boris, hidden, 999, 2**70):
        assert anna.get(f"/notices/{id}").status_code == 404
    assert shown_number(anna.get("/").text) == "0"


def test_the_list_goes_on_by_key(alder: Town) -> None:
    told(alder, count=PAGE + 5)
    anna, url, found = alder.client("anna"), INBOX, []
    while url:
        page = anna.get(url).text
        found.append(len(headlines(page)))
        further = re.search(r'rel="next" href="([^"]+)"', page)
        url = further[1].replace("&amp;", "&") if further else ""
    assert found == [PAGE, 5]
    assert anna.get(f"{INBOX}?after=nonsense").status_code == 200


def test_strangers_are_asked_to_sign_in(alder: Town) -> None:
    [id] = told(alder)
    for url in (INBOX, f"/notices/{id}"):
        answer = alder.client().get(url)
        assert (answer.status_code, "/accounts/sign-in" in answer.headers["Location"]) == (303, True)
    assert unread_ids(alder) == [id]


def test_what_a_moderator_hid_and_what_was_switched_off_shows_nothing_of_itself(alder: Town) -> None:
    story, _id = told_of_a_story(alder, title="A rude bridge")
    with alder.write() as db:
        a_notice(
            alder, db, thing=story, ground=Ground.AUTHOR, template="moderation/mail/hidden", reason="You wrote it."
        )
        thing = get_of_kind(db, Thread, story)
        thing.hidden_at, thing.hidden_reason = alder.world.clock.now(), Reason.SPAM
    page = alder.client("anna").get(INBOX).text
    assert headlines(page) == ["Something you wrote was hidden: A rude bridge", "A moderator has hidden this since."]
    assert page.count('href="/notices/1"') == 0


def test_a_notice_of_a_plugin_that_is_off_or_gone_spoils_nothing(alder: Town) -> None:
    with alder.write() as db:
        a_notice(alder, db, template="nowhere/mail/gone")
        a_notice(alder, db, template="../../etc/passwd")
    assert headlines(alder.client("anna").get(INBOX).text) == ["Three visits", "Three visits"]


@pytest.mark.parametrize(
    "nasty", ["<script>alert(1)</script>", "Two\nlines\r\n", "\u202eback", "{{ 7 * 7 }}", "a" * 5000]
)
def test_titles_are_shown_as_they_are_on_one_line(alder: Town, nasty: str) -> None:
    with alder.write() as db:
        notice = a_notice(alder, db)
        event = db.get_one(Event, notice.event_id)
        event.data = {**event.data, "title": nasty}
    page = alder.client("anna").get(INBOX).text
    assert ("<script>alert" in page, "49" in headlines(page)[0]) == (False, False)
    assert headlines(page)[0].startswith("New at Alder:")


def test_the_inbox_asks_the_same_few_questions_however_full_it_is(alder: Town) -> None:
    anna, numbers = alder.client("anna"), []
    anna.get("/")
    for more in (1, 2, 97):
        told(alder, count=more)
        with alder.counted() as asked:
            assert anna.get(INBOX).status_code == 200
        numbers.append(len(asked))
    assert numbers == [numbers[0]] * 3
    assert numbers[0] <= MOST_QUESTIONS


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0"),
        (1, "1 1 unread notice"),
        (99, "99 99 unread notices"),
        (100, "99+ More than 99 unread notices"),
        (MOST_COUNTED + 40, "99+ More than 99 unread notices"),
    ],
)
def test_every_page_says_in_its_header_how_much_is_new(alder: Town, count: int, said: str) -> None:
    told(alder, count=count)
    anna = alder.client("anna")
    for url in ("/", "/topics/", INBOX, "/accounts/settings"):
        for _time in range(3):  # made for Anna alone, then filled
            assert shown_number(anna.get(url).text) == said, url
    assert 'class="bell"' not in alder.client().get("/").text


def test_a_kept_page_says_the_right_number_to_everybody_and_asks_nothing_more(world: World, alder: Town) -> None:
    readers = {name: alder.client(name) for name in ("anna", "boris")}
    stranger = alder.client()
    for number in range(3):
        for name, client in readers.items():
            assert shown_number(client.get("/").text)[:1] == ("0" if name == "boris" else str(number))
        assert "unread" not in stranger.get("/").text
        told(alder)
    assert shown_number(readers["anna"].get("/").text)[:1] == "3"
    with work(alder) as done:
        readers["anna"].get("/")
    assert len(done.statements) == 3


def test_the_number_costs_the_same_however_many_notices_there_are(alder: Town) -> None:
    efforts = []
    anna = alder.client("anna")
    for more in (MOST_COUNTED, 10 * MOST_COUNTED):
        told(alder, "boris", more)
        told(alder, count=more)
        for _time in range(3):
            anna.get("/")
        with work(alder) as done:
            anna.get("/")
        efforts.append(done.effort)
    assert efforts[1] <= efforts[0] * 1.2
    with alder.read() as db:
        assert db.scalar(select(func.count()).select_from(Notice)) == 22 * MOST_COUNTED


def test_headlines_and_the_bell_speak_the_language_of_the_reader(alder: Town) -> None:
    told(alder, count=2)
    with alder.write() as db:
        chosen = {"title": "Alder", "locale": "en", "other_locales": ["es"]}
        save_settings(db, CORE, chosen, alder.world.clock.now())
    anna = alder.client("anna")
    anna.cookies.set("language", "es")
    page = anna.get(INBOX).text
    assert headlines(page) == ["Novedad en Alder: Three visits"] * 2
