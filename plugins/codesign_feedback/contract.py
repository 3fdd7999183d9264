"""The contract of the loop: any kind that is answerable goes through all of it, and at each step the right people hear.

`codesign.testing.loops.assert_loop` runs it; the tests of this plugin run it for the core's stories.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from sqlalchemy import select

from codesign.core.contributions import Contribution
from codesign.core.users import OFFICIALS, User
from codesign_feedback import answering, asking, committing, handling, objecting, stage
from codesign_feedback.answering import Decision
from codesign_feedback.calendar import DAY
from codesign_feedback.committing import Evidence, commitments_of
from codesign_feedback.loop import Code, Outcome, Refusal, State
from codesign_feedback.loops import Clock, get_loop
from codesign_feedback.stage import Held, held, told_of

if TYPE_CHECKING:
    from codesign.testing import Town

Start = Callable[["Town", str], int]
Owe = Callable[["Town", int], None]
WROTE, TOOK_PART, TASK = (
    "You wrote it.",
    "You took part: you commented or voted.",
    "It is your task, or your authority's.",
)
PART = dict.fromkeys(("ines", "ivan", "cora"), TOOK_PART)
HELPED = {"olga": "You handed out a receipt for it."}
HEAD = {"hugo": "You head the authority that is responsible, or administer this site."}
ADMINISTRATOR = {"maya": "You administer this site."}


def check(town: "Town", start: Start, owe: Owe) -> None:
    """Raises AssertionError at the first step that goes wrong. The town's clock moves on."""
    stage.enter_people(town)
    for way in (_to_the_end, _upheld, _granted, _disputed, _lapsed, _returned_and_handed_over):
        way(Run(town, start, owe))


class Run:
    """One contribution on its way, with everybody who has to do with it."""

    def __init__(self, town: "Town", start: Start, owe: Owe) -> None:
        self.town = town
        self.id = start(town, "anna")
        stage.involve(town, self.id)
        owe(town, self.id)
        stage.help_somebody(town, self.id)
        with town.read() as db:
            thing = db.get_one(Contribution, self.id)
            author = db.get_one(User, thing.author_id or 0)
            self.author, self.by_town = str(author.email).partition("@")[0], author.role in OFFICIALS
            followed = {"toni": thing.topic_id and "You follow this topic."}
            followed |= {"sita": thing.situation_id and "You follow this life situation."}
        self.places = {"fred": "You follow it.", **{name: why for name, why in followed.items() if why}}

    @property
    def wrote(self) -> dict[str, str]:
        return {self.author: WROTE}

    @property
    def public(self) -> dict[str, str]:
        """Everybody: the author, who took part either way, who follows, who helped."""
        return {**HELPED, **self.places, "arno": "You follow this authority.", **PART, **self.wrote}

    @property
    def asked(self) -> dict[str, str]:
        return {**HELPED, **PART, **({} if self.by_town else self.wrote)}

    def stands(self, state: State, event: str, told: dict[str, str], actor: str = "") -> None:
        """It has come to this state, and exactly these people hear of it, each once and for this reason."""
        with self.town.read() as db:
            found = get_loop(db, self.id).state
        assert found is state, f"after {event}: {found}, not {state}"
        heard = told_of(self.town, self.id, event)
        expected = {name: reason for name, reason in told.items() if name != actor}
        assert heard == expected, f"of {event} hear {heard}, not {expected}"

    def wait_for(self, clock: str) -> None:
        """Let time pass until the next rung of this clock."""
        with self.town.read() as db:
            mine = select(Clock.next_at).where(Clock.contribution_id == self.id, Clock.name == clock)
            moment = db.scalars(mine.where(Clock.next_at.is_not(None))).one()
        assert moment is not None
        self.town.world.clock.moment = moment
        self.town.tick()

    def hold(self) -> AbstractContextManager[Held]:
        return held(self.town, self.id)

    def assign(self) -> None:
        with self.hold() as it:
            chen, place = it.person("chen"), stage.authority(it.db)
            it.tell(handling.assign(it.db, it.loop, it.thing, chen, place, chen, it.rules, it.now), "chen")

    def answer(self, code: Code) -> None:
        with self.hold() as it:
            refusal = Refusal.INFEASIBLE if code is Code.DECLINED else None
            decision = Decision(code, "We have looked at it.", stage.authority(it.db), refusal)
            chen = it.person("chen")
            it.tell(answering.answer(it.db, it.loop, it.thing, chen, decision, it.rules, it.now), "chen")

    def reply(self, name: str, solved: bool) -> None:
        with self.hold() as it:
            person = it.person(name)
            it.tell(asking.reply(it.db, it.loop, it.thing, solved, "", it.rules, it.now, actor=person))

    def appeal(self) -> None:
        self.assign()
        self.answer(Code.DECLINED)
        self.stands(State.DECLINED, "declined", self.public, "chen")
        with self.hold() as it:
            ivan = it.person("ivan")
            it.tell(objecting.appeal(it.db, it.loop, it.thing, ivan, "Look again.", it.rules, it.now), "ivan")
        self.stands(State.DISPUTED, "appealed", {**HEAD, "chen": TASK, **self.wrote}, "ivan")

    def decide_appeal(self, granted: bool) -> None:
        with self.hold() as it:
            maya, verb = it.person("maya"), objecting.decide_appeal
            it.tell(verb(it.db, it.loop, it.thing, maya, granted, "I have looked.", it.rules, it.now), "maya")


