"""What a generated town holds, as streams: the same for the same plan, and never more than a branch in memory."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import gcd

from benchmarks import words

YEARS = 3
STEEPNESS = 0.8
"""Exponent of the Zipf-like distribution: the busiest debate has 2^0.8 times the comments of the next."""
LONGEST_BRANCH = 60
DEEPEST = 24
"""Levels of the deepest branch; its last comment has depth 23."""
HUNDRED = 100
TEN_THOUSAND = 10_000
TERM = timedelta(days=60)


@dataclass(frozen=True)
class Plan:
    """The size of a town. `marked` adds the three debates that cases are about, as its newest ones."""

    debates: int
    comments: int
    users: int
    now: datetime
    seed: int = 1
    marked: bool = True
    votes_each: int = 20
    """Votes for each debate, on average."""


@dataclass(frozen=True)
class Draft:
    """A debate before it has an id. `author` and `voters` are places among the town's people."""

    mark: str
    """`hundred`, `deep`, `quiet`, or "" for the many."""
    language: str
    title: str
    said: words.Said
    topic: int
    author: int
    created_at: datetime
    closes_at: datetime | None
    comments: int
    agree: int
    disagree: int
    first_voter: int
    followers: int


@dataclass(frozen=True)
class Reply:
    """A comment before it has an id. `parent` is its place in its branch; None for the root."""

    parent: int | None
    depth: int
    language: str
    said: words.Said
    author: int
    created_at: datetime
    agree: int
    disagree: int
    first_voter: int


def drafts(plan: Plan) -> Iterator[Draft]:
    """The debates of a town, oldest first."""
    marked = (("hundred", HUNDRED), ("deep", TEN_THOUSAND), ("quiet", 0)) if plan.marked else ()
    many = max(plan.debates - len(marked), 0)
    rest = max(plan.comments - sum(count for _mark, count in marked), 0)
    chance = random.Random(f"debates {plan.seed}")  # noqa: S311 - the same town at every run
    counts = zip(shares(rest, many, plan.seed), shares(plan.votes_each * many, many, plan.seed + 1), strict=True)
    span = timedelta(days=365 * YEARS)
    for place, (comments, votes) in enumerate(counts):
        created = plan.now - span + span * ((place + chance.random()) / (many + 1))
        yield _draft(plan, chance, "", created, created + TERM, comments, min(votes, plan.users))
    for place, (mark, comments) in enumerate(marked):
        created = plan.now - timedelta(hours=9 - place)
        yield _draft(plan, chance, mark, created, None, comments, 0 if mark == "quiet" else min(300, plan.users))


def _draft(
    plan: Plan, chance: random.Random, mark: str, created: datetime, closes: datetime | None, comments: int, votes: int
) -> Draft:
    language = "en" if mark else chance.choice(words.LANGUAGES)
    agree = round(votes * chance.uniform(0.4, 0.95))
    return Draft(
        mark=mark,
        language=language,
        title=words.title(language, chance),
        said=words.said(language, chance, 9),
        topic=chance.randrange(len(words.TOPICS)),
        author=chance.randrange(plan.users),
        created_at=created.replace(microsecond=0),
        closes_at=closes and closes.replace(microsecond=0),
        comments=comments,
        agree=agree,
        disagree=votes - agree,
        first_voter=chance.randrange(plan.users),
        followers=min(1 + int(chance.expovariate(0.5)), plan.users),
    )


def shares(total: int, number: int, seed: int) -> Iterator[int]:
    """`total` things spread over `number` places, Zipf-like, the busy places scattered; adds up exactly."""
    if number == 0:
        return
    step = next(step for step in range(max(1, int(number * 0.618)), 2 * number + 2) if gcd(step, number) == 1)
    whole = sum(rank**-STEEPNESS for rank in range(1, number + 1))
    past, given = 0.0, 0
    for place in range(number):
        past += (1 + (place * step + seed) % number) ** -STEEPNESS
        upto = total if place == number - 1 else round(total * past / whole)
        yield upto - given
        given = upto


def branches(plan: Plan, draft: Draft, place: int) -> Iterator[list[Reply]]:
    """The comments of the debate at `place`, branch by branch: a root and everything below it, parents first."""
    chance = random.Random(f"comments {plan.seed} {place}")  # noqa: S311
    span = plan.now - draft.created_at
    done = 0
    while done < draft.comments:
        above = _shape(draft, chance, done)[: draft.comments - done]
        root = draft.created_at + span * ((done + 1) / (draft.comments + 2))
        replies: list[Reply] = []
        for step, parent in enumerate(above):
            depth = 0 if parent is None else replies[parent].depth + 1
            moment = min(root + timedelta(minutes=7 * step), plan.now).replace(microsecond=0)
            replies.append(_reply(plan, chance, draft.language, parent, depth, moment))
        yield replies
        done += len(above)


def _shape(draft: Draft, chance: random.Random, done: int) -> list[int | None]:
    """Whom each comment of the next branch replies to."""
    if draft.mark == "hundred":  # 30 roots and 70 replies in two levels: all of them are on the first page
        return [None, 0, 1, 0] if done < 40 else [None, 0, 1]
    above: list[int | None] = [None]
    if draft.mark == "deep" and done == 0:
        above += range(DEEPEST - 1)
        return above
    kind = chance.random()
    size = 1 if kind < 0.4 else chance.randint(2, 6) if kind < 0.8 else chance.randint(7, LONGEST_BRANCH)
    depths = [0]
    for _more in range(size - 1):
        candidate = chance.randrange(len(depths)) if chance.random() < 0.6 else 0
        candidate = candidate if depths[candidate] < DEEPEST - 1 else 0
        above.append(candidate)
        depths.append(depths[candidate] + 1)
    return above


def _reply(plan: Plan, chance: random.Random, language: str, parent: int | None, depth: int, moment: datetime) -> Reply:
    votes = min(int(chance.expovariate(0.7)), plan.users)
    agree = chance.randint(0, votes)
    return Reply(
        parent=parent,
        depth=depth,
        language=language,
        said=words.said(language, chance, 4),
        author=chance.randrange(plan.users),
        created_at=moment,
        agree=agree,
        disagree=votes - agree,
        first_voter=chance.randrange(plan.users),
    )
