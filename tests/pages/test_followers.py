"""Whoever follows by e-mail only is no account: in no list and no count, erased without a trace, and safe from strangers."""

from datetime import timedelta

from sqlalchemy import func, select

from codesign.core.notices import Ground, Mailbox, Notice, Preference
from codesign.core.residents import Level, level_of, registered_residents
from codesign.core.sessions import Purpose, Token, issue_token
from codesign.core.subscriptions import Subscription
from codesign.core.users import Role, User, user_by_email
from codesign.municipalities import add_person
from codesign.outbox import Message
from codesign.testing import Town
from codesign.testing.towns import PASSWORD, QUICK_HASH
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
from tests.making import a_situation, a_story, a_thread


def test_an_erased_address_leaves_nothing_behind(alder: Town) -> None:
    a_story(alder)
    before = people(alder)
    follower(alder, "/follow/situation/1")
    alder.client("boris").post(f"{SITUATION}/threads/new", data=STORY)
    alder.world.clock.advance(timedelta(hours=10))
    letters(alder)
    alder.client().post("/accounts/forgotten", data={"email": OLGA})
    with alder.write() as db:
        user = user_by_email(db, OLGA)
        assert user is not None
        db.add_all(
            [Preference(user_id=user.id, ground=Ground.ITEM, channel="digest", wanted=False), Mailbox(user_id=user.id)]
        )
        issue_token(db, user, Purpose.CONFIRM, alder.world.clock.now())
    manage = managing(alder)
    erased = alder.client().post(manage, data={"erase": "1"})
    assert (erased.status_code, erased.headers["location"], people(alder)) == (303, "/", before)
    with alder.read() as db:
        left = [
            db.scalars(select(func.count()).select_from(table)).one()
            for table in (Preference, Mailbox, Token, Subscription)
        ]
        assert left == [0] * 4
        assert list(db.scalars(select(Message.id).where(Message.address == OLGA))) == []
        assert list(db.scalars(select(Notice.user_id).where(Notice.user_id.not_in(select(User.id))))) == []
        situation = a_situation(db)
        assert situation.follower_count == 0
    assert alder.client().get(manage).status_code == 404


def test_an_erased_address_that_something_refers_to_stays_without_it(alder: Town) -> None:
    follower(alder, a_topic(alder))
    manage = managing(alder)
    with alder.write() as db:
        user = user_by_email(db, OLGA)
        thread = a_thread(alder, db)
        assert user is not None
        thread.author_id = id = user.id
    assert alder.client().post(manage, data={"erase": "1"}).status_code == 303
    with alder.read() as db:
        user = db.get_one(User, id)
        assert (user.email, user.confirmed_at, user.erased_at is None) == (None, None, False)


def test_only_the_holder_of_the_letter_manages(alder: Town, birch: Town) -> None:
    follower(alder, a_topic(alder))
    manage = managing(alder)
    client = alder.client()
    number = manage.rpartition("/")[2].partition("-")[0]
    for token in ("x", "1-", f"{number}-{'0' * 64}", f"{number}", f"{'9' * 30}-x", f"{number}-ü", "-1-x", "0-x", "²-x"):
        assert client.get(f"/follow/manage/{token}").status_code == 404
        assert client.post(f"/follow/manage/{token}", data={"erase": "1"}).status_code == 404
    assert birch.client().get(manage).status_code == 404
    for bad in (
        {},
        {"stop": "topic"},
        {"stop": "topic:x"},
        {"stop": "person:1"},
        {"stop": "topic:99"},
        {"stop": f"topic:{'9' * 30}"},
        {"stop": f"topic:{'9' * 9000}"},
    ):
        assert client.post(manage, data=bad).status_code == 404
    assert follows(alder) == [("topic", 1)]


def test_a_follower_is_no_account_wherever_people_are_counted_or_listed(alder: Town) -> None:
    with alder.read() as db:
        registered = registered_residents(db)
    follower(alder, a_topic(alder))
    with alder.read() as db:
        user = user_by_email(db, OLGA)
        assert user is not None
        assert (registered_residents(db), level_of(db, user), user.is_account) == (registered, Level.NONE, False)
        id = user.id
    maya = alder.client("maya")
    assert OLGA not in maya.get("/admin/people").text
    assert OLGA not in maya.get("/residents/", params={"q": "olga"}).text.replace('value="olga"', "")
    assert maya.get(f"/residents/{id}").status_code == 404
    assert maya.post(f"/admin/people/{id}/role", data={"role": "administrator"}).status_code == 404
    sign_in = alder.client().post("/accounts/sign-in", data={"email": OLGA, "password": ""})
    assert sign_in.status_code == 422
    assert alder.client().post("/accounts/sign-in", data={"email": OLGA, "password": PASSWORD}).status_code == 422


