"""Addresses that nobody has: letters stop there, the town and the person can see it, and the way back is short."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from codesign.core.mailboxes import stop_mailbox, stopped_at
from codesign.core.notices import Ground, Mail, Mailbox, Notice
from codesign.core.users import Role
from codesign.events import Event
from codesign.mail import read_message
from codesign.municipalities import add_person
from codesign.outbox import Message, MessageState, post
from codesign.testing import Town
from codesign.testing.towns import QUICK_HASH
from codesign.troubles import SENTENCES, HungUp, Later, Refusal, Trouble, refused
from codesign.worker import work
from tests.servers.smtp import Mailbox as Server
from tests.servers.smtp import smtp_server

HIDDEN = {"title": "A bench", "reason_label": "Another reason", "note": "", "url": "http://alder.localhost/x"}


@pytest.fixture
def server() -> Iterator[Server]:
    with smtp_server() as server:
        yield server


def tell(town: Town, *names: str, times: int = 1) -> None:
    """An official answer to each of them, so many times."""
    with town.write() as db:
        now = town.world.clock.now()
        for _time in range(times):
            event = Event(name="moderation.hide", data=HIDDEN, at=now)
            db.add(event)
            db.flush()
            for name in names:
                id = town.person(db, name).id
                about = {"user_id": id, "event_id": event.id, "template": "moderation/mail/hidden", "created_at": now}
                reason = "You wrote it."
                db.add(Notice(ground=Ground.AUTHOR, reason=reason, shown=True, mail=Mail.OWN, **about))
                db.add(Message(channel="email", reason=reason, context={}, due_at=now, **about))


def send(town: Town, server: Server) -> None:
    site = replace(town.world.site, settings=replace(town.world.site.settings, mail=server.url))
    while work(site, town.slug):
        pass


def addressed(server: Server) -> Counter[str]:
    return Counter(each.partition("@")[0] for recipients in server.recipients for each in recipients)


def states(town: Town) -> list[tuple[str, str]]:
    with town.read() as db:
        rows = db.scalars(select(Message).order_by(Message.id))
        return [(message.state.value, message.error.partition(":")[0]) for message in rows]


def stopped(town: Town, name: str) -> bool:
    with town.read() as db:
        return stopped_at(db, town.person(db, name).id) is not None


@pytest.mark.parametrize(
    ("code", "words", "kind", "trouble"),
    [
        (550, "5.1.1 User unknown", Refusal, Trouble.NOBODY),
        (550, "5.1.10 Recipient not found", Refusal, Trouble.NOBODY),
        (550, "5.2.1 Mailbox disabled", Refusal, Trouble.NOBODY),
        (553, "5.1.3 Bad address", Refusal, Trouble.NOBODY),
        (550, "No such user here", Refusal, Trouble.NOBODY),
        (551, "User not local", Refusal, Trouble.NOBODY),
        (553, "Mailbox name unknown", Refusal, Trouble.NOBODY),
        (554, "5.7.1 Relay access denied", Refusal, Trouble.REFUSED),
        (550, "5.7.1 Blocked by policy", Refusal, Trouble.REFUSED),
        (550, "5.1.8 Sender address has no domain", Refusal, Trouble.REFUSED),
        (550, "5.7.26 Unauthenticated", Refusal, Trouble.REFUSED),
        (550, "relay not permitted", Refusal, Trouble.REFUSED),
        (550, "Rejected because your address is on a blocklist", Refusal, Trouble.REFUSED),
        (554, "Transaction failed", Refusal, Trouble.REFUSED),
        (552, "5.2.2 Mailbox full", Later, Trouble.FULL),
        (452, "4.3.1 No space", Later, Trouble.FULL),
        (450, "4.2.0 Busy", Later, Trouble.LATER),
        (451, "4.7.1 Greylisted", Later, Trouble.LATER),
        (503, "5.5.1 Wrong order", Later, Trouble.LATER),
        (421, "4.3.2 Closing", HungUp, Trouble.LATER),
        (-1, "~~", HungUp, Trouble.GARBLED),
        (354, "go on", HungUp, Trouble.GARBLED),
    ],
)
def test_what_the_answers_of_servers_mean(code: int, words: str, kind: type, trouble: Trouble) -> None:
    found = refused(code, words)
    assert (type(found), found.trouble, found.detail) == (kind, trouble, f"{code} {words}")


def test_an_address_that_nobody_has_is_left_alone_with_all_that_waits_for_it(alder: Town, server: Server) -> None:
    server.nobody.add("anna@alder.example")
    tell(alder, "anna", "chen", times=3)
    send(alder, server)
    assert addressed(server) == Counter({"chen": 3})
    assert Counter(states(alder)) == Counter({("sent", ""): 3, ("failed", "stopped"): 2, ("failed", "nobody"): 1})
    assert (stopped(alder, "anna"), stopped(alder, "chen")) == (True, False)
    server.nobody.clear()
    tell(alder, "anna")
    send(alder, server)
    assert addressed(server) == Counter({"chen": 3})


def test_what_was_queued_long_ago_fails_with_the_address(alder: Town, server: Server) -> None:
    tell(alder, "anna", times=2)
    with alder.write() as db:
        later = db.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
        later.due_at += timedelta(days=1)
    server.nobody.add("anna@alder.example")
    send(alder, server)
    assert states(alder) == [("failed", "nobody"), ("failed", "stopped")]


@pytest.mark.parametrize("refuse", [450])
def test_an_address_that_is_busy_is_not_stopped(alder: Town, server: Server, refuse: int) -> None:
    server.refuse = refuse
    tell(alder, "anna")
    send(alder, server)
    assert not stopped(alder, "anna")


def test_a_letter_to_an_address_that_is_nobodys_yet_stops_nobody(alder: Town, server: Server) -> None:
    server.refuse = 550
    with alder.write() as db:
        now, anna = alder.world.clock.now(), alder.person(db, "anna")
        post(db, "accounts/mail/known", "stranger@alder.example", None, {"url": "http://x.example"}, now)
        post(db, "accounts/mail/known", "former@alder.example", anna, {"url": "http://x.example"}, now)
    send(alder, server)
    with alder.read() as db:
        assert list(db.scalars(select(Mailbox))) == []


def test_what_a_person_asks_for_is_tried_and_opens_the_way_for_all_others(alder: Town, server: Server) -> None:
    with alder.write() as db:
        stop_mailbox(db, alder.person(db, "anna").id, "550 5.1.1 No such mailbox", alder.world.clock.now())
    alder.client().post("/accounts/forgotten", data={"email": "anna@alder.example"})
    send(alder, server)
    [letter] = server.messages
    body = letter.get_body(("plain",))
    assert body is not None
    [token] = [line.partition("token=")[2] for line in body.get_content().split("\n") if "token=" in line]
    assert stopped(alder, "anna")
    words = "seven unrelated green lamps"
    answer = alder.client().post("/accounts/reset", data={"token": token, "password": words, "again": words})
    assert answer.status_code == 303
    assert not stopped(alder, "anna")
    tell(alder, "anna")
    send(alder, server)
    assert addressed(server) == Counter({"anna": 2})


def test_the_person_sees_that_letters_do_not_arrive_and_confirming_the_address_ends_it(alder: Town) -> None:
    anna = alder.client("anna")
    assert "Letters do not reach you" not in anna.get("/accounts/settings").text
    assert anna.post("/accounts/address").status_code == 303
    assert alder.send_mail() == []
    with alder.write() as db:
        stop_mailbox(db, alder.person(db, "anna").id, "550 5.1.1 No such mailbox", alder.world.clock.now())
    assert "Letters do not reach you" in anna.get("/accounts/settings").text
    assert anna.post("/accounts/address").headers["location"] == "/accounts/settings"
    [path] = alder.send_mail()
    [link] = read_message(path.parent, path.stem).links
    token = link.partition("token=")[2]
    form = {"token": token, "password": "three unrelated words"}
    assert anna.post("/accounts/confirm", data=form).status_code == 303
    assert not stopped(alder, "anna")
    assert "Letters do not reach you" not in anna.get("/accounts/settings").text
    assert alder.client().post("/accounts/address").status_code in (303, 403)


def test_administrators_see_stopped_addresses_and_try_again(alder: Town, server: Server) -> None:
    server.nobody.add("anna@alder.example")
    tell(alder, "anna", times=2)
    send(alder, server)
    maya = alder.client("maya")
    page = maya.get("/admin/mail").text
    assert "/admin/mail/stopped" in page
    assert [SENTENCES[trouble] in page for trouble in (Trouble.NOBODY, Trouble.STOPPED)] == [True, True]
    listed = maya.get("/admin/mail/stopped").text
    assert ("anna@alder.example" in listed, "550 5.1.1 No such mailbox" in listed) == (True, True)
    with alder.read() as db:
        id = alder.person(db, "anna").id
    server.nobody.clear()
    assert maya.post(f"/admin/mail/stopped/{id}").status_code == 303
    assert maya.post(f"/admin/mail/stopped/{id}").status_code == 404
    send(alder, server)
    assert addressed(server) == Counter({"anna": 2})
    assert "anna@alder.example" not in maya.get("/admin/mail/stopped").text


def test_nobody_but_administrators_sees_the_addresses(alder: Town) -> None:
    for name in ("anna", "boris", "chen"):
        client = alder.client(name)
        assert client.get("/admin/mail/stopped").status_code == 403
        assert client.post("/admin/mail/stopped/1").status_code == 403
    assert alder.client().get("/admin/mail/stopped").status_code in (303, 403)


def test_the_list_of_stopped_addresses_is_paged_and_asks_the_same_for_many(alder: Town) -> None:
    maya, asked = alder.client("maya"), []
    for number in range(61):
        with alder.write() as db:
            now = alder.world.clock.now()
            person = add_person(db, f"p{number}@alder.example", f"P{number}", Role.RESIDENT, QUICK_HASH, now)
            stop_mailbox(db, person.id, "550 nobody", now)
        if number in (0, 2, 60):
            with alder.counted() as statements:
                page = maya.get("/admin/mail/stopped").text
            asked.append(len(statements))
    assert len(set(asked)) == 1
    more = page.partition('rel="next" href="')[2].partition('"')[0]
    second = maya.get(more).text
    found = [sum(f"p{number}@alder.example" in text for number in range(61)) for text in (page, second)]
    assert sum(found) >= 61
    assert maya.get("/admin/mail/stopped?after=nonsense").status_code == 200


def test_letters_that_came_back_in_one_town_stop_nothing_in_another(alder: Town, birch: Town, server: Server) -> None:
    server.nobody.add("anna@alder.example")
    tell(alder, "anna")
    tell(birch, "dora")
    send(alder, server)
    send(birch, server)
    assert addressed(server) == Counter({"dora": 1})
    with birch.read() as db:
        assert list(db.scalars(select(Mailbox))) == []
    edda = birch.client("edda")
    assert "anna@alder.example" not in edda.get("/admin/mail/stopped").text + edda.get("/admin/mail").text


def test_the_mail_page_says_how_long_the_oldest_letter_waits_and_shows_one_state(alder: Town, server: Server) -> None:
    tell(alder, "anna")
    maya = alder.client("maya")
    alder.world.clock.advance(timedelta(hours=3))
    assert "3 hours ago" in maya.get("/admin/mail").text.partition("The oldest letter that waits was written:")[2][:200]
    send(alder, server)
    assert "The oldest letter" not in maya.get("/admin/mail").text
    shown = {state: "anna@alder.example" in maya.get(f"/admin/mail?state={state}").text for state in ("sent", "failed")}
    assert shown == {"sent": True, "failed": False}
    assert maya.get("/admin/mail?state=none&after=x").status_code == 200
    assert [state for state, _why in states(alder)] == [MessageState.SENT.value]
