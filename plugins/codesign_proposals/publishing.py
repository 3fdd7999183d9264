"""The life of a proposal: published, changed in the eyes of all, withdrawn by its author."""

import calendar
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete
from sqlalchemy.orm import Session

from codesign.core import contributions
from codesign.core.contributions import move, place_in, revise, touch
from codesign.core.files import claim_for
from codesign.core.follows import set_follow
from codesign.core.settings import CORE, TownSettings, settings_of
from codesign.core.tags import ContributionTag, ensure_tag, tag, tags_of
from codesign.core.topics import slug_of
from codesign.core.users import User
from codesign.kit import Invalid, gettext, show_date
from codesign_proposals.proposals import Draft, Proposal, Revision, Withdrawal
from codesign_proposals.settings import ProposalSettings
from codesign_proposals.thresholds import threshold_for
from codesign_proposals.written import Written

BETWEEN_VERSIONS = timedelta(days=1)


def publish(db: Session, draft: Draft, author: User, language: str, now: datetime) -> Proposal:
    """Make a proposal of a draft, which is gone afterwards. Its author follows it, and does not yet support it.

    What it needs and until when are frozen: later settings do not move them.
    """
    proposal = Proposal(
        kind="proposal", author_id=author.id, title=draft.title, text=draft.text, language=language,
        topic_id=draft.topic_id, area_id=draft.area_id, threshold=threshold_for(db, draft.topic_id, draft.area_id),
        archives_at=end_of_term(db, now), place=0,
    )  # fmt: skip
    contributions.publish(db, proposal, now)
    proposal.place = proposal.ordinal
    _tag(db, proposal, draft.tags)
    claim_for(db, draft.file_ids, proposal)
    db.delete(draft)
    set_follow(db, author, proposal, True)
    db.flush()
    return proposal


def end_of_term(db: Session, now: datetime) -> datetime:
    """When a proposal is archived that is published now."""
    months = settings_of(db, "proposals", ProposalSettings).months_open
    return months_later(now, months, settings_of(db, CORE, TownSettings).zone)


def months_later(moment: datetime, months: int, zone: str) -> datetime:
    """The same hour of the same day so many months later, or of the last day where a month is shorter."""
    local = moment.astimezone(ZoneInfo(zone))
    years, month = divmod(local.month - 1 + months, 12)
    year = local.year + years
    day = min(local.day, calendar.monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)


def written_of(db: Session, proposal: Proposal) -> Written:
    return Written(proposal.title, proposal.text, proposal.topic_id, proposal.area_id, tuple(tags_of(db, proposal.id)))


def edit(db: Session, proposal: Proposal, written: Written, now: datetime) -> bool:
    """Change the text. Returns whether this is another version for those who support it: the old text is kept then.

    Until somebody supports it, everything can be changed in place; afterwards the words alone. Wants the row locked.
    Raises Invalid when there was another version a short while ago: everybody who supports it gets a letter each time.
    """
    supported = proposal.agree_count > 0
    reworded = (written.title, written.text) != (proposal.title, proposal.text)
    if reworded and supported:
        _require_pause(proposal, now)
        _keep_revision(db, proposal)
    if reworded:
        revise(db, proposal, written.title, written.text, now)
    if not supported:
        _move(db, proposal, written)
    return reworded and supported


def _require_pause(proposal: Proposal, now: datetime) -> None:
    possible = (proposal.edited_at or now) + BETWEEN_VERSIONS
    if proposal.revision > 1 and now < possible:
        told = gettext(
            "Those who support it were told of a new version a short while ago. The next one is possible from %(date)s."
        )
        raise Invalid(told % {"date": show_date(possible)}, "text")


def _keep_revision(db: Session, proposal: Proposal) -> None:
    shown_from = proposal.edited_at or proposal.created_at
    db.add(
        Revision(
            proposal_id=proposal.id, number=proposal.revision, title=proposal.title, text=proposal.text,
            shown_from=shown_from, support_count=proposal.agree_count,
        )
    )  # fmt: skip
    proposal.revision += 1


def _move(db: Session, proposal: Proposal, written: Written) -> None:
    """In another place it needs what a proposal needs there: nobody publishes where little is asked, and moves then."""
    if (written.topic_id, written.area_id) != (proposal.topic_id, proposal.area_id):
        move(db, proposal, written.topic_id)
        place_in(db, proposal, written.area_id)
        proposal.threshold = threshold_for(db, written.topic_id, written.area_id)
    if sorted(written.tags) != sorted(tags_of(db, proposal.id)):
        db.execute(delete(ContributionTag).where(ContributionTag.contribution_id == proposal.id))
        _tag(db, proposal, written.tags)
        touch(proposal)
    db.flush()


def _tag(db: Session, proposal: Proposal, names: Iterable[str]) -> None:
    # In one order: two who make the same new tags at the same moment wait for each other, and not in a circle.
    tag(db, proposal.id, [ensure_tag(db, name) for name in sorted(names, key=slug_of)])


def withdraw(db: Session, proposal: Proposal, reason: Withdrawal, text: str, now: datetime) -> None:
    """It can still be read, with the reason, and takes no more support. Wants the row locked."""
    proposal.withdrawn_at, proposal.withdrawn_reason, proposal.withdrawn_text = now, reason, text
    touch(proposal)
    db.flush()
