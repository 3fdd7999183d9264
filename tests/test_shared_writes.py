"""Small writes that share a transaction: nobody's vote depends on another's."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from sqlalchemy import func, select
from starlette.requests import Request

from codesign.core.contributions import Reason, get_of_kind
from codesign.core.moderation import Action, Target, decide
from codesign.core.threads import Thread
from codesign.core.votes import ContributionVote
from codesign.pages.contributions import vote
from codesign.testing import Town
from codesign.web.writes import TOGETHER, Line
from tests.making import a_reply, a_story, neighbours

Sent = tuple[str | None, str, dict[str, str]]


def cookies(town: Town, names: Sequence[str | None]) -> dict[str | None, dict[str, str]]:
    return {name: dict(town.client(name).cookies) for name in names}


def all_at_once(town: Town, sent: Sequence[Sent]) -> list[int]:
    """Everything sent on one event loop before anything is answered. Returns the status of each."""
    signed_in = cookies(town, list(dict.fromkeys(name for name, _url, _form in sent)))

    async def run() -> list[int]:
        transport = httpx2.ASGITransport(app=town.world.app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url=f"http://{town.slug}.localhost") as client:

            async def post(name: str | None, url: str, form: dict[str, str]) -> int:
                headers = {"Cookie": "; ".join(f"{key}={value}" for key, value in signed_in[name].items())}
                return int((await client.post(url, data=form, headers=headers)).status_code)

            return await asyncio.gather(*(post(*each) for each in sent))

    return asyncio.run(run())


def test_good_votes_are_counted_beside_votes_that_are_refused(alder: Town) -> None:
    id, hidden = a_story(alder), a_story(alder)
    crowd = neighbours(alder, 6)
    with alder.write() as db:
        target = Target(get_of_kind(db, Thread, hidden))
        decide(db, alder.person(db, "boris"), target, Action.HIDE, Reason.SPAM, "", alder.world.clock.now())
    url = f"/contributions/{id}/vote"
    sent: list[Sent] = []
    for name in crowd:
        sent += [
            (name, url, {"value": "1"}), (name, url, {"value": "7"}), (name, f"/contributions/{hidden}/vote", {"value": "1"}),
            (None, url, {"value": "1"}), (name, "/contributions/999/vote", {"value": "1"}), (name, url, {}),
        ]  # fmt: skip
    assert all_at_once(alder, sent) == [303, 422, 404, 303, 404, 422] * 6
    with alder.read() as db:
        assert get_of_kind(db, Thread, id).agree_count == 6
        assert db.scalar(select(func.count()).select_from(ContributionVote)) == 6


def test_more_people_than_one_transaction_takes_are_all_counted_once(alder: Town) -> None:
    id = a_story(alder)
    comment = a_reply(alder, id)
    crowd = neighbours(alder, TOGETHER + 20)
    urls = (f"/contributions/{id}/vote", f"/comments/{comment}/vote", f"/contributions/{id}/vote")
    sent: list[Sent] = [(name, url, {"value": "1"}) for url in urls for name in crowd]
    assert set(all_at_once(alder, sent)) == {303}
    with alder.read() as db:
        story = get_of_kind(db, Thread, id)
        assert (story.agree_count, story.version) == (len(crowd), 2 + 2 * len(crowd))
        assert db.scalar(select(func.count()).select_from(ContributionVote)) == len(crowd)


def test_two_applications_that_vote_on_many_things_in_opposite_order_count_them_all(alder: Town) -> None:
    ids = [a_story(alder) for _story in range(4)]
    crowd = neighbours(alder, 10)
    with alder.world.again() as second:
        sent: list[Sent] = [(name, f"/contributions/{id}/vote", {"value": "1"}) for name in crowd for id in ids]
        with ThreadPoolExecutor(2) as pool:
            one = pool.submit(all_at_once, alder, sent)
            other = pool.submit(all_at_once, second.towns["alder"], sent[::-1])
            assert set(one.result() + other.result()) == {303}
    with alder.read() as db:
        assert [get_of_kind(db, Thread, id).agree_count for id in ids] == [10] * 4


def test_in_a_server_only_those_who_wait_for_the_same_row_share_a_transaction(alder: Town) -> None:
    """Two transactions that lock several rows, each in its own order, would wait for each other in a circle."""
    paths = ["/contributions/1/vote", "/contributions/2/vote", "/comments/1/vote"] * 2

    async def batches() -> list[list[str]]:
        line = Line(alder.store, asyncio.Semaphore(1))
        for path in paths:
            scope = {
                "type": "http",
                "method": "POST",
                "path": path,
                "query_string": b"",
                "headers": [(b"host", b"alder")],
            }
            line.waiting.append((Request(scope), vote, asyncio.get_running_loop().create_future()))
        taken = []
        while line.waiting:
            taken.append([request.url.path for request, _endpoint, _answer in line.next_batch()])
        return taken

    in_a_file = alder.store.schema is None
    assert asyncio.run(batches()) == ([paths] if in_a_file else [[path] * 2 for path in paths[:3]])


def test_votes_and_other_writes_take_turns(alder: Town) -> None:
    id = a_story(alder)
    crowd = neighbours(alder, 10)
    sent: list[Sent] = []
    for name in crowd:
        sent += [
            (name, f"/contributions/{id}/vote", {"value": "1"}),
            (name, f"/contributions/{id}/comments", {"text": "It is so."}),
        ]
        sent += [(name, f"/contributions/{id}/follow", {"follow": "1"})]
    assert set(all_at_once(alder, sent)) == {303}
    with alder.read() as db:
        story = get_of_kind(db, Thread, id)
        assert (story.agree_count, story.comment_count, story.follower_count) == (10, 10, 10)


@pytest.mark.parametrize("moment", ["the second vote", "the commit"])
def test_a_mistake_of_ours_in_one_vote_leaves_the_others_alone(alder: Town, moment: str) -> None:
    """The database refuses: a trigger that only one of them runs into, when it votes or when all is committed."""
    if alder.store.schema is not None:
        pytest.skip("triggers are written differently there; the code is the same")
    id, crowd = a_story(alder), neighbours(alder, 5)
    with alder.write() as db:
        unlucky = alder.person(db, crowd[1]).id
        connection = db.connection()
        if moment == "the second vote":
            connection.exec_driver_sql(
                f"CREATE TRIGGER no BEFORE INSERT ON contribution_vote WHEN new.user_id = {unlucky} "
                "BEGIN SELECT raise(ABORT, 'no'); END"
            )
        else:
            connection.exec_driver_sql(
                "CREATE TABLE late (id INTEGER REFERENCES contribution (id) DEFERRABLE INITIALLY DEFERRED)"
            )
            connection.exec_driver_sql(
                f"CREATE TRIGGER no AFTER INSERT ON contribution_vote WHEN new.user_id = {unlucky} "
                "BEGIN INSERT INTO late VALUES (999); END"
            )
    sent: list[Sent] = [(name, f"/contributions/{id}/vote", {"value": "1"}) for name in crowd]
    assert all_at_once(alder, sent) == [303, 500, 303, 303, 303]
    with alder.read() as db:
        assert get_of_kind(db, Thread, id).agree_count == 4
        assert db.scalar(select(func.count()).select_from(ContributionVote)) == 4
