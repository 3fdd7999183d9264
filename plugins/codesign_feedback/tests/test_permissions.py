"""Who may do what, and when: every verb in every state for everybody, against a table written by hand."""

from collections.abc import Callable
from typing import Any

import pytest

from codesign.core.contributions import Contribution
from codesign.core.users import Role
from codesign.kit import Invalid
from codesign.testing import Town
from codesign_feedback import answering, asking, committing, handling, objecting
from codesign_feedback.answering import Decision
from codesign_feedback.committing import Evidence, commitments_of
from codesign_feedback.loop import Code, Refusal, State
from codesign_feedback.loops import get_loop
from codesign_feedback.rules import rules_of
from codesign_feedback.stage import Held
from codesign_feedback.tests.making import DAY, authority_of, more_people, now, opened, take_part
from codesign_feedback.tests.walking import WAYS, appeal, asked, assign, decline, walked

S = State
CAST = ("anna", "eve", "berta", "boris", "chen", "olga", "maya", None)
"""The author, who took part, a bystander, a moderator, the official who answered, another one, an administrator, nobody."""
TOWN, CONCERNED, AUTHOR, OTHERS = ("chen", "olga", "maya"), ("anna", "eve"), ("anna",), ("olga", "maya")
WAITING = (S.ACKNOWLEDGED, S.ASSIGNED, S.TRANSFERRED, S.REOPENED)
ANSWERABLE = (*WAITING, S.UNDER_REVIEW, S.DISPUTED, S.LAPSED, S.ANSWERED)
TABLE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "assign": (WAITING, TOWN),
    "transfer": ((*WAITING, S.UNDER_REVIEW), TOWN),
    "review": ((S.ASSIGNED, S.TRANSFERRED, S.REOPENED), TOWN),  # before nobody was responsible
    "return": ((S.ACKNOWLEDGED, S.ASSIGNED, S.UNDER_REVIEW), TOWN),
    "complete": ((S.RETURNED,), AUTHOR),
    "extend": ((*WAITING, S.UNDER_REVIEW), TOWN),
    "answer": (ANSWERABLE, TOWN),
    "decline": (ANSWERABLE, TOWN),
    "commit": ((S.ANSWERED, S.COMMITTED, S.IN_PROGRESS, S.DISPUTED), TOWN),
    "progress": ((S.COMMITTED, S.IN_PROGRESS), TOWN),
    "deliver": ((S.COMMITTED, S.IN_PROGRESS), TOWN),
    "reply": (("asked",), CONCERNED),
    "appeal": ((S.DECLINED,), CONCERNED),
    "grant": (("appealed",), OTHERS),
    "uphold": (("appealed",), OTHERS),
    "reopen": ((S.VERIFIED, S.CLOSED), CONCERNED),
}  # fmt: skip


def _answer(it: Held, actor: Any, code: Code) -> Any:
    decision = Decision(code, "We have looked.", authority_of(it.db), Refusal.OTHER)
    return answering.answer(it.db, it.loop, it.thing, actor, decision, it.rules, it.now)


def _deliver(it: Held, actor: Any) -> Any:
    found = [each for each in commitments_of(it.db, it.thing.id) if each.delivered_on is None]
    if not found:
        raise Invalid("There is nothing to deliver.")
    evidence = Evidence("It is there.", it.rules.calendar.today(it.now))
    return committing.deliver(it.db, it.loop, it.thing, actor, found[0], evidence, it.rules, it.now)


def _simple(verb: Callable[..., Any], *given: Any) -> Callable[[Held, Any], Any]:
    return lambda it, actor: verb(it.db, it.loop, it.thing, actor, *given, it.rules, it.now)


DEEDS: dict[str, Callable[[Held, Any], Any]] = {
    "assign": lambda it, actor: _simple(handling.assign, authority_of(it.db), None)(it, actor),
    "transfer": lambda it, actor: _simple(handling.transfer, authority_of(it.db, "Schools"), "Theirs.")(it, actor),
    "review": _simple(handling.review),
    "return": _simple(handling.give_back, "Which one?"),
    "complete": _simple(handling.complete, "This one."),
    "extend": _simple(handling.extend, "He is ill."),
    "answer": lambda it, actor: _answer(it, actor, Code.FORWARDED),
    "decline": lambda it, actor: _answer(it, actor, Code.DECLINED),
    "commit": lambda it, actor: _simple(
        committing.commit, "Mr Roof", it.rules.calendar.today(it.now) + DAY, "A roof"
    )(it, actor),
    "progress": _simple(committing.report, "It is ordered."),
    "deliver": _deliver,
    "reply": lambda it, actor: asking.reply(it.db, it.loop, it.thing, True, "", it.rules, it.now, actor=actor),
    "appeal": _simple(objecting.appeal, "Look again."),
    "grant": _simple(objecting.decide_appeal, True, "You are right."),
    "uphold": _simple(objecting.decide_appeal, False, "It stays."),
    "reopen": _simple(objecting.reopen, "It leaks."),
}  # fmt: skip


class Undone(Exception):
    """Whatever was done is rolled back."""


def may(town: Town, id: int, verb: str, name: str | None) -> bool:
    """As a page does: the permission first, then the verb."""
    try:
        with town.write() as db:
            actor, thing = (town.person(db, name) if name else None), db.get_one(Contribution, id)
            if not town.world.site.permissions.allowed(actor, f"feedback.{verb}", thing, now(town)):
                return False
            it = Held(town, db, get_loop(db, id, lock=True), thing, rules_of(db), now(town))
            DEEDS[verb](it, actor)
            raise Undone
    except Invalid:
        return False
    except Undone:
        return True


def brought_to(town: Town, place: str) -> int:
    if place in WAYS:
        return walked(town, State(place), "eve")
    id = opened(town)
    take_part(town, id, "eve")
    if place == "asked":
        asked(town, id)
        return id
    for step in (assign, decline, appeal):
        step(town, id)  # type: ignore[operator]
    return id


@pytest.mark.parametrize("place", [*WAYS, "asked", "appealed"])
def test_every_verb_is_for_whom_and_for_when_the_table_says(alder: Town, place: str) -> None:
    alder.enable("feedback")
    more_people(alder, "eve", "berta")
    more_people(alder, "olga", role=Role.OFFICIAL)
    id = brought_to(alder, place)
    found = {verb: tuple(name for name in CAST if may(alder, id, verb, name)) for verb in TABLE}
    assert found == {verb: who if place in places else () for verb, (places, who) in TABLE.items()}
