"""Debates for the example towns of the demonstration."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

from codesign.kit import Garden
from codesign_debates.debates import close, start

TEXTS = Path(__file__).parent / "examples"


def plant(garden: Garden) -> None:
    file = TEXTS / f"{garden.locale}.toml"
    for told in tomllib.loads(file.read_text())["debates"] if file.exists() else ():
        _plant(garden, told)


def _plant(garden: Garden, told: dict[str, Any]) -> None:
    """One debate: started, voted on, discussed, and closed with its conclusion when it has one."""
    days = told["days_ago"]
    moment = garden.ago(days)
    closes_at = garden.now + timedelta(days=told["closes_in_days"]) if "closes_in_days" in told else None
    opens_at = garden.now + timedelta(days=told["opens_in_days"]) if "opens_in_days" in told else None
    topic_id = garden.topics.get(told.get("topic", ""))
    dates = (opens_at, closes_at)
    author = garden.person(told["author"])
    debate = start(garden.db, author, told["title"], told["text"].strip(), topic_id, garden.locale, dates, moment)
    garden.vote(debate, told.get("agree", 0), told.get("disagree", 0))
    garden.comment(debate, told.get("comments", ()), days)
    if "conclusion" in told:
        close(garden.db, debate, garden.staff["chen"], told["conclusion"].strip(), garden.ago(told["closed_days_ago"]))
