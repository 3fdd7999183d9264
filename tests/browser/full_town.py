"""A town in which every page has something to show, much of it unbroken words that are hard on a narrow phone."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from codesign.core.areas import create_area
from codesign.core.comments import Standing, post_comment, set_standing
from codesign.core.contributions import Contribution, Reason
from codesign.core.follows import set_follow
from codesign.core.life import create_situation, describe
from codesign.core.moderation import Action, Target, decide, report
from codesign.core.residents import document_digest, verify
from codesign.core.sessions import Purpose, issue_token
from codesign.core.settings import CORE, TownSettings, save_settings
from codesign.core.threads import start_thread
from codesign.core.topics import create_topic
from codesign.core.users import Role, User
from codesign.core.votes import vote_on_comment, vote_on_contribution
from codesign.municipalities import add_person
from codesign.testing import Town
from codesign.testing.towns import QUICK_HASH
from codesign_debates.debates import Debate, close, start
from tests.browser.full_authorities import fill_authorities
from tests.browser.full_feedback import fill_feedback
from tests.browser.full_polls import fill_polls
from tests.browser.full_proposals import fill_proposals

LONG = "Unteilbar" * 22
TITLE = LONG[:120]
NAME = LONG[:80]
TEXT = f"A **list**, a quote and {LONG}:\n\n- one\n- two\n\n> said before\n\nhttps://alder.localhost/{LONG} and `code`\n\n1. first"
Places = dict[str, object]


def fill(town: Town) -> Places:
    """Returns what stands for the names in the paths of test_accessibility.py."""
    town.enable("debates")
    town.client().post("/accounts/forgotten", data={"email": "anna@alder.example"})
    with town.write() as db:
        places = _Filling(town, db).everything()
    letters = town.send_mail()
    places |= {**fill_proposals(town, TITLE, TEXT), **fill_polls(town, TITLE, TEXT), **fill_authorities(town, TITLE)}
    return {**places, **fill_feedback(town, TITLE, TEXT), "letter": letters[0].stem}


class _Filling:
    def __init__(self, town: Town, db: Session) -> None:
        self.db, self.now = db, town.world.clock.now()
        self.anna, self.boris, self.chen = (town.person(db, name) for name in ("anna", "boris", "chen"))
        self.long = add_person(db, "long@alder.example", NAME, Role.RESIDENT, QUICK_HASH, self.now)

    def everything(self) -> Places:
        chosen = TownSettings(title="Alder", about="A town of alders", other_locales=["kk", "ru", "es", "et"])
        save_settings(self.db, CORE, chosen.model_dump(mode="json"), self.now)
        topic = create_topic(self.db, "Parks", f"Green places {LONG}")
        create_topic(self.db, TITLE[:80], "A long one")
        return {"topic": topic.slug, **self.residents(), **self.stories(), **self.debates(topic.id), **self.tokens()}

    def residents(self) -> Places:
        """Anna is verified and lives in an area with a long name; another person is not."""
        area = create_area(self.db, "Old town")
        long_one = create_area(self.db, TITLE[:80])
        digest = document_digest(b"any", "alder", "AB 123 456")
        verify(self.db, self.anna, self.chen, self.now, long_one.id, date(1985, 4, 23), digest)
        return {"area": area.slug, "anna": self.anna.id, "long": self.long.id}

    def stories(self) -> Places:
        situation = create_situation(self.db, "I am expecting a child", f"Before and after {LONG}")
        describe(self.db, situation, TEXT)
        thread = start_thread(self.db, situation, self.long, TITLE, TEXT, "en", self.now)
        own = start_thread(self.db, situation, self.anna, "Three visits", TEXT, "en", self.now)
        set_follow(self.db, self.anna, thread, True)
        return {"situation": situation.slug, "thread": thread.id, "own_thread": own.id}

    def debates(self, topic: int) -> Places:
        debates = [self.debate(self.long, f"{n} {TITLE}"[:120], topic) for n in range(21)]
        busy, hidden, closed = debates[0], self.debate(self.boris, "Hidden"), self.debate(self.boris, "Closed")
        later = self.debate(self.boris, "Later", opens=2)
        own = self.debate(self.anna, "My own question")
        close(self.db, closed, self.chen, TEXT, self.now)
        decide(self.db, self.boris, Target(hidden), Action.HIDE, Reason.SPAM, LONG, self.now)
        vote_on_contribution(self.db, self.anna, busy, 1)
        ids = {"debate": busy.id, "closed": closed.id, "hidden": hidden.id, "later": later.id, "own_debate": own.id}
        return {**ids, **self.comments(busy)}

    def debate(self, author: User, title: str, topic: int | None = None, opens: int | None = None) -> Debate:
        dates = (self.now + timedelta(days=opens) if opens else None, None)
        return start(self.db, author, title, TEXT, topic, "en", dates, self.now)

    def comment(self, thing: Contribution, author: User, parent: object = None) -> object:
        return post_comment(self.db, thing, author, TEXT, parent, "en", self.now)  # type: ignore[arg-type]

    def comments(self, busy: Debate) -> Places:
        first, rude, gone, *_rest = [self.comment(busy, self.long) for _n in range(31)]
        own = self.comment(busy, self.anna)
        deep = first
        for author in (self.anna, self.chen, self.boris, self.long, self.anna, self.chen, self.boris):
            deep = self.comment(busy, author, deep)
        self.comment(busy, self.chen, gone)
        set_standing(self.db, gone, busy, Standing.REMOVED)
        vote_on_comment(self.db, self.anna, first, 1)
        report(self.db, self.anna, Target(busy, first), Reason.OTHER, LONG, self.now)
        decide(self.db, self.boris, Target(busy, rude), Action.HIDE, Reason.INSULT, "Not here.", self.now)
        return {"comment": first.id, "deep": deep.id, "own_comment": own.id}

    def tokens(self) -> Places:
        new = User(name="New", email="new@alder.example", created_at=self.now)
        self.db.add(new)
        self.db.flush()
        confirm = issue_token(self.db, new, Purpose.CONFIRM, self.now)
        return {"confirm": confirm, "reset": issue_token(self.db, self.boris, Purpose.RESET, self.now)}
