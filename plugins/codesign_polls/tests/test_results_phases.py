"""Who sees a result when: before the close, while it is counted, afterwards; live results of open ballots; kept pages."""

from datetime import date, timedelta

import pytest

from codesign.core.residents import Residence
from codesign.core.users import User
from codesign.testing import Town, World
from codesign_polls.ballots import cast
from codesign_polls.polls import Poll
from codesign_polls.so_far import BALLOTS_AT_MOST, RANKED_AT_MOST
from codesign_polls.tests.counted import WEEK, counted, voted, words
from codesign_polls.tests.making import a_question, poll_id

DAY = timedelta(days=1)
MOST = 8
FILES = ("results.json", "results.csv", "ballots.csv", "results/1")
NAUGHTY = ("<script>alert(1)</script>", "{{ 7 * 7 }} %(option)s %s", "‮ backwards", "\"'><img src=x onerror=alert(1)>")


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("polls")


def seen(town: Town, id: int, name: str | None = None) -> str:
    answer = town.client(name).get(f"/polls/{id}/results")
    assert answer.status_code == 200
    return words(answer.text)


def test_a_secret_result_is_shown_to_nobody_before_it_is_counted_and_to_everybody_afterwards(town: Town) -> None:
    now = town.world.clock.now()
    id = poll_id(town, a_question(), a_question("text"), opens_at=now + DAY, closes_at=now + 3 * DAY)
    clients = {name: town.client(name) for name in (None, "anna", "boris", "chen", "maya")}

    def told() -> dict[str | None, tuple[str, tuple[int, ...]]]:
        found = {}
        for name, client in clients.items():
            text = words(client.get(f"/polls/{id}/results").text)
            after = next(sign for sign in signs if sign in text)
            found[name] = (after, tuple(client.get(f"/polls/{id}/{file}").status_code for file in FILES))
        return found

    signs = ("Voting has not begun.", "The result is shown here after that.", "being counted. Look again", "Oak")
    none, all = (404,) * len(FILES), (200,) * len(FILES)
    assert told() == dict.fromkeys(clients, (signs[0], none))
    town.world.clock.advance(DAY)
    with town.write() as db:
        cast(db, db.get_one(Poll, id), "c1", None, [0, "Shade"], town.world.clock.now())
    assert told() == dict.fromkeys(clients, (signs[1], none))
    town.world.clock.advance(2 * DAY)
    assert told() == dict.fromkeys(clients, (signs[2], none))
    town.tick()
    assert told() == dict.fromkeys(clients, (signs[3], all))


def test_a_kept_page_shows_the_result_as_soon_as_it_is_counted(town: Town) -> None:
    id = voted(town, [a_question()], [[0]])
    clients = [town.client(name) for name in (None, "anna")] * 3
    town.world.clock.advance(WEEK)
    waiting = {"being counted" in client.get(f"/polls/{id}/results").text for client in clients}
    on_its_page = {"being counted" in client.get(f"/polls/{id}").text for client in clients}
    town.tick()
    done = {"“Oak” has the most votes: 1 of 1." in client.get(f"/polls/{id}/results").text for client in clients}
    done |= {"“Oak” has the most votes: 1 of 1." in client.get(f"/polls/{id}").text for client in clients}
    assert (waiting, on_its_page, done) == ({True}, {True}, {True})


def test_a_hidden_poll_has_no_result_and_no_files(town: Town) -> None:
    id = counted(town, [a_question(), a_question("text")], [[0, "Shade"]])
    why = {"reason": "other", "note": "By mistake."}
    assert town.client("boris").post(f"/moderation/hide/contribution:{id}", data=why).status_code == 303
    paths = ("results", *FILES)
    assert [town.client().get(f"/polls/{id}/{path}").status_code for path in paths] == [404] * len(paths)


def test_another_town_sees_nothing(town: Town, birch: Town) -> None:
    id = counted(town, [a_question(), a_question("text")], [[0, "Shade"]])
    edda = birch.enable("polls").client("edda")
    paths = ("results", *FILES)
    assert [edda.get(f"/polls/{id}/{path}").status_code for path in paths] == [404] * len(paths)


def test_an_open_ballot_that_is_live_shows_what_was_voted_so_far_but_not_what_was_written(town: Town) -> None:
    questions = [a_question(), a_question("text")]
    id = voted(town, questions, [[1, "Shade"], [1, None], [0, None]], secret=False, live=True, quorum=4)
    for name in (None, "anna", "chen"):
        text = seen(town, id, name)
        for told in ("These are the votes so far", "“Elm” has the most votes: 2 of 3.", "Elm Ahead 2 66.7 %",
                     "3 voted so far, 4 are needed.", "What people wrote is shown after the close."):  # fmt: skip
            assert told in text, told
        assert ("Shade" in text, "Winner" in text, "Check it yourself" in text) == (False, False, False)
    with town.write() as db:  # who changes the ballot moves it
        poll = db.get_one(Poll, id)
        for voter in ("c0", "c1"):
            cast(db, poll, voter, None, [2, None], town.world.clock.now())
    assert "“Ash” has the most votes: 2 of 3." in seen(town, id)
    assert [town.client().get(f"/polls/{id}/{file}").status_code for file in FILES] == [404] * len(FILES)


