"""Stores comments at their places in the tree, with every counter that depends on them."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, select, update
from sqlalchemy.orm import Session

from codesign.core.comments import DEEPEST, SEGMENT, Comment, Standing, segment
from codesign.core.contributions import Contribution
from codesign.core.origins import known, remember
from codesign.kit import render
from codesign_debates.consul.bench import SOURCE, Bench
from codesign_debates.consul.storing import Outcome, authors, insert_rows, reserve, store

COLUMNS = "id, file, line, noun, item, parent, user, official, created, text, agree, disagree, lost"


class Reply(NamedTuple):
    """A row of the bench."""

    id: int
    file: str
    line: int
    noun: str
    item: int
    parent: int | None
    user: int | None
    official: bool
    created: str
    text: str
    agree: int
    disagree: int
    lost: bool


@dataclass(frozen=True)
class Place:
    """Where a comment stands in the tree."""

    id: int
    contribution_id: int
    root_id: int | None
    depth: int
    path: str


def store_comments(bench: Bench) -> None:
    total = bench.rows.execute("SELECT count(*) FROM comment").fetchone()[0]
    if total:
        query = f"SELECT {COLUMNS} FROM comment ORDER BY level, position"  # noqa: S608 - own words
        store(bench, "comments", query, total, partial(_batch, bench.language))


def _batch(language: str, db: Session, rows: list[Any]) -> Outcome:
    replies = [Reply(*row) for row in rows]
    done = Outcome("comments")
    pages = _pages(db, replies)
    old = known(db, SOURCE, "comment", (str(reply.id) for reply in replies))
    done.unchanged = len(old)
    new = []
    for reply in replies:
        if str(reply.id) not in old and (reply.noun, reply.item) in pages:
            new.append(reply)
        elif str(reply.id) not in old:
            missing = f"{reply.file} line {reply.line}: the {reply.noun} {reply.item} was not imported"
            done.skipped.append(f"{missing}, so the comment was left out.")
    accounts, done.authors = authors(db, ((reply.user, reply.created, bool(reply.official)) for reply in new))
    done.notes, done.imported = _plant(db, new, pages, accounts, language), len(new)
    return done


def _pages(db: Session, replies: list[Reply]) -> dict[tuple[str, int], int]:
    """The contributions that the comments are on."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for reply in replies:
        wanted[reply.noun].add(str(reply.item))
    return {
        (noun, int(item)): target
        for noun, items in wanted.items()
        for item, target in known(db, SOURCE, noun, sorted(items)).items()
    }


def _plant(
    db: Session, new: list[Reply], pages: dict[tuple[str, int], int], accounts: dict[int, int], language: str
) -> list[str]:
    """Insert the comments and count them. Returns notes."""
    places = _parents(db, new)
    answers: Counter[int] = Counter()
    rows, notes = [], []
    for id, reply in zip(reserve(db, Comment, len(new)), new, strict=True):
        page = pages[reply.noun, reply.item]
        parent = places.get(reply.parent or 0)
        if reply.parent is not None and (parent is None or parent.contribution_id != page):
            notes.append(f"{reply.file} line {reply.line}: what the comment replies to was imported to another page;"
                         " it opens a branch of its own now.")  # fmt: skip
            parent = None
        place = places[reply.id] = _under(id, page, parent)
        if parent is not None:
            answers.update({parent.id, place.root_id or 0})
        lost = bool(reply.lost) or (reply.parent is not None and parent is None)
        rows.append(_row(reply, place, parent, accounts, language) | {"parent_lost": lost})
    own = {row["id"] for row in rows}
    insert_rows(db, Comment, [row | {"reply_count": answers[row["id"]]} for row in rows])
    remember(db, SOURCE, "comment", {str(reply.id): places[reply.id].id for reply in new})
    _count_replies(db, {id: number for id, number in answers.items() if id not in own})
    _count_on_pages(db, rows)
    return notes


def _parents(db: Session, new: list[Reply]) -> dict[int, Place]:
    """Places of the comments from earlier batches that are replied to, by their id at the source."""
    found = known(db, SOURCE, "comment", (str(reply.parent) for reply in new if reply.parent is not None))
    columns = (Comment.id, Comment.contribution_id, Comment.root_id, Comment.depth, Comment.path)
    rows = db.execute(select(*columns).where(Comment.id.in_(found.values())))
    by_id = {row.id: Place(*row) for row in rows}
    return {int(source): by_id[id] for source, id in found.items() if id in by_id}


def _under(id: int, page: int, parent: Place | None) -> Place:
    """The place that `codesign.core.comments.place` would give."""
    if parent is None:
        return Place(id, page, None, 0, segment(id))
    depth = min(parent.depth + 1, DEEPEST)
    return Place(id, page, parent.root_id or parent.id, depth, parent.path[: SEGMENT * depth] + segment(id))


def _row(reply: Reply, place: Place, parent: Place | None, accounts: dict[int, int], language: str) -> dict[str, Any]:
    return {
        "id": place.id,
        "contribution_id": place.contribution_id,
        "parent_id": parent.id if parent else None,
        "root_id": place.root_id,
        "depth": place.depth,
        "path": place.path,
        "author_id": accounts.get(reply.user or 0),
        "text": reply.text,
        "html": render(reply.text),
        "language": language,
        "created_at": datetime.fromisoformat(reply.created),
        "standing": Standing.VISIBLE if reply.text else Standing.REMOVED,
        "agree_count": reply.agree,
        "disagree_count": reply.disagree,
    }


def _count_replies(db: Session, answers: dict[int, int]) -> None:
    counted = update(Comment.__table__).where(Comment.__table__.c.id == bindparam("comment"))  # type: ignore[arg-type]
    more = Comment.__table__.c.reply_count + bindparam("more")
    _each(db, counted.values(reply_count=more), ({"comment": id, "more": answers[id]} for id in sorted(answers)))


def _count_on_pages(db: Session, rows: list[dict[str, Any]]) -> None:
    """Comments whose texts came are no longer elsewhere."""
    here = Counter(row["contribution_id"] for row in rows)
    seen = Counter(row["contribution_id"] for row in rows if row["standing"] is Standing.VISIBLE)
    page = Contribution.__table__.c
    elsewhere = page.comments_elsewhere - bindparam("here")
    change = update(Contribution.__table__).where(page.id == bindparam("page"))  # type: ignore[arg-type]
    change = change.values(
        comment_count=page.comment_count + bindparam("seen"),
        comments_elsewhere=case((elsewhere > 0, elsewhere), else_=0),
        version=page.version + 1,
    )
    _each(db, change, ({"page": id, "here": here[id], "seen": seen[id]} for id in sorted(here)))


def _each(db: Session, statement: Any, values: Iterable[dict[str, int]]) -> None:
    if rows := list(values):
        db.execute(statement, rows)
