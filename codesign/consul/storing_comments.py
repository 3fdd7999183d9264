"""Stores comments at their places in the tree, with every counter that depends on them."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, select, update
from sqlalchemy.orm import Session

from codesign.consul.bench import SOURCE, Bench
from codesign.consul.storing import Outcome, Work, authors, insert_rows, reserve, store
from codesign.core.comments import DEEPEST, SEGMENT, Comment, Standing, segment
from codesign.core.contributions import Contribution
from codesign.core.origins import known, remember
from codesign.kit import render

COLUMNS = "id, file, line, item, parent, user, official, created, text, agree, disagree, lost"


class Reply(NamedTuple):
    """A row of the bench."""

    id: int
    file: str
    line: int
    item: int
    parent: int | None
    user: int | None
    official: bool
    created: str
    text: str
    agree: int
    disagree: int
    lost: bool


class Place(NamedTuple):
    """Where a comment stands in the tree."""

    id: int
    contribution_id: int
    root_id: int | None
    depth: int
    path: str


Pages = dict[str, int]
"""The contributions that comments are on, by their id at the source."""
Texts = dict[int, dict[str, Any]]
"""Columns of new comments by their id at the source."""


def store_comments(bench: Bench) -> None:
    total = bench.rows.execute("SELECT count(*) FROM comment").fetchone()[0]
    if total:
        query = f"SELECT {COLUMNS} FROM comment ORDER BY level, position"  # noqa: S608 - own words
        store(bench, "comments", query, total, partial(_prepared, bench))


def _prepared(bench: Bench, rows: list[Any]) -> Work:
    """Renders the texts that are new and have a page to stand on."""
    replies = [Reply(*row) for row in rows]
    noun = bench.wanted.noun
    with bench.job.write() as db:
        pages = known(db, SOURCE, noun, sorted({str(reply.item) for reply in replies}))
        old = known(db, SOURCE, "comment", (str(reply.id) for reply in replies))
    new = [reply for reply in replies if str(reply.id) not in old and str(reply.item) in pages]
    return partial(_batch, noun, replies, pages, {reply.id: _text(reply, bench.language) for reply in new})


def _text(reply: Reply, language: str) -> dict[str, Any]:
    """The columns that depend on nothing else."""
    return {
        "text": reply.text,
        "html": render(reply.text),
        "language": language,
        "created_at": datetime.fromisoformat(reply.created),
        "standing": Standing.VISIBLE if reply.text else Standing.REMOVED,
        "agree_count": reply.agree,
        "disagree_count": reply.disagree,
    }


def _batch(noun: str, replies: list[Reply], pages: Pages, texts: Texts, db: Session) -> Outcome:
    done = Outcome("comments")
    old = known(db, SOURCE, "comment", (str(reply.id) for reply in replies))
    done.unchanged = len(old)
    new = []
    for reply in replies:
        if reply.id in texts and str(reply.id) not in old:
            new.append(reply)
        elif str(reply.id) not in old:
            missing = f"{reply.file} line {reply.line}: the {noun} {reply.item} was not imported"
            done.skipped.append(f"{missing}, so the comment was left out.")
    accounts, done.authors = authors(db, ((reply.user, reply.created, bool(reply.official)) for reply in new))
    rows = _plant(db, new, pages, done.notes)
    for reply, row in zip(new, rows, strict=True):
        row |= texts[reply.id] | {"author_id": accounts.get(reply.user or 0)}
    _insert(db, new, rows)
    done.imported = len(new)
    return done


def _plant(db: Session, new: list[Reply], pages: Pages, notes: list[str]) -> list[dict[str, Any]]:
    """The columns that say where each comment stands. A parent comes before its replies."""
    places = _parents(db, new)
    rows = []
    for id, reply in zip(reserve(db, Comment, len(new)), new, strict=True):
        page = pages[str(reply.item)]
        parent = places.get(reply.parent or 0)
        astray = reply.parent is not None and (parent is None or parent.contribution_id != page)
        if astray:
            elsewhere = f"{reply.file} line {reply.line}: what the comment replies to was imported to another page"
            notes.append(f"{elsewhere}; it opens a branch of its own now.")
            parent = None
        place = places[reply.id] = _under(id, page, parent)
        lost = {"parent_id": parent.id if parent else None, "parent_lost": bool(reply.lost) or astray}
        rows.append(place._asdict() | lost)
    return rows


def _insert(db: Session, new: list[Reply], rows: list[dict[str, Any]]) -> None:
    """Store the comments, and count them where they are and above."""
    answers: Counter[int] = Counter()
    for row in rows:
        answers.update({row["parent_id"], row["root_id"]} - {None})
    for row in rows:
        row["reply_count"] = answers.pop(row["id"], 0)
    insert_rows(db, Comment, rows)
    remember(db, SOURCE, "comment", {str(reply.id): row["id"] for reply, row in zip(new, rows, strict=True)})
    _count_replies(db, answers)
    _count_on_pages(db, rows)


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


def _count_replies(db: Session, answers: Counter[int]) -> None:
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
