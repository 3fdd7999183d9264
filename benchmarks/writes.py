"""Writing: votes and comments of thousands of people, each durable, beside a bare endpoint with one durable insert."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select

from benchmarks.case import SLUG, Row, Run, row
from benchmarks.counting import counted
from benchmarks.wrk import Load, run
from codesign.core.comments import Comment
from codesign.core.contributions import Contribution
from codesign.core.votes import ContributionVote

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
TEXT = "Number+@number@:+every+morning+the+footpath+needs+more+light,+so+please+publish+the+figures."


@dataclass(frozen=True)
class Write:
    case: str
    path: str
    form: str
    stored: Callable[[Run, int, int], str]
    """Says what is wrong with what the town then holds, given the rows before and the requests; "" when nothing is."""
    rows: Callable[[Run], int]


def vote(run_: Run) -> Write:
    path = f"/contributions/{run_.town.marks['quiet']}/vote"
    return Write("vote", path, "value=@value@", _votes_stored, lambda run_: _votes(run_)[0])


def comment(run_: Run) -> Write:
    path = f"/contributions/{run_.town.marks['quiet']}/comments"
    return Write("comment", path, f"text={TEXT}", _comments_stored, lambda run_: _comments(run_)[0])


def measure(run_: Run, write: Write) -> Row:
    """Each request is another person's, so that each truly changes something: people agree, then disagree."""
    options = run_.options
    tokens = run_.place.folder / "tokens"
    tokens.write_text("\n".join(run_.tokens))
    headers = {**run_.headers(), **FORM}
    before, sent = write.rows(run_), 0
    app: list[Load] = []
    bare: list[Load] = []
    for round in range(options.rounds + 1):
        seconds = options.seconds if round else 1
        words = (str(tokens), str(sent), write.form)
        ours = run(run_.app.port, write.path, headers, seconds, options.connections, run_.own, "writes.lua", words)
        sent += ours.requests + options.connections * (round < options.rounds)
        target = (run_.bare.port, "/insert", headers, seconds, options.connections, run_.own, "writes.lua", words)
        theirs = run(*target)
        if round:  # the first was to warm up
            app.append(ours)
            bare.append(theirs)
    made = row(write.case, app, bare, run_.app.memory())
    made.note = write.stored(run_, before, sent - options.connections * options.rounds)
    form = {"value": "1"} if "value" in write.form else {"text": "The crossing needs more light."}
    made.queries, made.fragment = counted(run_.place, write.path, {**headers, **run_.headers(run_.tokens[-1])}, form)
    return made


def _votes(run_: Run) -> tuple[int, int]:
    """Rows, and what the counters say."""
    id = run_.town.marks["quiet"]
    with run_.place.read(SLUG) as db:
        rows = db.scalar(select(func.count()).where(ContributionVote.contribution_id == id)) or 0
        counters = db.execute(
            select(Contribution.agree_count + Contribution.disagree_count).where(Contribution.id == id)
        ).scalar_one()
    return rows, counters


def _votes_stored(run_: Run, before: int, sent: int) -> str:
    rows, counters = _votes(run_)
    if rows != counters:
        return f"WRONG: {rows} votes, but the counters say {counters}"
    expected = min(sent, len(run_.tokens))
    return "" if rows >= expected else f"WRONG: {sent} votes were acknowledged, {rows} people have one"


def _comments(run_: Run) -> tuple[int, int]:
    id = run_.town.marks["quiet"]
    with run_.place.read(SLUG) as db:
        rows = db.scalar(select(func.count()).where(Comment.contribution_id == id)) or 0
        counter = db.execute(select(Contribution.comment_count).where(Contribution.id == id)).scalar_one()
    return rows, counter


def _comments_stored(run_: Run, before: int, sent: int) -> str:
    rows, counter = _comments(run_)
    if rows != counter:
        return f"WRONG: {rows} comments, but the counter says {counter}"
    return "" if rows - before >= sent else f"WRONG: {sent} comments were acknowledged, {rows - before} are there"
