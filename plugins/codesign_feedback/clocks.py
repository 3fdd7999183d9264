"""The clocks of the loop: how long each lasts, and what its ladder does before and after the deadline, as one table."""

from collections.abc import Mapping
from dataclasses import dataclass

from codesign.kit import mark


@dataclass(frozen=True)
class Rung:
    """At the hour of reminders, so many days before (-) or after the last day of the clock, this step is taken."""

    days: int
    verb: str


@dataclass(frozen=True)
class ClockRule:
    name: str
    setting: str
    """The field of FeedbackSettings with its length in days; "" when the date is given with the step."""
    working: bool
    """Its days are working days of the town's calendar."""
    ladder: tuple[Rung, ...]
    label: str
    """What is due then, for everybody to read."""
    public: bool = True
    """Whether readers see "12 days left"."""


REMINDERS = frozenset({"remind", "remind_author"})
OFFICE = (Rung(-7, "remind"), Rung(-1, "remind"), Rung(1, "escalate"), Rung(14, "publish_overdue"))
RULES: Mapping[str, ClockRule] = {
    rule.name: rule
    for rule in (
        ClockRule("transfer", "transfer_days", True, (Rung(-1, "remind"), Rung(1, "escalate")),
                  mark("until it is clear who is responsible"), public=False),
        ClockRule("answer", "answer_days", False, (*OFFICE, Rung(30, "lapse")), mark("until the official answer")),
        ClockRule("complete", "complete_days", False, (Rung(-7, "remind_author"), Rung(-1, "remind_author"), Rung(1, "close")),
                  mark("for the author to add what is missing")),
        ClockRule("deferral", "", False, (Rung(0, "resume"),), mark("until it is looked at again")),
        ClockRule("commitment", "commit_days", False, OFFICE, mark("until the town says who will do what by when")),
        ClockRule("progress", "progress_days", False, OFFICE, mark("until the next news of the work")),
        ClockRule("delivery", "", False, OFFICE, mark("until the town has promised to deliver")),
        ClockRule("ask", "ask_after_days", False, (Rung(0, "ask"),), mark("until those who took part are asked whether it is done"),
                  public=False),
        # When enough have replied, that decides it, whatever the rung says.
        ClockRule("replies", "reply_days", False, (Rung(1, "ask_again"),), mark("to say whether it is done")),
        ClockRule("replies_again", "reply_days", False, (Rung(1, "close"),), mark("to say whether it is done")),
        ClockRule("dispute", "dispute_days", False, (*OFFICE, Rung(30, "lapse")), mark("until the town answers those who say it is not done")),
        ClockRule("appeal", "appeal_days", False, (Rung(1, "close"),), mark("to appeal against the refusal")),
        ClockRule("appeal_answer", "appeal_answer_days", True, OFFICE, mark("until somebody else decides the appeal")),
        ClockRule("close", "close_days", False, (Rung(1, "close"),), mark("until it is closed"), public=False),
    )
}  # fmt: skip