def test_what_would_take_long_to_count_is_shown_after_the_close(town: Town) -> None:
    titles = [f"Project {number}" for number in range(RANKED_AT_MOST + 1)]
    long = voted(town, [a_question("ranked", *titles)], [[(0,)]], secret=False, live=True)
    large = voted(town, [a_question()], [[0]], secret=False, live=True)
    with town.write() as db:
        db.get_one(Poll, large).voter_count = BALLOTS_AT_MOST + 1
    assert ["The result is shown here after that." in seen(town, id) for id in (long, large)] == [True, True]


def test_small_groups_are_left_out_and_counted_in_a_sentence(town: Town) -> None:
    now = town.world.clock.now()
    id = poll_id(town)
    for area, born, number in (("North", 2000, 8), ("South", 1950, 3), ("East", 1980, 2)):
        area_id = town.area(area)
        with town.write() as db:
            for _person in range(number):
                user = User(name="Resident", created_at=now, confirmed_at=now)
                db.add(user)
                db.flush()
                db.add(Residence(user_id=user.id, area_id=area_id, born_on=date(born, 1, 1), verified_at=now))
                cast(db, db.get_one(Poll, id), f"u{user.id}", user.id, [0], now)
    town.world.clock.advance(WEEK)
    town.tick()
    text = seen(town, id)
    hidden = "2 groups are not shown: they have fewer than 5 people, or would give away one that has."
    for told in (f"Voters by area Group Voters Share of voters North 8 61.5 % {hidden}", f"25-34 8 61.5 % {hidden}",
                 "With an account 13 17 76.5 %"):  # fmt: skip
        assert told in text, told
    assert ("South" in text, "East" in text) == (False, False)


def test_a_result_walked_by_everybody_is_what_it_would_be_without_keeping_it(world: World, town: Town) -> None:
    done = counted(town, [a_question("ranked"), a_question("text")], [[(0, 1), "Shade"], [(2,), None]])
    live = voted(town, [a_question()], [[0]], secret=False, live=True)
    later = poll_id(town)
    urls = [*(f"/polls/{id}/results" for id in (done, live, later)), f"/polls/{done}/results/1", f"/polls/{done}"]
    people = ["anna", None, "chen", "boris", "maya"]
    with world.again(fragments_mb=0) as plain:
        kept = {name: town.client(name) for name in people}
        fresh = {name: plain.towns["alder"].client(name) for name in people}
        for url in urls:
            states = set()
            for name in people * 3:
                answer = kept[name].get(url)
                assert answer.text == fresh[name].get(url).text, f"{url} for {name}"
                states.add(answer.headers.get("X-Codesign-Fragment"))
            assert states == {"miss", "hit", "filled", None}, url


@pytest.mark.parametrize("name", [None, "anna"])
def test_a_result_asks_few_questions_however_much_was_asked_and_answered(town: Town, name: str | None) -> None:
    numbers = []
    with town.world.again(fragments_mb=0) as plain:
        for size in (1, 3, 100):
            questions = [a_question(kind) for kind in ("single", "ranked", "text", "text")[: size + 1]] * min(size, 5)
            answers: list[object] = [
                {"single": 0, "ranked": (0, 1), "text": "Shade"}[q.method.value] for q in questions
            ]
            done = counted(town, questions, [answers] * size)
            live = voted(town, questions, [answers] * size, secret=False, live=True)
            last = len(questions) - 1 if questions[-1].method.value == "text" else None
            client, found = plain.towns["alder"].client(name), []
            for path in (f"{done}/results", f"{live}/results", f"{done}/results.csv", f"{done}/ballots.csv",
                         *([f"{done}/results/{last}"] if last else [])):  # fmt: skip
                with plain.towns["alder"].counted() as statements:
                    assert client.get(f"/polls/{path}").status_code == 200
                found.append(len(statements))
            numbers.append(found[:4])
            assert max(found) <= MOST
    assert numbers == [numbers[1]] * 3


@pytest.mark.parametrize("rule", ["instant_runoff", "schulze"])
def test_nasty_titles_and_answers_are_text_on_every_page(town: Town, rule: str) -> None:
    questions = [a_question("ranked", *NAUGHTY, title=NAUGHTY[0], rule=rule), a_question("text", title=NAUGHTY[1])]
    rankings = [(0, 1, 2, 3), (1, 0), (2,), (3, 2)]
    ballots: list[list[object]] = [[ranking, text] for ranking, text in zip(rankings, NAUGHTY, strict=True)]
    id = counted(town, questions, ballots, title=NAUGHTY[0])
    for path in ("", "/results", "/results/1"):
        html = town.client().get(f"/polls/{id}{path}").text
        assert ("<script>alert" in html, "<img src=x" in html, "&lt;script&gt;alert(1)" in html) == (False, False, True)
