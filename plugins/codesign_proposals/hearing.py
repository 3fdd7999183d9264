"""Who hears of what happens to a proposal, in which letter, and why."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Select, select

from codesign.core.contributions import Contribution
from codesign.core.follows import followers
from codesign.core.notices import Ground
from codesign.core.users import User
from codesign.core.votes import ContributionVote
from codesign.kit import Audience, Happening, mark
from codesign_proposals.merging import left_behind

People: TypeAlias = Callable[[Happening], Select[Any]]
"""A query for user ids."""


def its_author(happening: Happening) -> Select[Any]:
    return select(Contribution.author_id).where(Contribution.id == happening.thing.id)


def its_followers(happening: Happening) -> Select[Any]:
    return followers("contribution", happening.thing.id)


def its_supporters(happening: Happening) -> Select[Any]:
    return select(ContributionVote.user_id).where(ContributionVote.contribution_id == happening.thing.id)


def its_supporters_left_behind(happening: Happening) -> Select[Any]:
    """Of a proposal that has joined another one: those who do not support that one."""
    thing: Any = happening.thing
    return left_behind(thing.id, thing.merged_into_id)


def who_asked(happening: Happening) -> Select[Any]:
    return select(User.id).where(User.id == happening.event.data["asked_by_id"])


GROUNDS: Mapping[People, Ground] = {
    its_author: Ground.AUTHOR,
    who_asked: Ground.AUTHOR,
    its_supporters: Ground.TOOK_PART,
    its_supporters_left_behind: Ground.TOOK_PART,
    its_followers: Ground.ITEM,
}
INVOLVED = (its_author, its_supporters, its_followers)
INVOLVED_BECAUSE = mark("You wrote this proposal, support it or follow it.")
HEARD: Mapping[str, tuple[str, str, Sequence[People]]] = {
    "proposals.changed": ("proposals/mail/changed", INVOLVED_BECAUSE, INVOLVED),
    "proposals.reached": ("proposals/mail/reached", INVOLVED_BECAUSE, INVOLVED),
    "proposals.withdrawn": ("proposals/mail/withdrawn", INVOLVED_BECAUSE, INVOLVED),
    "proposals.archived": ("proposals/mail/archived", INVOLVED_BECAUSE, INVOLVED),
    "proposals.updated": (
        "proposals/mail/updated", mark("You support or follow this proposal."), (its_supporters, its_followers),
    ),
    "proposals.merge_asked": ("proposals/mail/merge_asked", mark("You wrote this proposal."), (its_author,)),
    "proposals.merge_declined": ("proposals/mail/merge_declined", mark("You asked for it."), (who_asked,)),
    "proposals.merged": (
        "proposals/mail/merged", INVOLVED_BECAUSE, (its_supporters_left_behind, its_author, its_followers),
    ),
}  # fmt: skip
"""Event -> its letter, the reason for getting it, and to whom it goes. Who is in several of these is told once."""


TIMELINE: Mapping[str, str] = {
    "proposals.started": mark("Proposal published"),
    "proposals.changed": mark("A new version of the text"),
    "proposals.reached": mark("It has the support it needs"),
    "proposals.updated": mark("News from its author"),
    "proposals.merged": mark("Joined to another proposal"),
    "proposals.withdrawn": mark("Withdrawn by its author"),
    "proposals.archived": mark("Its term is over"),
}
"""What everybody may read of."""


def audience(happening: Happening) -> list[Audience]:
    if happening.name not in HEARD:
        return []
    template, reason, people = HEARD[happening.name]
    return [Audience(each(happening), reason, template, GROUNDS[each]) for each in people]
