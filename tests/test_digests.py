"""The daily letter: at the hour a person chose, once a day, with everything that waits, and nothing that is gone."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, update

from codesign.core.contributions import Contribution, Reason
from codesign.core.notices import Channel, Ground, Mail, Mailbox, Notice, Round
from codesign.core.preferences import refuse, set_digest_hour
from codesign.core.settings import CORE, save_settings
from codesign.core.users import User
from codesign.digests import LISTED, STEP
from codesign.events import Event, Side
from codesign.outbox import Message, MessageState
from codesign.testing import Town
from codesign.worker import work
from tests.making import a_story

HOUR = timedelta(hours=1)
TEMPLATE = "contributions/mail/started"


def set_zone(town: Town, zone: str) -> None:
    with town.write() as db:
        save_settings(db, CORE, {"title": "Alder", "zone": zone}, town.world.clock.now())


def happened(town: Town, thing_id: int, title: str = "Three visits") -> int:
    """The id of an event."""
    data = {"title": title, "url": f"http://alder.localhost/threads/{thing_id}", "excerpt": "", "author": "Anna"}
    with town.write() as db:
        event = Event(
            name="threads.started", contribution_id=thing_id, origin=Side.RESIDENT, data=data,
            at=town.world.clock.now(),
        )  # fmt: skip
        db.add(event)
        db.flush()
        return event.id


def wait_for(town: Town, event_id: int, user_ids: Iterable[int], ground: Ground = Ground.PLACE) -> None:
    """These people have a notice that waits for their daily letter."""
    row = {
        "event_id": event_id, "ground": ground, "reason": "You follow this topic.", "template": TEMPLATE,
        "shown": True, "mail": Mail.WAITING, "created_at": town.world.clock.now(),
    }  # fmt: skip
    with town.write() as db:
        db.execute(insert(Notice), [{**row, "user_id": id} for id in user_ids])


def id_of(town: Town, name: str) -> int:
    with town.read() as db:
        return town.person(db, name).id


def news_for(town: Town, *names: str, title: str = "Three visits") -> None:
    wait_for(town, happened(town, a_story(town), title), [id_of(town, name) for name in names])


def text_of(path: Path) -> str:
    """The subject, then the text."""
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    part = letter.get_body(("plain",))
    assert part is not None
    return f"{letter['subject']}\n{part.get_content()}".replace("\r\n", "\n")


def subjects(paths: list[Path]) -> list[str]:
    return [str(message_from_bytes(path.read_bytes(), policy=policy.default)["subject"]) for path in paths]


def days(town: Town) -> list[tuple[str | None, date | None]]:
    """Who had a daily letter on which day."""
    with town.read() as db:
        rows = db.execute(select(User.email, Message.day).join(User).order_by(Message.day, User.id))
        return [((row.email or "").partition("@")[0], row.day) for row in rows]


def mails(town: Town) -> Counter[Mail]:
    with town.read() as db:
        return Counter(db.scalars(select(Notice.mail)))


def test_what_waits_comes_at_five_in_the_afternoon_in_one_letter(alder: Town) -> None:
    news_for(alder, "anna", "boris", title="First")
    news_for(alder, "anna", title="Second")
    alder.world.clock.advance(8 * HOUR - timedelta(seconds=1))
    assert alder.send_mail() == []
    alder.world.clock.advance(timedelta(seconds=1))
    letters = alder.send_mail()
    assert subjects(letters) == ["News from Alder: 2 messages", "New at Alder: First"]
    text = text_of(letters[0])
    assert text.index("New at Alder: Second") < text.index("New at Alder: First")
    assert text.count("Why you get this: You follow this topic.") == 1
    assert text.count("/notices/unsubscribe/") == 1
    assert mails(alder) == Counter({Mail.DONE: 3})
    alder.world.clock.advance(30 * HOUR)
    assert alder.send_mail() == letters


def test_everybody_chooses_the_hour_in_the_time_of_the_town(alder: Town) -> None:
    set_zone(alder, "Asia/Kathmandu")  # 5:45 ahead: 9:00 is 14:45
    news_for(alder, "anna", "boris")
    with alder.write() as db:
        set_digest_hour(db, alder.person(db, "anna").id, 15)
    alder.world.clock.advance(timedelta(minutes=14))
    assert alder.send_mail() == []
    alder.world.clock.advance(timedelta(minutes=1))
    alder.send_mail()
    assert days(alder) == [("anna", date(2026, 5, 4))]
    alder.world.clock.advance(2 * HOUR)
    alder.send_mail()
    assert days(alder) == [("anna", date(2026, 5, 4)), ("boris", date(2026, 5, 4))]


def test_hours_that_passed_while_no_worker_ran_are_caught_up_with_one_letter(alder: Town) -> None:
    news_for(alder, "anna", "boris")
    alder.send_mail()
    alder.world.clock.advance(timedelta(days=5))
    alder.send_mail()
    assert days(alder) == [("anna", date(2026, 5, 9)), ("boris", date(2026, 5, 9))]


def test_whoever_chooses_another_hour_gets_one_letter_a_day_and_loses_nothing(alder: Town) -> None:
    alder.send_mail()
    anna = id_of(alder, "anna")
    for hour in (17, 18, 9, 23, 0, 1):  # the next hour is chosen after each letter, or after none
        news_for(alder, "anna", title=f"At {hour}")
        with alder.write() as db:
            set_digest_hour(db, anna, hour)
        for _hour in range(9):
            alder.world.clock.advance(HOUR)
            alder.send_mail()
    for _hour in range(48):
        alder.world.clock.advance(HOUR)
        letters = alder.send_mail()
    assert len(days(alder)) == len(set(days(alder)))
    told = [line for letter in letters for line in text_of(letter).splitlines() if line.startswith("New at Alder: At")]
    assert sorted(told) == sorted(f"New at Alder: At {hour}" for hour in (17, 18, 9, 23, 0, 1))
    with alder.read() as db:
        zone = ZoneInfo("UTC")
        sent = [at.astimezone(zone).date() for at in db.scalars(select(Message.sent_at))]
    assert len(sent) == len(set(sent))


def test_at_most_one_letter_a_day_in_a_week_of_whatever_may_happen(alder: Town) -> None:
    """Events at any time, a worker that sleeps, hours that change: nobody has two letters on a day, and each notice
    is in one."""
    chance = Random(7)
    set_zone(alder, "America/St_Johns")
    people = {name: id_of(alder, name) for name in ("anna", "boris", "chen", "maya")}
    story = a_story(alder)
    number = 0
    for _turn in range(7 * 24):
        if chance.random() < 0.4:
            number += 1
            wait_for(alder, happened(alder, story, f"No. {number}"), chance.sample(sorted(people.values()), 2))
        if chance.random() < 0.1:
            with alder.write() as db:
                set_digest_hour(db, chance.choice(sorted(people.values())), chance.randrange(24))
        alder.world.clock.advance(timedelta(minutes=chance.randrange(5, 115)))
        if chance.random() < 0.8:
            alder.send_mail()
    for _hour in range(48):
        alder.world.clock.advance(HOUR)
        letters = alder.send_mail()
    assert mails(alder) == Counter({Mail.DONE: 2 * number})
    told = Counter(line for path in letters for line in text_of(path).splitlines() if line.startswith("New at"))
    assert told == Counter({f"New at Alder: No. {each}": 2 for each in range(1, number + 1)})
    with alder.read() as db:
        rows = db.execute(select(Message.user_id, Message.sent_at, Message.day)).all()
    sent = [(row.user_id, row.sent_at.astimezone(ZoneInfo("America/St_Johns")).date()) for row in rows]
    assert len(sent) == len(set(sent))
    assert sent == [(row.user_id, row.day) for row in rows]


def test_what_was_hidden_or_switched_off_meanwhile_is_not_in_the_letter(alder: Town) -> None:
    news_for(alder, "anna", "boris", title="Hidden later")
    with alder.write() as db:
        db.execute(update(Contribution).values(hidden_at=alder.world.clock.now(), hidden_reason=Reason.SPAM))
    news_for(alder, "anna", "chen", title="Stays")
    with alder.write() as db:
        refuse(db, alder.person(db, "chen").id, [(Ground.PLACE, Channel.DIGEST)])
    alder.world.clock.advance(8 * HOUR)
    [letter] = alder.send_mail()
    assert ("Stays" in text_of(letter), "Hidden later" in text_of(letter)) == (True, False)
    assert days(alder) == [("anna", date(2026, 5, 4))]
    assert mails(alder) == Counter({Mail.DONE: 4})


def test_a_letter_lists_fifty_and_counts_the_rest(alder: Town) -> None:
    story, anna = a_story(alder), id_of(alder, "anna")
    for number in range(LISTED + 3):
        wait_for(alder, happened(alder, story, f"No. {number}"), [anna])
    alder.world.clock.advance(8 * HOUR)
    [letter] = alder.send_mail()
    lines = [line for line in text_of(letter).splitlines() if line.startswith("New at")]
    assert lines == [f"New at Alder: No. {number}" for number in reversed(range(3, LISTED + 3))]
    assert "3 messages more are not listed here.\nhttp://alder.localhost/notices/\n" in text_of(letter)
    assert mails(alder) == Counter({Mail.DONE: LISTED + 3})


def test_nothing_is_written_to_an_address_that_refused_letters_and_all_of_it_later(alder: Town) -> None:
    news_for(alder, "anna")
    now = alder.world.clock.now()
    with alder.write() as db:
        db.add(Mailbox(user_id=alder.person(db, "anna").id, stopped_at=now, stopped_because="550"))
    alder.world.clock.advance(8 * HOUR)
    assert alder.send_mail() == []
    with alder.write() as db:
        db.execute(update(Mailbox).values(stopped_at=None))
    alder.world.clock.advance(24 * HOUR)
    assert subjects(alder.send_mail()) == ["New at Alder: Three visits"]


def test_a_letter_that_failed_is_replaced_by_the_next_one_and_not_sent_beside_it(alder: Town) -> None:
    news_for(alder, "anna")
    alder.world.clock.advance(8 * HOUR)
    alder.send_mail()
    with alder.write() as db:
        db.execute(update(Message).values(state=MessageState.FAILED, sent_at=None))
        db.execute(update(Notice).values(mail=Mail.WAITING))
    alder.world.clock.advance(24 * HOUR)
    assert len(alder.send_mail()) == 2
    assert alder.client("maya").post("/admin/mail").status_code == 303
    assert len(alder.send_mail()) == 2


def test_letters_for_many_are_written_step_by_step_while_others_are_sent(alder: Town) -> None:
    now = alder.world.clock.now()
    ids = list(range(1000, 1000 + STEP + 10))
    with alder.write() as db:
        person = {"name": "P", "created_at": now, "confirmed_at": now}
        db.execute(insert(User), [{**person, "id": id, "email": f"p{id}@alder.example"} for id in ids])
    wait_for(alder, happened(alder, a_story(alder)), ids)
    work(alder.world.site, "alder")
    alder.world.clock.advance(8 * HOUR)
    work(alder.world.site, "alder")
    with alder.read() as db:
        assert (db.scalar(select(func.count(Message.id))), db.scalar(select(Round.after))) == (STEP, ids[STEP - 1])
    alder.send_mail()
    with alder.read() as db:
        assert Counter(db.scalars(select(Message.user_id))) == Counter(ids)
        assert db.execute(select(Round.done_until, Round.doing_until, Round.after)).one() == (
            alder.world.clock.now(), None, 0,
        )  # fmt: skip
    assert mails(alder) == Counter({Mail.DONE: len(ids)})


def test_nothing_of_one_town_is_in_a_letter_of_another(alder: Town, birch: Town) -> None:
    news_for(alder, "anna", title="Of Alder only")
    alder.world.clock.advance(8 * HOUR)
    assert birch.send_mail() == []
    with birch.read() as db:
        assert db.scalars(select(Message.id)).all() == []
    [letter] = alder.send_mail()
    assert "birch" not in letter.read_text("utf-8").lower()
