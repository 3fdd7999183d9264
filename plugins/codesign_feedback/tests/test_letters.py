"""The letters of the loop: the essential first, what happens next, and why one gets it."""

from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from codesign.core.contributions import Contribution
from codesign.events import Event, Happening
from codesign.i18n import LANGUAGES, speaking
from codesign.testing import Town
from codesign_feedback.hearing import audience
from codesign_feedback.loop import Code, State
from codesign_feedback.tests import walking
from codesign_feedback.tests.making import DAY, an_authority, comment, now, opened, take_part, wait_for
from codesign_feedback.tests.walking import WAYS

URL = "http://alder.localhost/threads/1"


def begun(town: Town) -> int:
    town.enable("feedback")
    an_authority(town, head="maya")
    id = opened(town, title="A roof for the stop")
    take_part(town, id, "boris")
    return id


def written(town: Town, id: int, event: str, locale: str = "en") -> str:
    """The letter about the last event of this name, as the first who hear of it get it."""
    with town.read() as db:
        mine = select(Event).where(Event.contribution_id == id, Event.name == f"feedback.{event}")
        found = db.scalars(mine.order_by(Event.id.desc())).first()
        assert found is not None, f"{event} did not happen"
        first = audience(db, Happening(found, db.get_one(Contribution, id), None))[0]
        told = {**found.data, "town_title": "Alder", "name": "Anna", "reason": first.reason}
    site = town.world.site
    with speaking(site.catalogues.speech(locale, "UTC")):
        return str(site.templates.get_template(f"{first.template}.txt").render(told))


def lines(letter: EmailMessage) -> list[str]:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).splitlines()


def upheld(town: Town, id: int) -> None:
    walking.decline(town, id)
    walking.appeal(town, id)
    walking.decide_appeal(town, id, granted=False)


def unverified(town: Town, id: int) -> None:
    walking.asked(town, id)
    wait_for(town, "replies", id)
    wait_for(town, "replies_again", id)


MORE: dict[str, Callable[[Town, int], None]] = {"upheld": upheld, "unverified": unverified}


@pytest.mark.parametrize("way", [*WAYS, *MORE])
def test_every_letter_can_be_written_in_every_language_and_begins_with_what_it_is_about(alder: Town, way: str) -> None:
    id = begun(alder)
    for step in WAYS[State(way)] if way not in MORE else (MORE[way],):
        step(alder, id)
    with alder.read() as db:
        thing = db.get_one(Contribution, id)
        happened = db.scalars(select(Event).where(Event.contribution_id == id, Event.name.startswith("feedback.")))
        heard = [event.name[9:] for event in happened if audience(db, Happening(event, thing, None))]
    for name in heard:
        for locale in LANGUAGES:
            text = written(alder, id, name, locale)
            assert "A roof for the stop" in text.partition("\n")[0], f"{name} in {locale}: {text}"
            assert URL in text.split("\n"), f"{name} in {locale}: {text}"


def test_a_yes_says_the_decision_the_whole_text_and_until_when_the_town_promises_something(alder: Town) -> None:
    id = begun(alder)
    walking.answer(alder, id, Code.ACCEPTED_MODIFIED, text="We build it.\n\nIt will be green.")
    assert (
        written(alder, id, "answered")
        == f"""Official answer: Yes, with changes. A roof for the stop
Hello Anna,

the town has answered “A roof for the stop” at Alder.

The decision: Yes, with changes
Responsible: Parks department

We build it.

It will be green.

What happens next: by 3 June 2026 at the latest the town says who will do what by when. You will hear of it.

{URL}

Why you get this: You wrote it."""
    )


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (Code.SOLVED_ALREADY, "What happens next: those who took part are asked whether it is done. You decide that, not the town."),
        (Code.DEFERRED, "What happens next: it is looked at again after 2 August 2026."),
    ],
)  # fmt: skip
def test_other_answers_say_what_happens_next(alder: Town, code: Code, sentence: str) -> None:
    id = begun(alder)
    until = (now(alder) + 90 * DAY).date() if code is Code.DEFERRED else None
    walking.answer(alder, id, code, until=until)
    assert [line for line in written(alder, id, "answered").split("\n") if line.startswith("What happens")] == [
        sentence
    ]


