"""Random people do random things at random times: the loop never leaves its table, and the town alone verifies nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from codesign.core.contributions import Contribution
from codesign.core.users import OFFICIALS, User
from codesign.events import Event
from codesign.kit import Invalid
from codesign.testing import Clock as Watch
from codesign.testing import Town
from codesign_feedback.asking import reply as say
from codesign_feedback.clocks import RULES
from codesign_feedback.loop import BY_EVENT, STEPS, Code, Refusal, State
from codesign_feedback.loops import Clock, Loop
from codesign_feedback.people import count_people
from codesign_feedback.receipts import issue
from codesign_feedback.tests.making import DAY, held, more_people, now, opened, take_part
from codesign_feedback.tests.test_steps import RUNNING
from codesign_feedback.tests.walking import (
    answer,
    appeal,
    assign,
    commit,
    complete,
    decide_appeal,
    deliver,
    extend,
    give_back,
    progress,
    reopen,
    reply,
    review,
    take_back,
    transfer,
)
from codesign_feedback.voices import Receipt, Reply

S = State
START = Watch().moment
RESIDENTS, TOWN = ("anna", "boris", "eve", "finn"), ("chen", "maya")
ANSWERED = ({"commitment"}, {"deferral"}, {"ask"}, {"replies"}, {"replies_again"})
POSSIBLE: dict[State, tuple[set[str], ...]] = {
    **{state: (clocks,) for state, clocks in RUNNING.items()},
    S.ANSWERED: ANSWERED,
    S.DELIVERED: ANSWERED[2:],
    S.DISPUTED: ({"dispute"}, {"appeal_answer"}),
}
Deed = tuple[str, str, int]
CODES = [code for code in Code if code is not Code.DEFERRED]


def reply_by_receipt(town: Town, id: int, by: str, solved: bool) -> None:
    """An official makes up a person without an account, and replies for them."""
    with held(town, id) as it:
        receipt = issue(it.db, it.thing, it.now, helper=it.person("chen"))
        it.tell(say(it.db, it.loop, it.thing, solved, "", it.rules, it.now, receipt=receipt))


DEEDS: dict[str, Callable[[Town, int, str, int], Any]] = {
    "assign": lambda town, id, who, n: assign(town, id, who, TOWN[n % 2]),
    "transfer": lambda town, id, who, n: transfer(town, id, who, f"Office {n % 3}"),
    "review": lambda town, id, who, n: review(town, id, who),
    "return": lambda town, id, who, n: give_back(town, id, who),
    "complete": lambda town, id, who, n: complete(town, id, who),
    "extend": lambda town, id, who, n: extend(town, id, who),
    "answer": lambda town, id, who, n: answer(town, id, CODES[n % len(CODES)], who, refusal=Refusal.OTHER),
    "defer": lambda town, id, who, n: answer(town, id, Code.DEFERRED, who, until=(now(town) + (n + 1) * DAY).date()),
    "commit": lambda town, id, who, n: commit(town, id, who, days=n),
    "progress": lambda town, id, who, n: progress(town, id, who),
    "deliver": lambda town, id, who, n: deliver(town, id, who),
    "yes": lambda town, id, who, n: reply(town, id, who),
    "no": lambda town, id, who, n: reply(town, id, who, solved=False),
    "receipt": lambda town, id, who, n: reply_by_receipt(town, id, who, n % 3 > 0),
    "appeal": lambda town, id, who, n: appeal(town, id, who),
    "grant": lambda town, id, who, n: decide_appeal(town, id, True, who),
    "uphold": lambda town, id, who, n: decide_appeal(town, id, False, who),
    "reopen": lambda town, id, who, n: reopen(town, id, who),
    "withdraw": lambda town, id, who, n: take_back(town, id, merged=n % 2 == 1),
}
ENDINGS = {"withdraw"}
deeds = st.tuples(st.sampled_from([*DEEDS] * 3 + ["wait"] * 12 + ["tick"] * 12), st.sampled_from(RESIDENTS + TOWN),
                  st.integers(0, 40))  # fmt: skip


def do(town: Town, id: int, deed: Deed) -> None:
    name, who, number = deed
    if name == "wait":
        town.world.clock.advance(timedelta(hours=number * 12))
        town.tick()
        return
    if name == "tick":
        _next(town, id)
        return
    before = snapshot(town, id)
    try:
        DEEDS[name](town, id, who, number)
    except (Invalid, StopIteration):  # StopIteration: there is no promise to keep
        assert snapshot(town, id) == before, f"{name} was refused and has changed something"


def snapshot(town: Town, id: int) -> list[Any]:
    with town.read() as db:
        loop = db.execute(select(Loop.__table__).where(Loop.contribution_id == id)).one()
        clocks = db.execute(select(Clock.__table__).where(Clock.contribution_id == id).order_by(Clock.id)).all()
        return [loop, clocks, db.scalar(select(func.count(Event.id)))]


def _next(town: Town, id: int) -> None:
    with town.read() as db:
        moment = db.scalar(select(func.min(Clock.next_at)).where(Clock.contribution_id == id))
    if moment is not None:
        town.world.clock.moment = max(moment, now(town))
        town.tick()


def judge(town: Town, id: int) -> None:
    """What always holds."""
    with town.read() as db:
        loop = db.get_one(Loop, id)
        clocks = db.scalars(select(Clock).where(Clock.contribution_id == id, Clock.stopped_at.is_(None))).all()
        names = [clock.name for clock in clocks]
        assert (len(names), set(names) in POSSIBLE[loop.state]) == (len(set(names)), True), (loop.state, names)
        assert all(clock.next_at is not None or clock.name in OPEN_ENDED for clock in clocks)
        public = sorted((clock.due_at, clock.name) for clock in clocks if RULES[clock.name].public)
        assert (loop.due_at, loop.clock) in ([(at, name) for at, name in public if at == public[0][0]] or [(None, "")])
        assert loop.appealing == ("appeal_answer" in names)
        assert (loop.asked_at is not None) == bool({"replies", "replies_again"} & set(names))
        _judge_events(db, id, loop)
        _judge_verdict(db, id, loop)


OPEN_ENDED = {"transfer", "commitment", "progress", "delivery", "appeal_answer"}
"""Their ladders end on the public list; all others bring about something at last."""


def _judge_events(db: Any, id: int, loop: Loop) -> None:
    """Every step went from where the table says to where the table says."""
    rows = db.execute(
        select(Event.name, Event.data, Event.actor_id).where(Event.contribution_id == id).order_by(Event.id)
    )
    state = None
    for name, data, _actor in rows:
        step = BY_EVENT.get(name)
        if step is None:
            continue
        after = State(data["state"])
        assert state is None or (state in step.before and after is (step.after or state)), (name, state, after)
        state = after
    assert loop.state is state


def _judge_verdict(db: Any, id: int, loop: Loop) -> None:
    """Verified means: enough of those who took part, and do not work for the town, have said so."""
    replies = select(Reply, User.role).outerjoin(User, User.id == Reply.user_id)
    found = db.execute(replies.where(Reply.contribution_id == id, Reply.round == loop.round)).all()
    assert [role for _reply, role in found if role in OFFICIALS] == []
    assert (loop.solved_count, loop.unsolved_count) == (
        sum(reply.solved for reply, _role in found), sum(not reply.solved for reply, _role in found),
    )  # fmt: skip
    if loop.state is not S.VERIFIED:
        return
    own = [reply.solved for reply, _role in found if reply.user_id is not None]
    assert own and sum(own) * 100 >= len(own) * 60
    assert len(own) >= min(3, count_people(db, db.get_one(Contribution, id)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.sampled_from(RESIDENTS[1:] + TOWN)), st.lists(deeds, max_size=40))
def test_whatever_anybody_does_the_loop_keeps_to_its_table_and_only_residents_verify(
    alder: Town, voters: set[str], deeds: list[Deed]
) -> None:
    alder.enable("feedback").world.clock.moment = START  # what other examples left behind stands still
    more_people(alder, *RESIDENTS[2:])
    id = opened(alder)
    take_part(alder, id, *sorted(voters))
    judge(alder, id)
    for deed in deeds:
        do(alder, id, deed)
        judge(alder, id)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from([name for name in DEEDS if name not in ENDINGS] + ["wait", "tick", "tick"]),
                          st.sampled_from(TOWN), st.integers(0, 40)), max_size=40))  # fmt: skip
def test_the_town_alone_never_reaches_verified_whatever_it_does(alder: Town, deeds: list[Deed]) -> None:
    alder.enable("feedback").world.clock.moment = START  # what other examples left behind stands still
    id = opened(alder, author="chen")
    for deed in deeds:
        do(alder, id, deed)
    with alder.read() as db:
        loop, names = db.get_one(Loop, id), set(db.scalars(select(Event.name).where(Event.contribution_id == id)))
        assert (loop.verified_at, "feedback.verified" in names) == (None, False)
        assert db.scalar(select(func.count(Receipt.id)).where(Receipt.contribution_id == id)) is not None
    assert {step.verb for step in STEPS.values() if step.after is S.VERIFIED} == {"verify"}