def test_a_forgotten_password_of_a_follower_leads_to_an_account(alder: Town) -> None:
    follower(alder, a_topic(alder))
    page = alder.client().post("/accounts/forgotten", data={"email": OLGA})
    letter = letters(alder)[-1]
    assert (page.status_code, path_of(letter.links[0]), letter.to) == (200, "/accounts/sign-up", OLGA)
    with alder.read() as db:
        assert db.scalars(select(func.count()).select_from(Token)).one() == 0


def test_a_follower_who_signs_up_keeps_what_they_follow(alder: Town) -> None:
    follower(alder, a_topic(alder))
    before, client = people(alder), alder.client()
    typed = {"name": "Olga", "email": OLGA, "password": "seven quiet otters", "next": "/topics/"}
    assert client.post("/accounts/sign-up", data=typed).status_code == 200
    with alder.read() as db:
        user = user_by_email(db, OLGA)
        assert user is not None
        assert (user.name, user.password_hash, user.confirmed_at is None) == ("", None, False)
    link = path_of(letters(alder)[-1].links[0])
    assert 'name="password"' not in client.get(link).text
    token = link.partition("token=")[2].partition("&")[0]
    assert client.post("/accounts/confirm", data={"token": token, "next": "/topics/"}).status_code == 303
    settings = client.get("/accounts/settings").text
    assert ("Olga" in settings, "/topics/parks" in settings, people(alder)) == (True, True, before)
    again = alder.client().post("/accounts/sign-in", data={"email": OLGA, "password": "seven quiet otters"})
    assert again.status_code == 303


def test_a_stranger_who_signs_up_with_the_address_of_a_follower_gains_nothing(alder: Town) -> None:
    follower(alder, a_topic(alder))
    stranger = alder.client()
    stranger.post("/accounts/sign-up", data={"name": "Eve", "email": OLGA, "password": "a stranger's own words"})
    assert (
        stranger.post("/accounts/sign-in", data={"email": OLGA, "password": "a stranger's own words"}).status_code
        == 422
    )
    link = path_of(letters(alder)[-1].links[0])
    owner = alder.client()
    assert 'name="password"' in owner.get(link).text
    token = link.partition("token=")[2].partition("&")[0]
    for password in ("", "not the stranger's"):
        assert owner.post("/accounts/confirm", data={"token": token, "password": password}).status_code == 422
    assert follows(alder) == [("topic", 1)]
    with alder.read() as db:
        user = user_by_email(db, OLGA)
        assert user is not None
        assert (user.is_account, user.password_hash) == (False, None)


def test_a_password_that_nobody_confirmed_is_worth_nothing_once_its_owner_follows(alder: Town) -> None:
    stranger = alder.client()
    stranger.post("/accounts/sign-up", data={"name": "Eve", "email": OLGA, "password": "a stranger's own words"})
    old = path_of(letters(alder)[-1].links[0])
    follower(alder, a_topic(alder))
    assert (
        stranger.post("/accounts/sign-in", data={"email": OLGA, "password": "a stranger's own words"}).status_code
        == 422
    )
    token = old.partition("token=")[2].partition("&")[0]
    answer = stranger.post("/accounts/confirm", data={"token": token, "password": "a stranger's own words"})
    assert (answer.status_code, follows(alder)) == (422, [("topic", 1)])


def test_the_operator_makes_an_account_of_a_follower(alder: Town) -> None:
    follower(alder, a_topic(alder))
    with alder.write() as db:
        add_person(db, OLGA, "Olga", Role.OFFICIAL, QUICK_HASH, alder.world.clock.now())
    assert alder.client().post("/accounts/sign-in", data={"email": OLGA, "password": PASSWORD}).status_code == 303


def test_each_town_has_its_own_followers(alder: Town, birch: Town) -> None:
    link = asked(alder, a_topic(alder))
    a_topic(birch)
    assert "does not work any more" in birch.client().get(link).text
    assert (birch.client().post(link).status_code, follows(birch)) == (422, [])
