"""Batches: each is one transaction, complete in itself, so that an import can be stopped anywhere and go on later."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

from codesign.consul.bench import SOURCE, Bench
from codesign.core.contributions import next_in_series
from codesign.core.origins import known, remember
from codesign.core.users import Role, User
from codesign.db import insert
from codesign.kit import Refused, gettext

SIZE = 500
ATTEMPTS = 5


@dataclass
class Outcome:
    """What a batch did; told in the report once the batch is stored."""

    noun: str
    imported: int = 0
    unchanged: int = 0
    authors: int = 0
    skipped: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    remarks: Counter[str] = field(default_factory=Counter)


Work = Callable[[Session], Outcome]
"""What one transaction does. It may be tried again."""


def store(bench: Bench, noun: str, query: str, total: int, prepare: Callable[[list[Any]], Work]) -> None:
    """Store the rows of `query`, some hundred at a time, and add up what comes of them.

    `prepare` does for a batch what needs no transaction: nobody should wait for it who wants to write as well.
    """
    waiting = bench.rows.execute(query)
    done = 0
    bench.job.progress(noun, done, total)
    while batch := waiting.fetchmany(SIZE):
        _enter(bench, _transaction(bench, prepare(batch)))
        done += len(batch)
        bench.job.progress(noun, done, total)


def _enter(bench: Bench, outcome: Outcome) -> None:
    bench.imported[outcome.noun] += outcome.imported
    bench.imported["authors"] += outcome.authors
    bench.unchanged[outcome.noun] += outcome.unchanged
    bench.remarks.update(outcome.remarks)
    for sentence in outcome.skipped:
        bench.skipped.add(sentence)
    for sentence in outcome.notes:
        bench.notes.add(sentence)


def _transaction(bench: Bench, work: Work) -> Outcome:
    for _attempt in range(ATTEMPTS):
        try:
            with bench.job.write() as db:
                # Taking a step of no length in a series locks it: two imports store their batches in turn.
                next_in_series(db, SOURCE, 0)
                return work(db)
        except (IntegrityError, OperationalError) as error:
            trouble = error
    raise Refused(
        f"The database could not store a part of the import: {trouble.orig}. What came before it is stored. "
        "Is another import running? Run this one again; it goes on where it stopped."
    ) from trouble


def reserve(db: Session, model: type[DeclarativeBase], number: int) -> Iterator[int]:
    """Ids for that many new rows, in growing order."""
    table = model.__tablename__
    if db.get_bind().dialect.name == "postgresql":
        taken = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :number)")
        return iter(sorted(db.scalars(taken, {"table": f'"{table}"', "number": number})))
    last: int = db.scalar(select(func.coalesce(func.max(model.__table__.c.id), 0))) or 0
    return iter(range(last + 1, last + 1 + number))


def insert_rows(db: Session, model: type[DeclarativeBase], rows: list[dict[str, Any]]) -> None:
    """Into the table of `model` alone, in one statement for many rows."""
    if rows:
        db.execute(insert(db, model.__table__), rows)  # type: ignore[arg-type]


def authors(db: Session, wanted: Iterable[tuple[int | None, str, bool]]) -> tuple[dict[int, int], int]:
    """Accounts for (source id, moment of a text, is an official): those there are, and pseudonyms for the others.

    Returns account ids by source id, and how many are new.
    """
    first: dict[int, tuple[str, bool]] = {}
    for id, moment, official in wanted:
        if id is not None:
            before = first.get(id, (moment, False))
            first[id] = (min(before[0], moment), before[1] or official)
    found = known(db, SOURCE, "user", map(str, first))
    new = [id for id in first if str(id) not in found]
    made = dict(zip(new, reserve(db, User, len(new)), strict=True))
    insert_rows(db, User, [_pseudonym(made[id], id, *first[id]) for id in new])
    remember(db, SOURCE, "user", {str(id): target for id, target in made.items()})
    accounts = {id: made.get(id) or found[str(id)] for id in first}
    _give_badges(db, [accounts[id] for id, (_moment, official) in first.items() if official and id not in made])
    return accounts, len(new)


def _pseudonym(id: int, number: int, moment: str, official: bool) -> dict[str, Any]:
    return {
        "id": id,
        "name": gettext("Resident %(number)s") % {"number": number},
        "role": Role.OFFICIAL if official else Role.RESIDENT,
        "created_at": datetime.fromisoformat(moment),
    }


def _give_badges(db: Session, ids: list[int]) -> None:
    """To pseudonyms only: an account that somebody can sign in to never gets a role from a file."""
    plain = User.email.is_(None) & User.erased_at.is_(None) & (User.role == Role.RESIDENT)
    if ids:
        db.execute(update(User).where(User.id.in_(ids), plain).values(role=Role.OFFICIAL))
