"""Following by e-mail without an account: asked for, confirmed, told, and ended by the link in a letter."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from codesign.core.authorities import create_authority
from codesign.core.contributions import get_of_kind
from codesign.core.notices import Channel, Ground, Mailbox, Preference
from codesign.core.preferences import refuse
from codesign.core.settings import CORE, save_settings
from codesign.core.subscriptions import LIFE, MOST, PAUSE, Subscription, ask
from codesign.core.threads import Thread
from codesign.core.topics import create_topic
from codesign.core.users import user_by_email
from codesign.testing import Town
from tests.following import (
    OLGA,
    SITUATION,
    STORY,
    a_topic,
    asked,
    follower,
    follows,
    letters,
    managing,
    path_of,
    people,
)
from tests.making import a_story


def test_nothing_is_followed_before_the_link_in_the_letter_is_opened_and_its_button_pressed(alder: Town) -> None:
    where, before = a_topic(alder), people(alder)
    client = alder.client()
    assert "Parks" in client.get(where).text
    assert f'href="{where}"' in client.get("/topics/parks").text
    answer = client.post(where, data={"email": " Olga@Elsewhere.example "})
    assert (answer.status_code, OLGA in answer.text) == (200, True)
    (letter,) = letters(alder)
    assert (letter.to, "Parks" in letter.text) == (OLGA, True)
    assert (people(alder), follows(alder)) == (before, [])
    link = path_of(letter.links[0])
    assert "Parks" in client.get(link).text
    assert (people(alder), follows(alder)) == (before, [])
    confirmed = client.post(link)
    assert (confirmed.status_code, follows(alder)) == (303, [("topic", 1)])
    assert OLGA in client.get(confirmed.headers["location"]).text


@pytest.mark.parametrize("name", [None, "anna"])
def test_only_visitors_are_offered_to_follow_by_e_mail(alder: Town, name: str | None) -> None:
    a_story(alder)
    with alder.write() as db:
        create_authority(db, "Roads")
    where = a_topic(alder)
    pages = {
        "/threads/1": "/follow/contribution/1",
        SITUATION: "/follow/situation/1",
        "/topics/parks": where,
        "/authorities/roads": "/follow/authority/1",
    }
    client = alder.client(name)
    for page, link in pages.items():
        for _kept in range(2):
            assert (f'href="{link}"' in client.get(page).text) is (name is None)
        assert client.get(link).status_code == (200 if name is None else 303)


def test_whoever_follows_hears_by_daily_letter_and_ends_it_there(alder: Town) -> None:
    a_story(alder)
    follower(alder, "/follow/situation/1")
    assert alder.client("boris").post(f"{SITUATION}/threads/new", data=STORY).status_code == 303
    before = len(letters(alder))
    alder.world.clock.advance(timedelta(hours=10))
    (letter,) = letters(alder)[before:]
    assert (letter.to, STORY["title"] in letter.text, f"Hello {OLGA}," in letter.text) == (OLGA, True, True)
    (manage,) = [path_of(link) for link in letter.links if "/follow/manage/" in link]
    client = alder.client()
    assert "I am expecting a child" in client.get(manage).text
    stopped = client.post(manage, data={"stop": "situation:1"})
    assert (stopped.status_code, follows(alder)) == (303, [])
    assert "You follow nothing." in client.get(stopped.headers["location"]).text


def test_the_answer_is_the_same_for_known_and_unknown_addresses(alder: Town) -> None:
    where = a_topic(alder)
    client = alder.client()
    answers = [client.post(where, data={"email": email}) for email in (OLGA, "anna@alder.example")]
    texts = [answer.text.replace(OLGA, "X").replace("anna@alder.example", "X") for answer in answers]
    assert (texts[0] == texts[1], [answer.status_code for answer in answers]) == (True, [200, 200])
    assert client.post(where, data={"email": OLGA}).text.replace(OLGA, "X") == texts[0]


def test_whoever_has_an_account_follows_with_it(alder: Town) -> None:
    link = asked(alder, a_topic(alder), "anna@alder.example")
    before = people(alder)
    answer = alder.client().post(link)
    assert (answer.status_code, answer.headers["location"], people(alder)) == (303, "/", before)
    assert follows(alder, "anna@alder.example") == [("topic", 1)]
    assert "Stop following" in alder.client("anna").get("/topics/parks").text
    manage = managing(alder, "anna@alder.example")
    assert alder.client().get(manage).headers["location"] == "/accounts/settings"
    assert alder.client().post(manage, data={"erase": "1"}).headers["location"] == "/accounts/settings"
    assert people(alder) == before


def test_an_address_gets_one_such_letter_an_hour_and_its_link_holds_for_all_that_was_asked(alder: Town) -> None:
    parks, lakes, roads = (a_topic(alder, title) for title in ("Parks", "Lakes", "Roads"))
    first = asked(alder, parks)
    assert (asked(alder, lakes), len(letters(alder))) == (first, 1)
    page = alder.client().get(first).text
    assert [title in page for title in ("Parks", "Lakes", "Roads")] == [True, True, False]
    alder.client().post(first)
    assert (asked(alder, roads), len(letters(alder)), follows(alder)) == (first, 1, [("topic", 1), ("topic", 2)])
    alder.client().post(first)
    assert follows(alder) == [("topic", 1), ("topic", 2), ("topic", 3)]
    assert "Nothing waits for your confirmation" in alder.client().get(first).text
    alder.world.clock.advance(PAUSE)
    second = asked(alder, parks)
    assert (second == first, len(letters(alder))) == (False, 2)
    assert alder.client().post(first).status_code == 422


def test_a_link_works_for_three_days_and_is_forgotten_then(alder: Town) -> None:
    parks = a_topic(alder)
    link = asked(alder, parks)
    alder.world.clock.advance(LIFE)
    assert "does not work any more" in alder.client().get(link).text
    assert (alder.client().post(link).status_code, follows(alder)) == (422, [])
    asked(alder, parks, "other@elsewhere.example")
    with alder.read() as db:
        assert list(db.scalars(select(Subscription.email))) == ["other@elsewhere.example"]


def test_what_is_hidden_or_switched_off_cannot_be_followed(alder: Town) -> None:
    alder.enable("debates")
    story = a_story(alder)
    link = asked(alder, f"/follow/contribution/{story}")
    with alder.write() as db:
        get_of_kind(db, Thread, story).hidden_at = alder.world.clock.now()
    client = alder.client()
    assert client.get(f"/follow/contribution/{story}").status_code == 404
    assert client.post(f"/follow/contribution/{story}", data={"email": OLGA}).status_code == 404
    assert "Nothing waits" in client.get(link).text
    client.post(link)
    assert follows(alder) == []
    for where in ("/follow/topic/9", "/follow/person/1", f"/follow/topic/{2**63}", "/follow/contribution/99"):
        assert (client.get(where).status_code, client.post(where, data={"email": OLGA}).status_code) == (404, 404)


@pytest.mark.parametrize(
    "typed",
    ["", " ", "olga", "olga@x", "a" * 250 + "@x.example", "o@x.example\nBcc: e@x.example", "o@x.example, e@x.example"],
)
def test_what_is_no_address_is_refused_and_stays_in_the_form(alder: Town, typed: str) -> None:
    answer = alder.client().post(a_topic(alder), data={"email": typed})
    assert (answer.status_code, "ds-validation-message" in answer.text) == (422, True)
    assert letters(alder) == []


def test_a_hundred_requests_make_no_hundred_letters(alder: Town) -> None:
    where = a_topic(alder)
    client = alder.client()
    answers = [client.post(where, data={"email": OLGA}).status_code for _time in range(40)]
    assert (answers[:30], answers[30:], len(letters(alder))) == ([200] * 30, [429] * 10, 1)


def test_no_more_waits_than_can_be_shown(alder: Town) -> None:
    now = alder.world.clock.now()
    with alder.write() as db:
        for number in range(MOST + 5):
            ask(db, OLGA, create_topic(db, f"Topic {number}"), "en", now)
        assert len(db.get_one(Subscription, OLGA).wanted) == MOST


def test_whoever_ended_the_letters_with_one_click_gets_them_again_when_they_ask(alder: Town) -> None:
    parks = a_topic(alder)
    follower(alder, parks)

    def end() -> list[tuple[Ground, Channel]]:
        with alder.write() as db:
            user = user_by_email(db, OLGA)
            assert user is not None
            refuse(db, user.id, [(Ground.PLACE, Channel.DIGEST)])
        return refused()

    def refused() -> list[tuple[Ground, Channel]]:
        with alder.read() as db:
            return [(row.ground, row.channel) for row in db.scalars(select(Preference))]

    client, manage = alder.client(), managing(alder)
    assert "Write to me again" not in client.get(manage).text
    assert end() == [(Ground.PLACE, Channel.DIGEST)]
    assert "Write to me again" in client.get(manage).text
    assert (client.post(manage, data={"again": "1"}).status_code, refused()) == (303, [])
    assert end() == [(Ground.PLACE, Channel.DIGEST)]
    alder.world.clock.advance(PAUSE)
    follower(alder, parks)
    assert refused() == []


def test_confirming_an_address_anew_lets_letters_go_there_again(alder: Town) -> None:
    parks = a_topic(alder)
    follower(alder, parks)
    now = alder.world.clock.now()
    with alder.write() as db:
        user = user_by_email(db, OLGA)
        assert user is not None
        db.add(Mailbox(user_id=user.id, stopped_at=now, stopped_because="No such mailbox"))
    alder.world.clock.advance(PAUSE)
    follower(alder, parks)
    with alder.read() as db:
        assert [(row.stopped_at, row.stopped_because) for row in db.scalars(select(Mailbox))] == [(None, "")]


def test_letters_to_a_follower_speak_the_language_of_the_page_where_they_asked(alder: Town) -> None:
    with alder.write() as db:
        save_settings(db, CORE, {"other_locales": ["es"]}, alder.world.clock.now())
    client = alder.client()
    client.cookies.set("language", "es")
    client.post(a_topic(alder), data={"email": OLGA})
    letter = letters(alder)[-1]
    assert 'lang="es"' in letter.html
    client.post(path_of(letter.links[0]))
    with alder.read() as db:
        found = user_by_email(db, OLGA)
        assert found is not None
        assert found.locale == "es"
