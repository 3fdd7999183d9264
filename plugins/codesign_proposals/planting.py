"""Proposals for the example towns of the demonstration."""

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from codesign.core.settings import save_settings
from codesign.kit import Garden
from codesign_proposals.drafts import save_draft
from codesign_proposals.milestones import add_milestone
from codesign_proposals.proposals import Merge, Proposal, Sheet, State, Withdrawal
from codesign_proposals.publishing import edit, publish, withdraw
from codesign_proposals.settings import ProposalSettings
from codesign_proposals.supporting import recount
from codesign_proposals.updates import post_update
from codesign_proposals.written import Written

TEXTS = Path(__file__).parent / "examples"
SUPPORTERS = 40
"""What a proposal needs in an example town: it has sixty people who can support one."""
Told = Mapping[str, Any]


def plant(garden: Garden) -> None:
    file = TEXTS / f"{garden.locale}.toml"
    if not file.exists():
        return
    told = tomllib.loads(file.read_text())["proposals"]
    settings = ProposalSettings.model_validate({"supporters": SUPPORTERS}).model_dump(mode="json")
    save_settings(garden.db, "proposals", settings, garden.now)
    planted = {one["title"]: _plant(garden, one) for one in sorted(told, key=lambda one: -one["days_ago"])}
    for one in (one for one in told if "joined" in one):
        into = planted[one["joined"]["into"]]
        _join(garden, planted[one["title"]], into, garden.ago(one["joined"]["days_ago"]))


def _plant(garden: Garden, told: Told) -> Proposal:
    """One proposal with everything that has happened to it."""
    author = garden.staff[told["author"]] if isinstance(told["author"], str) else garden.person(told["author"])
    versions = [_written(garden, told, version) for version in (*told.get("revisions", ()), told)]
    moment = garden.ago(told["days_ago"])
    proposal = publish(garden.db, save_draft(garden.db, author, versions[0], moment), author, garden.locale, moment)
    for before, version in zip(told.get("revisions", ()), versions[1:], strict=True):
        _reword(garden, proposal, before, version)
    _support(garden, proposal, told)
    garden.comment(proposal, told.get("comments", ()), told["days_ago"])
    _accompany(garden, proposal, told)
    return proposal


def _written(garden: Garden, told: Told, version: Told) -> Written:
    topic_id, area_id = garden.topics.get(told.get("topic", "")), garden.areas.get(told.get("area", ""))
    return Written(version["title"], version["text"].strip(), topic_id, area_id, tuple(told.get("tags", ())))


def _reword(garden: Garden, proposal: Proposal, before: Told, version: Written) -> None:
    """Another text takes the place of one that so many had supported by then."""
    proposal.agree_count = before["supports"]
    edit(garden.db, proposal, version, garden.ago(before["until_days_ago"]))


def _support(garden: Garden, proposal: Proposal, told: Told) -> None:
    paper = told.get("paper", {"count": 0})
    garden.vote(proposal, told["supports"] - paper["count"], 0)
    if paper["count"]:
        official, moment = garden.staff["chen"], garden.ago(told["days_ago"] / 2)
        garden.db.add(
            Sheet(
                proposal_id=proposal.id, origin=paper["origin"], entered_by_id=official.id, entered_at=moment,
                accepted=paper["count"], doubled=0,
            )
        )  # fmt: skip
        proposal.agree_count, proposal.paper_count = told["supports"], paper["count"]
        garden.db.flush()
    recount(garden.db, proposal, proposal.created_at)
    if "reached_days_ago" in told:
        proposal.reached_at = garden.ago(told["reached_days_ago"])
    if proposal.state_at(garden.now) is State.ARCHIVED:
        proposal.archived_told_at = proposal.archives_at
    garden.db.flush()


def _accompany(garden: Garden, proposal: Proposal, told: Told) -> None:
    """What its author and the town said about it."""
    for update in told.get("updates", ()):
        post_update(garden.db, proposal, update["title"], update["text"], garden.ago(update["days_ago"]))
    for step in told.get("milestones", ()):
        day = (garden.now + timedelta(days=step.get("in_days", -step.get("days_ago", 0)))).date()
        add_milestone(garden.db, proposal, garden.staff[step["by"]], step["title"], day, step["text"], garden.now)
    if "withdrawn" in told:
        gone = told["withdrawn"]
        withdraw(garden.db, proposal, Withdrawal(gone["reason"]), gone["text"], garden.ago(gone["days_ago"]))


def _join(garden: Garden, source: Proposal, target: Proposal, moment: datetime) -> None:
    """Both authors have agreed; here they need no account for it."""
    assert source.author_id is not None
    garden.db.add(
        Merge(
            from_id=source.id, into_id=target.id, asked_by_id=source.author_id, asked_at=moment - timedelta(days=1),
            from_consent_at=moment - timedelta(days=1), into_consent_at=moment, support_count=source.agree_count,
        )
    )  # fmt: skip
    source.merged_into_id, source.merged_at = target.id, moment
    garden.db.flush()
