"""Who hears of a poll: followers of its topic that it is asked, its followers that voting is open, and all what came of it."""

from collections import Counter
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from sqlalchemy import select

from codesign.core.contributions import get_of_kind
from codesign.core.follows import set_follow
from codesign.core.topics import create_topic, get_topic
from codesign.events import Event, record
from codesign.testing import Town
from codesign_polls.ballots import cast, voter_of
from codesign_polls.polls import Poll
from codesign_polls.tests.making import TEXT, TITLE, poll_id

DAY = timedelta(days=1)


def letters(town: Town) -> list[EmailMessage]:
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in town.send_daily_mail()]
    return [letter for letter in found if isinstance(letter, EmailMessage)]


def words_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def told(town: Town, words: str) -> Counter[str]:
    """Who got a letter whose subject begins like this."""
    return Counter(
        str(letter["To"]).partition("@")[0] for letter in letters(town) if str(letter["Subject"]).startswith(words)
    )


def follow(town: Town, id: int, *names: str) -> None:
    with town.write() as db:
        for name in names:
            set_follow(db, town.person(db, name), get_of_kind(db, Poll, id), True)


def test_followers_of_the_topic_hear_of_a_poll_when_it_is_published(alder: Town) -> None:
    alder.enable("polls")
    with alder.write() as db:
        topic = create_topic(db, "Parks")
        set_follow(db, alder.person(db, "anna"), topic, True)
        id = topic.id
    chen = alder.client("chen")
    chen.post("/polls/new", data={"title": TITLE, "text": TEXT, "topic": str(id)})
    for part, fields in (
        ("questions/new", {"title": TITLE, "method": "yes_no"}),
        ("when", {"closes_on": "2026-05-20", "closes_time": "20:00"}),
        ("publish", {}),
    ):
        mark = chen.get("/polls/drafts/1/about").text.partition('name="mark" value="')[2].partition('"')[0]
        assert chen.post(f"/polls/drafts/1/{part}", data={"mark": mark, **fields}).status_code == 303
    assert told(alder, "New at") == Counter(["anna"])
    with alder.read() as db:
        assert get_topic(db, "parks").contribution_count == 1


def test_followers_hear_once_when_voting_opens_and_not_before(alder: Town) -> None:
    alder.enable("polls")
    now = alder.world.clock.now()
    id = poll_id(alder, opens_at=now + DAY, closes_at=now + 3 * DAY)
    follow(alder, id, "anna", "boris")
    alder.tick()
    assert told(alder, "Voting is open") == Counter()
    alder.world.clock.advance(DAY)
    for _time in range(3):
        alder.tick()
    assert told(alder, "Voting is open") == Counter(["anna", "boris", "chen"])
    with alder.read() as db:
        assert [event.name for event in db.scalars(select(Event))] == ["polls.opened"]
    text = " ".join(words_of(letters(alder)[0]).split())
    for words in (TITLE, "You have 2 days.", f"http://alder.localhost/polls/{id}", "You follow this poll."):
        assert words in text


def test_nobody_hears_of_a_poll_that_is_hidden_or_over_or_opened_when_it_was_published(alder: Town) -> None:
    alder.enable("polls")
    now = alder.world.clock.now()
    hidden, over, _at_once = (
        poll_id(alder, opens_at=now + opens * DAY, closes_at=now + 2 * DAY) for opens in (1, 1, 0)
    )
    with alder.write() as db:
        get_of_kind(db, Poll, hidden).hidden_at = now
        get_of_kind(db, Poll, over).closes_at = now + DAY + timedelta(seconds=1)
    alder.world.clock.advance(DAY + timedelta(seconds=2))
    alder.tick()
    assert told(alder, "Voting is open") == Counter()


def test_two_workers_at_the_same_moment_tell_once(alder: Town) -> None:
    from codesign_polls.hearing import _just_opened, _mark_told

    alder.enable("polls")
    now = alder.world.clock.now()
    id = poll_id(alder, opens_at=now + DAY, closes_at=now + 3 * DAY)
    later = now + DAY
    with alder.read() as db:
        assert _just_opened(db, later) == [id]
    marked = []
    for _worker in range(2):
        with alder.write() as db:
            marked.append(_mark_told(db, id, later))
    assert marked == [True, False]


def test_followers_and_who_voted_with_an_account_hear_once_what_came_of_it(alder: Town) -> None:
    alder.enable("polls")
    id = poll_id(alder)
    follow(alder, id, "anna")
    now = alder.world.clock.now()
    with alder.write() as db:
        poll = get_of_kind(db, Poll, id)
        for name in ("anna", "boris"):
            user = alder.person(db, name)
            cast(db, poll, voter_of(user), user.id, [0], now)
        cast(db, poll, "c0123", None, [1], now)
        hooks = alder.world.site.plugins.hooks(frozenset({"polls"}))
        record(db, hooks, "polls.counted", poll, None, now, url=f"http://alder.localhost{poll.url}")
    assert told(alder, "The votes are counted") == Counter(["anna", "boris", "chen"])
    assert f"http://alder.localhost/polls/{id}/results" in words_of(letters(alder)[0])
