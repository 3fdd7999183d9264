"""Who hears what came of a debate: everyone who took part, once, and nobody else."""

from collections import Counter
from email import message_from_bytes, policy
from email.message import EmailMessage

from sqlalchemy import select

from codesign.core.comments import Comment, Standing, post_comment
from codesign.core.follows import set_follow
from codesign.core.users import Role
from codesign.core.votes import vote_on_comment, vote_on_contribution
from codesign.municipalities import add_person
from codesign.outbox import Message
from codesign.testing import Town
from codesign.testing.towns import QUICK_HASH
from codesign_debates.debates import Debate
from codesign_debates.tests.making import a_debate, debate_id

CONCLUSION = "The market moves to Saturday from June on, as most of you asked."


def neighbours(town: Town, *names: str) -> None:
    with town.write() as db:
        for name in names:
            add_person(db, f"{name}@alder.example", name.title(), Role.RESIDENT, QUICK_HASH, town.world.clock.now())


def close(town: Town, id: int, name: str = "chen") -> None:
    answer = town.client(name).post(f"/debates/{id}/close", data={"conclusion": CONCLUSION})
    assert answer.status_code == 303


def letters(town: Town) -> list[EmailMessage]:
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in town.send_mail()]
    return [letter for letter in found if isinstance(letter, EmailMessage)]


def words_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def told(town: Town) -> Counter[str]:
    return Counter(str(letter["To"]).partition("@")[0] for letter in letters(town))


def test_followers_commenters_and_voters_either_way_hear_once_and_who_closed_it_does_not(alder: Town) -> None:
    alder.enable("debates")
    neighbours(
        alder, "agrees", "disagrees", "comments", "replies", "follows", "did-all", "only-read", "voted-on-a-comment"
    )
    now = alder.world.clock.now()
    with alder.write() as db:
        debate = a_debate(alder, db)
        person = {
            name: alder.person(db, name)
            for name in ("agrees", "disagrees", "comments", "replies", "follows", "did-all")
        }
        for name, value in (("agrees", 1), ("disagrees", -1), ("did-all", 1)):
            vote_on_contribution(db, person[name], debate, value)
        root = post_comment(db, debate, person["comments"], "It is so.", None, "en", now)
        post_comment(db, debate, person["replies"], "It is not.", root, "en", now)
        post_comment(db, debate, person["did-all"], "Both.", root, "en", now)
        for name in ("follows", "did-all"):
            set_follow(db, person[name], debate, True)
        vote_on_comment(db, alder.person(db, "voted-on-a-comment"), root, 1)
        vote_on_contribution(db, alder.person(db, "chen"), debate, 1)
        id = debate.id
    close(alder, id)
    assert told(alder) == Counter(["anna", "agrees", "disagrees", "comments", "replies", "follows", "did-all"])


def test_who_took_the_vote_back_or_stopped_following_or_is_not_confirmed_or_gone_hears_nothing(alder: Town) -> None:
    alder.enable("debates")
    neighbours(alder, "took-back", "unfollowed", "unconfirmed", "erased", "pseudonym")
    with alder.write() as db:
        debate = a_debate(alder, db)
        for name, value in (("took-back", 1), ("took-back", 0), ("unconfirmed", 1), ("erased", 1), ("pseudonym", 1)):
            vote_on_contribution(db, alder.person(db, name), debate, value)
        for wanted in (True, False):
            set_follow(db, alder.person(db, "unfollowed"), debate, wanted)
        alder.person(db, "unconfirmed").confirmed_at = None
        alder.person(db, "erased").erased_at = alder.world.clock.now()
        alder.person(db, "pseudonym").email = None
        id = debate.id
    close(alder, id)
    assert told(alder) == Counter(["anna"])


def test_the_author_who_closes_is_not_told_what_they_just_wrote(alder: Town) -> None:
    alder.enable("debates")
    close(alder, debate_id(alder), "anna")
    assert told(alder) == Counter()


def test_nobody_of_another_debate_or_town_hears(alder: Town, birch: Town) -> None:
    for town in (alder, birch):
        town.enable("debates")
    id = debate_id(alder)
    debate_id(alder, "Another question?", "boris")
    debate_id(birch, author="dora")
    close(alder, id)
    assert told(alder) == Counter(["anna"])
    assert birch.send_mail() == []


def test_a_debate_is_closed_once_and_told_once_however_often_it_is_sent(alder: Town) -> None:
    alder.enable("debates")
    id, chen = debate_id(alder), alder.client("chen")
    answers = [chen.post(f"/debates/{id}/close", data={"conclusion": CONCLUSION}).status_code for _again in range(3)]
    assert answers == [303, 403, 403]
    assert told(alder) == Counter(["anna"])
    with alder.read() as db:
        assert len(db.scalars(select(Message)).all()) == 1


def test_the_letter_says_what_came_of_it_why_it_came_and_where_to_read_more(alder: Town) -> None:
    alder.enable("debates")
    id = debate_id(alder)
    close(alder, id)
    [letter] = letters(alder)
    text = words_of(letter)
    assert "Market on Saturday?" in letter["Subject"]
    for words in (CONCLUSION, f"http://alder.localhost/debates/{id}", "You follow this debate or took part in it."):
        assert words in " ".join(text.split())


def test_whoever_wrote_what_a_moderator_hid_is_told_why(alder: Town) -> None:
    alder.enable("debates")
    neighbours(alder, "comments")
    with alder.write() as db:
        debate = a_debate(alder, db)
        now = alder.world.clock.now()
        comment = post_comment(db, debate, alder.person(db, "comments"), "Rude words.", None, "en", now).id
        id = debate.id
    boris = alder.client("boris")
    why = {"reason": "insult", "note": "Please stay kind."}
    assert boris.post(f"/moderation/hide/comment:{comment}", data=why).status_code == 303
    assert told(alder) == Counter(["comments"])
    assert boris.post(f"/moderation/hide/contribution:{id}", data=why).status_code == 303
    assert told(alder) == Counter(["comments", "anna"])
    for letter in letters(alder):
        assert "Insult or threat against a person" in words_of(letter)
        assert "Please stay kind." in words_of(letter)
    with alder.read() as db:
        assert [row.standing for row in db.scalars(select(Comment))] == [Standing.HIDDEN]
        assert db.scalars(select(Debate)).one().hidden
