"""Proposals in every state, with everything that can stand beside one."""

from datetime import timedelta
from io import BytesIO

from sqlalchemy.orm import Session

from codesign.core.files import Upload, attach
from codesign.core.pictures import read_picture
from codesign.core.topics import create_topic
from codesign.core.users import User
from codesign.testing import Town
from codesign_proposals.merging import agree, ask_to_join
from codesign_proposals.milestones import add_milestone
from codesign_proposals.proposals import Proposal, Threshold, Withdrawal
from codesign_proposals.publishing import edit, withdraw
from codesign_proposals.sheets import enter_sheet
from codesign_proposals.tests.making import a_draft, propose, support
from codesign_proposals.updates import post_update
from codesign_proposals.written import Written
from tests.sending import picture

Places = dict[str, object]


def fill_proposals(town: Town, title: str, text: str) -> Places:
    town.enable("proposals")
    with town.write() as db:
        return _Filling(town, db, title, text).everything()


class _Filling:
    def __init__(self, town: Town, db: Session, title: str, text: str) -> None:
        self.db, self.now, self.title, self.text = db, town.world.clock.now(), title, text
        self.anna, self.boris, self.chen, self.maya = (town.person(db, n) for n in ("anna", "boris", "chen", "maya"))

    def everything(self) -> Places:
        for place in range(21):
            self.one(self.boris, f"{place} {self.title}"[:120])
        busy = self.busy()
        own = self.one(self.anna, "A roof for the bus stop")
        draft = a_draft(self.db, self.anna, self.now, self.title, text=self.text)
        gone = self.one(self.anna, "Lights in the underpass")
        withdraw(self.db, gone, Withdrawal.STARTED, self.text, self.now)
        self.one(self.boris, "Over", archives_at=self.now - timedelta(days=1))
        self.one(self.boris, "Enough", threshold=1, agree_count=3)
        joined = self.joined(busy)
        rule = Threshold(topic_id=create_topic(self.db, "Rivers", "").id, share=25)
        self.db.add(rule)
        self.db.flush()
        return {
            "proposal": busy.id, "own_proposal": own.id, "proposal_draft": draft.id, "withdrawn": gone.id,
            "joined": joined.id, "rule": rule.id, **self.beside(own),
        }  # fmt: skip

    def one(self, author: User, title: str, **more: object) -> Proposal:
        return propose(self.db, author, title, self.now, text=self.text, tags=("Bench", self.title[:30]), **more)  # type: ignore[arg-type]

    def busy(self) -> Proposal:
        """With a picture, supports, a second text, an update, milestones and signatures on paper."""
        busy = self.one(self.boris, self.title)
        content = read_picture(BytesIO(picture()))
        attach(self.db, self.boris, Upload("square.png", content), self.now, busy, alt="The square, seen from above")
        support(self.db, busy, self.anna, self.now)
        edit(self.db, busy, Written(self.title, f"{self.text}\n\nAnd a bench."), self.now)
        post_update(self.db, busy, self.title, self.text, self.now)
        for days in (-3, 40):
            add_milestone(
                self.db, busy, self.chen, self.title, (self.now + timedelta(days=days)).date(), self.text, self.now
            )
        enter_sheet(self.db, busy, f"Market, sheet 4 {self.title}"[:100], ["a" * 64, "b" * 64], self.chen, self.now)
        return busy

    def joined(self, busy: Proposal) -> Proposal:
        """One that joined the busy one, and another that wants to."""
        joined, asking = self.one(self.anna, "Also a bench"), self.one(self.anna, "One more bench")
        support(self.db, joined, self.chen, self.now)
        request = ask_to_join(self.db, joined, busy, self.anna, self.now)
        agree(self.db, request, joined, busy, self.boris, self.now)
        ask_to_join(self.db, asking, busy, self.anna, self.now)
        return joined

    def beside(self, own: Proposal) -> Places:
        milestone = add_milestone(self.db, own, self.anna, "A meeting", self.now.date(), self.text, self.now)
        return {"milestone": milestone.id}
