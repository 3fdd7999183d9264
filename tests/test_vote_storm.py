"""Five hundred people vote at the same moment, some of them twice, through real processes and real sockets."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy import func, insert, select

from codesign import clock
from codesign.core.contributions import Contribution
from codesign.core.sessions import SESSION_LIFE, SignIn, digest
from codesign.core.users import User
from codesign.core.votes import ContributionVote
from codesign.testing import Town
from tests.making import a_story
from tests.servers.processes import LOOPBACK, web_server

PEOPLE = 500
TWICE = 5
"""Every fifth person presses the button twice."""
KILLED_AFTER = 100
"""So many votes are acknowledged when the server is killed."""


@dataclass(frozen=True)
class Voter:
    id: int
    token: str
    value: int


@dataclass(frozen=True)
class Answer:
    voter: Voter
    status: int
    """0 when the server went away before it answered."""


def voters(town: Town, count: int = PEOPLE) -> list[Voter]:
    """So many residents, each signed in on a device, made in bulk. Every fourth disagrees."""
    now = clock.now()
    people = [
        {"email": f"v{number}@{town.slug}.example", "name": f"Voter {number}", "created_at": now, "confirmed_at": now}
        for number in range(count)
    ]
    times = {"device": "test", "created_at": now, "expires_at": now + SESSION_LIFE}
    with town.write() as db:
        ids = db.scalars(insert(User).returning(User.id, sort_by_parameter_order=True), people).all()
        made = [Voter(id, f"token of {id}", -1 if place % 4 == 0 else 1) for place, id in enumerate(ids)]
        db.execute(insert(SignIn), [{"token_hash": digest(one.token), "user_id": one.id, **times} for one in made])
    return made


async def vote(port: int, town: Town, id: int, voter: Voter) -> Answer:
    body = f"value={voter.value}"
    head = [
        f"POST /contributions/{id}/vote HTTP/1.1",
        f"Host: {town.slug}.localhost:{port}",
        f'Cookie: codesign="{voter.token}"',
        "Sec-Fetch-Site: same-origin",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    try:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        writer.write("\r\n".join([*head, "", body]).encode())
        line = await reader.readline()
        writer.close()
    except OSError:
        line = b""
    return Answer(voter, int(line.split()[1]) if line else 0)


def storm(
    port: int, town: Town, id: int, crowd: Sequence[Voter], at: Callable[[int], None] = lambda _number: None
) -> list[Answer]:
    """All vote at once, every fifth twice. `at` is told each time how many votes are acknowledged."""
    acknowledged = 0

    async def one(voter: Voter) -> Answer:
        nonlocal acknowledged
        answer = await vote(port, town, id, voter)
        acknowledged += answer.status == 303
        at(acknowledged)
        return answer

    async def all_of_them() -> list[Answer]:
        return await asyncio.gather(*(one(voter) for voter in [*crowd, *crowd[::TWICE]]))

    return asyncio.run(all_of_them())


def counted(town: Town, id: int) -> dict[int, int]:
    """The votes there are, by person, once the counters beside them were found to say the same."""
    votes = select(ContributionVote.value).where(ContributionVote.contribution_id == id)
    agreed, disagreed = (
        select(func.count()).select_from(votes.where(ContributionVote.value == value).subquery()).scalar_subquery()
        for value in (1, -1)
    )
    counters = select(Contribution.agree_count, Contribution.disagree_count, agreed, disagreed)
    with town.read() as db:
        row = db.execute(counters.where(Contribution.id == id)).one()
        assert tuple(row[:2]) == tuple(row[2:])
        found = db.execute(votes.add_columns(ContributionVote.user_id)).all()
    assert len(found) == len({user for _value, user in found})
    return {user: value for value, user in found}


def expected(crowd: Sequence[Voter]) -> dict[int, int]:
    return {voter.id: voter.value for voter in crowd}


@pytest.mark.parametrize("workers", [1, 2])
def test_every_vote_of_a_storm_is_acknowledged_and_counted_once(alder: Town, workers: int) -> None:
    id, crowd = a_story(alder), voters(alder)
    with web_server(alder.world.settings, workers) as server:
        answers = storm(server.port, alder, id, crowd)
    assert [answer.status for answer in answers] == [303] * (PEOPLE + PEOPLE // TWICE)
    assert counted(alder, id) == expected(crowd)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_vote_that_was_acknowledged_outlives_a_server_that_is_killed(alder: Town, workers: int) -> None:
    id, crowd = a_story(alder), voters(alder)
    with web_server(alder.world.settings, workers) as server:
        answers = storm(server.port, alder, id, crowd, lambda number: server.kill() if number == KILLED_AFTER else None)
    acknowledged = [answer.voter for answer in answers if answer.status == 303]
    assert {answer.status for answer in answers} == {0, 303}
    with web_server(alder.world.settings, workers) as server:
        found = counted(alder, id)
        assert expected(acknowledged).items() <= found.items() <= expected(crowd).items()
        again = storm(server.port, alder, id, crowd)
    assert {answer.status for answer in again} == {303}
    assert counted(alder, id) == expected(crowd)