def test_a_no_says_its_reason_and_until_when_one_can_appeal(alder: Town) -> None:
    id = begun(alder)
    walking.decline(alder, id)
    assert (
        written(alder, id, "declined")
        == f"""Official answer: declined. A roof for the stop
Hello Anna,

the town has answered “A roof for the stop” at Alder.

The decision: No
The reason: There is no money for it
Responsible: Parks department

We have looked at it.

If you took part and think this is wrong, you can appeal until 3 June 2026. Somebody else than who declined decides about it. Open the page and choose “Appeal against the refusal”.

{URL}

Why you get this: You wrote it."""
    )


def test_a_promise_says_who_does_what_by_when(alder: Town) -> None:
    id = begun(alder)
    walking.answer(alder, id)
    walking.commit(alder, id)
    assert written(alder, id, "committed").split("\n")[:8] == [
        "Promised by 3 July 2026: A roof for the stop",
        "Hello Anna,",
        "",
        "the town commits itself for “A roof for the stop” at Alder.",
        "",
        "What will be there: A roof",
        "Who does it: Mr Roof",
        "By when: 3 July 2026",
    ]


def test_the_question_says_who_decides_and_until_when(alder: Town) -> None:
    id = begun(alder)
    walking.asked(alder, id)
    assert (
        written(alder, id, "asked")
        == f"""Is it done? A roof for the stop
Hello Anna,

the town says that “A roof for the stop” at Alder is done. Is it? Those who took part decide, not the town.

Open the page and press yes or no. You have time until 29 June 2026.

{URL}

Why you get this: You wrote it."""
    )


def test_a_step_without_a_letter_of_its_own_says_what_happened_and_the_deadline(alder: Town) -> None:
    id = begun(alder)
    walking.assign(alder, id)
    walking.extend(alder, id)
    assert (
        written(alder, id, "extended")
        == f"""The town needs more time. A roof for the stop
Hello Anna,

The town needs more time.
It is about “A roof for the stop” at Alder.

The engineer is ill.

Responsible: Parks department

There is time until the official answer. The last day: 3 July 2026

{URL}

Why you get this: You wrote it."""
    )


def test_officials_read_what_is_late_since_when_and_whose_it_is(alder: Town) -> None:
    id = begun(alder)
    walking.assign(alder, id)
    for _rung in range(4):
        wait_for(alder, "answer", id)
    first, overdue = written(alder, id, "escalated"), written(alder, id, "overdue")
    assert first.split("\n")[0] == "1 day late: A roof for the stop"
    assert "“A roof for the stop” at Alder. The official answer is late.\n\nResponsible: Parks department\n\n" in first
    assert overdue.split("\n")[0] == "Now on the public list of what is overdue: A roof for the stop"
    assert written(alder, id, "reminded").split("\n")[0] == "1 day left: A roof for the stop"


def test_the_author_gets_the_receipt_and_the_answer_at_once_with_all_its_text(alder: Town) -> None:
    id = begun(alder)
    comment(alder, id, "boris")
    walking.answer(alder, id, text="We build it.")
    sent = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in alder.send_mail()]
    got = {str(letter["Subject"]): lines(letter) for letter in sent if str(letter["To"]).startswith("anna")}
    assert set(got) == {"Your receipt: A roof for the stop", "Official answer: Yes, as proposed. A roof for the stop"}
    assert "http://alder.localhost/feedback/receipt" in got["Your receipt: A roof for the stop"]
    assert "We build it." in got["Official answer: Yes, as proposed. A roof for the stop"]
