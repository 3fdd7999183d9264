"""Polls for the example towns of the demonstration: one open, one to come, one counted."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

from codesign.kit import Garden
from codesign_polls.ballots import cast, voter_of
from codesign_polls.box import read_answer
from codesign_polls.definition import RULES, Method, Option, Question
from codesign_polls.outcome import counted_again, store
from codesign_polls.papers import Paper
from codesign_polls.polls import Poll, phase_of
from codesign_polls.preparing import enter

TEXTS = Path(__file__).parent / "examples"
TERMS = ("secret", "live", "quorum", "quorum_share", "by_code", "min_level", "min_age", "max_age")


def plant(garden: Garden) -> None:
    file = TEXTS / f"{garden.locale}.toml"
    for told in tomllib.loads(file.read_text())["polls"] if file.exists() else ():
        _plant(garden, told)


def _plant(garden: Garden, told: dict[str, Any]) -> None:
    """One poll: published, voted in, talked about, and counted when it is over."""
    db, published = garden.db, garden.ago(told["days_ago"])
    poll = enter(db, garden.staff["chen"], _paper(garden, told), garden.locale, published)
    poll.opened_told_at = garden.now if poll.opens_at <= garden.now else None
    _vote(garden, poll, told.get("votes", ()))
    garden.comment(poll, told.get("comments", ()), told["days_ago"])
    if phase_of(poll, garden.now) == "closed":
        store(db, poll.id, counted_again(db, poll), poll.closes_at + timedelta(seconds=10))


def _paper(garden: Garden, told: dict[str, Any]) -> Paper:
    def at(days: float, hour: int) -> Any:
        return (garden.now + timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)

    return Paper(
        title=told["title"],
        text=told["text"].strip(),
        topic_id=garden.topics.get(told.get("topic", "")),
        questions=tuple(_question(each) for each in told["questions"]),
        opens_at=at(told["opens_in_days"], 6),
        closes_at=at(told["closes_in_days"], 18),
        area_ids=tuple(garden.areas[title] for title in told.get("areas", ())),
        **{name: told[name] for name in TERMS if name in told},
    )


def _question(told: dict[str, Any]) -> Question:
    method = Method(told["method"])
    options = tuple(Option(title=each["title"], text=each.get("text", "")) for each in told.get("options", ()))
    limits = {name: told.get(name, 0) for name in ("least", "most")}
    rule = told.get("rule", RULES[method][0])
    text = told.get("text", "").strip()
    return Question(title=told["title"], text=text, method=method, rule=rule, options=options, **limits)


def _vote(garden: Garden, poll: Poll, votes: Any) -> None:
    """`votes` are ballots with how many people cast each; who casts which is chance."""
    methods = [Method(question["method"]) for question in poll.definition["questions"]]
    ballots = [each["answers"] for each in votes for _voter in range(each["count"])]
    voters = garden.chance.sample(list(garden.people), len(ballots))
    moment = poll.opens_at + timedelta(hours=1)
    for voter, answers in zip(voters, ballots, strict=True):
        # TOML has no null: an empty list is a blank answer.
        given = [
            None if answer == [] else read_answer(method, answer)
            for method, answer in zip(methods, answers, strict=True)
        ]
        cast(garden.db, poll, voter_of(voter), voter.id, given, moment)
