"""Stories in every state of the loop, with all that can stand beside one, and somebody's notices."""

from codesign.core.contributions import Contribution
from codesign.core.follows import set_follow
from codesign.core.notices import Ground
from codesign.core.unsubscribing import Leave, token_of
from codesign.testing import Town
from codesign_feedback.calendar import SpecialDay
from codesign_feedback.drafts import save_draft
from codesign_feedback.loop import Code
from codesign_feedback.loops import get_loop
from codesign_feedback.notes import add_note
from codesign_feedback.receipts import issue
from codesign_feedback.tests import walking
from codesign_feedback.tests.making import DAY, decide_settings, opened, take_part

Places = dict[str, object]


def fill_feedback(town: Town, title: str, text: str) -> Places:
    town.enable("feedback")
    decide_settings(town, ask_after_days=0, extension_days=30)
    stories = {name: opened(town, title=f"{name} {title}"[:120]) for name in STATES}
    for name, id in stories.items():
        take_part(town, id, "boris")
        STATES[name](town, id, text)
    town.tick()
    walking.reply(town, stories["asked_loop"], "boris", solved=False, text=text[:900])
    places = {**stories, **_beside(town, stories, title, text)}
    town.send_mail()
    with town.write() as db:
        anna = town.person(db, "anna")
        places["leave"] = token_of(town.world.settings.secret, town.slug, Leave(anna.id, Ground.AUTHOR))
    return places


def _answered(town: Town, id: int, text: str) -> None:
    walking.assign(town, id)
    walking.answer(town, id, text=text)


def _declined(town: Town, id: int, text: str) -> None:
    walking.assign(town, id)
    walking.answer(town, id, Code.DECLINED, text=text)


def _appealed(town: Town, id: int, text: str) -> None:
    _declined(town, id, text)
    walking.appeal(town, id, text=text)


def _promised(town: Town, id: int, text: str) -> None:
    _answered(town, id, text)
    walking.commit(town, id, deliverable=text[:200])
    walking.progress(town, id, text=text)


def _asked(town: Town, id: int, text: str) -> None:
    _promised(town, id, text)
    walking.deliver(town, id, text=text)


def _returned(town: Town, id: int, text: str) -> None:
    walking.assign(town, id)
    walking.give_back(town, id, text=text)


def _verified(town: Town, id: int, text: str) -> None:
    _asked(town, id, text)
    town.tick()
    for name in ("anna", "boris"):
        walking.reply(town, id, name)


def _overdue(town: Town, id: int, text: str) -> None:
    walking.assign(town, id)
    walking.extend(town, id, text=text)
    with town.write() as db:
        loop = get_loop(db, id)
        loop.due_at = town.world.clock.now() - 15 * DAY
        loop.overdue_at = town.world.clock.now() - DAY


def _nothing(town: Town, id: int, text: str) -> None:
    """It waits for somebody to take it."""


STATES = {
    "loop": _nothing,
    "answered_loop": _answered,
    "declined_loop": _declined,
    "appealed_loop": _appealed,
    "promised_loop": _promised,
    "asked_loop": _asked,
    "returned_loop": _returned,
    "verified_loop": _verified,
    "overdue_loop": _overdue,
}


def _beside(town: Town, stories: dict[str, int], title: str, text: str) -> Places:
    now = town.world.clock.now()
    with town.write() as db:
        anna, chen = town.person(db, "anna"), town.person(db, "chen")
        thing = db.get_one(Contribution, stories["loop"])
        set_follow(db, anna, thing, True)
        add_note(db, thing.id, chen, text, now)
        save_draft(db, thing.id, chen, {"text": [text]}, now)
        db.add(SpecialDay(day=now.date() + 9 * DAY, works=False, title=title[:80]))
        receipt = issue(db, thing, now, helper=chen, label=title[:80])
        return {"receipt": receipt.id, "untaken": db.query(Contribution.id).filter_by(kind="debate").limit(1).scalar()}