def _to_the_end(run: Run) -> None:
    """post -> acknowledge -> assign -> review -> answer -> commit -> progress -> deliver -> asked -> verified -> closed
    -> opened again."""
    run.stands(State.ACKNOWLEDGED, "acknowledged", {"maya": TASK, **run.places})
    run.assign()
    run.stands(State.ASSIGNED, "assigned", {"chen": TASK, **run.wrote}, "chen")
    with run.hold() as it:
        it.tell(handling.review(it.db, it.loop, it.thing, it.person("chen"), it.rules, it.now), "chen")
    run.stands(State.UNDER_REVIEW, "review_begun", {})
    run.answer(Code.ACCEPTED_AS_IS)
    run.stands(State.ANSWERED, "answered", run.public, "chen")
    _work(run)
    run.wait_for("ask")
    run.stands(State.DELIVERED, "asked", run.asked)
    for name in ("ines", "ivan"):
        run.reply(name, solved=True)
    run.wait_for("replies")
    run.stands(State.DELIVERED, "asked_again", run.asked)
    run.reply("cora", solved=True)
    run.wait_for("replies_again")
    run.stands(State.VERIFIED, "verified", {**run.public, "chen": run.public.get("chen", TASK)})
    run.wait_for("close")
    run.stands(State.CLOSED, "closed", run.public)
    with run.hold() as it:
        assert it.loop.outcome is Outcome.VERIFIED
        author, verb = it.person(run.author), objecting.reopen
        it.tell(verb(it.db, it.loop, it.thing, author, "It leaks.", it.rules, it.now), run.author)
    run.stands(State.REOPENED, "reopened", {**run.public, "chen": run.public.get("chen", TASK)}, run.author)


def _work(run: Run) -> None:
    with run.hold() as it:
        chen, due_on = it.person("chen"), it.rules.calendar.today(it.now) + 60 * DAY
        verb = committing.commit
        it.tell(verb(it.db, it.loop, it.thing, chen, "Mr Roof", due_on, "A roof", it.rules, it.now), "chen")
    run.stands(State.COMMITTED, "committed", run.public, "chen")
    with run.hold() as it:
        chen = it.person("chen")
        it.tell(committing.report(it.db, it.loop, it.thing, chen, "It is ordered.", it.rules, it.now), "chen")
    run.stands(State.IN_PROGRESS, "in_progress", run.public, "chen")
    with run.hold() as it:
        chen, [promise] = it.person("chen"), commitments_of(it.db, run.id)
        evidence = Evidence("It is there.", it.rules.calendar.today(it.now))
        it.tell(committing.deliver(it.db, it.loop, it.thing, chen, promise, evidence, it.rules, it.now), "chen")
    run.stands(State.DELIVERED, "delivered", run.public, "chen")


def _upheld(run: Run) -> None:
    """decline -> appeal -> upheld by somebody else."""
    run.appeal()
    run.decide_appeal(granted=False)
    run.stands(State.CLOSED, "upheld", run.public)


def _granted(run: Run) -> None:
    """decline -> appeal -> granted by somebody else -> answered anew, this time at once asked about."""
    run.appeal()
    run.decide_appeal(granted=True)
    run.stands(State.REOPENED, "granted", {**run.public, "chen": run.public.get("chen", TASK)})
    run.answer(Code.SOLVE_DIFFERENTLY)
    run.stands(State.ANSWERED, "answered", run.public, "chen")
    run.town.world.clock.advance(DAY)
    run.town.tick()
    run.stands(State.ANSWERED, "asked", run.asked)


def _disputed(run: Run) -> None:
    """Those who took part say that it is not done."""
    run.assign()
    run.answer(Code.SOLVED_ALREADY)
    run.wait_for("ask")
    for name, solved in (("ines", True), ("ivan", False), ("cora", False)):
        run.reply(name, solved)
    run.wait_for("replies")
    run.stands(State.DISPUTED, "disputed", {**run.public, "chen": run.public.get("chen", TASK)})


def _lapsed(run: Run) -> None:
    """Nobody answers: reminders, the head, the public list, and the end."""
    run.assign()
    chen = {"chen": TASK}
    for event, told in (
        ("reminded", chen), ("reminded", chen), ("escalated", HEAD), ("overdue", {**HEAD, **ADMINISTRATOR}),
    ):  # fmt: skip
        run.wait_for("answer")
        run.stands(State.ASSIGNED, event, told)
    run.wait_for("answer")
    run.stands(State.LAPSED, "lapsed", {**chen, **ADMINISTRATOR, **run.public})


def _returned_and_handed_over(run: Run) -> None:
    """returned -> completed -> extended -> handed to another authority."""
    run.assign()
    with run.hold() as it:
        chen = it.person("chen")
        it.tell(handling.give_back(it.db, it.loop, it.thing, chen, "Which one?", it.rules, it.now), "chen")
    run.stands(State.RETURNED, "returned", {**HELPED, **run.wrote}, "chen")
    with run.hold() as it:
        author = it.person(run.author)
        it.tell(handling.complete(it.db, it.loop, it.thing, author, "This one.", it.rules, it.now), run.author)
    run.stands(State.UNDER_REVIEW, "completed", {"chen": TASK}, run.author)
    with run.hold() as it:
        it.tell(handling.extend(it.db, it.loop, it.thing, it.person("hugo"), "He is ill.", it.rules, it.now), "hugo")
    run.stands(State.UNDER_REVIEW, "extended", run.public)
    with run.hold() as it:
        hugo, place, verb = it.person("hugo"), stage.authority(it.db, stage.SECOND), handling.transfer
        it.tell(verb(it.db, it.loop, it.thing, hugo, place, "It is theirs.", it.rules, it.now), "hugo")
    former = {"chen": "It was your task, or your authority's."}
    run.stands(State.TRANSFERRED, "transferred", {**former, "rosa": TASK, **run.wrote}, "hugo")
