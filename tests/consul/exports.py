"""Small exports of CONSUL for tests, and what a town holds of them."""

import csv
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectin_polymorphic

from codesign import consul
from codesign.consul import Arrival, Own, Wanted
from codesign.core.areas import Area
from codesign.core.comments import DEEPEST, SEGMENT, Comment, Standing, segment
from codesign.core.contributions import Contribution
from codesign.core.origins import Origin
from codesign.core.tags import tags_of
from codesign.core.threads import Thread
from codesign.core.topics import Topic
from codesign.core.users import User
from codesign.i18n import speaking
from codesign.municipalities import import_from
from codesign.testing import Town
from codesign.types import ImportJob, ImportReport, Kind

PROPOSALS = ["", "id", "url", "code", "title", "userId", "date", "summary", "text", "numComments", "status",
             "numSupports", "isAssociation"]  # fmt: skip
COMMENTS = ["", "id", "parentId", "proposalId", "page", "userId", "userType", "date", "time", "text", "numVotes",
            "numPositiveVotes", "numNegativeVotes"]  # fmt: skip
DEBATES = ["id", "title", "description", "created_at", "cached_votes_total", "cached_votes_up", "cached_votes_down",
           "comments_count"]  # fmt: skip


def proposal(id: int | str, **changes: object) -> dict[str, object]:
    usual = {"title": f"Proposal {id}", "userId": 7, "date": "2016-02-29", "summary": "Less noise", "text": "At night.",
             "numComments": "", "status": "open", "numSupports": 3}  # fmt: skip
    return {"id": id, **usual, **changes}


def comment(id: int | str, parent: int | str = -1, **changes: object) -> dict[str, object]:
    usual = {"proposalId": 1, "page": 1, "userId": 8, "date": "2016-03-01", "time": "0 days 10:20:30",
             "text": f"Comment {id}", "numVotes": 3, "numPositiveVotes": 2, "numNegativeVotes": 1}  # fmt: skip
    return {"id": id, "parentId": parent, **usual, **changes}


def debate(id: int | str, **changes: object) -> dict[str, object]:
    usual = {"title": f"Debate {id}", "description": "<p>Why <strong>so</strong> late?</p>",
             "created_at": "06/09/2015 14", "cached_votes_up": 5, "cached_votes_down": 2, "comments_count": 4}  # fmt: skip
    return {"id": id, **usual, **changes}


def table(columns: list[str], rows: list[dict[str, Any]], delimiter: str = ",") -> str:
    text = StringIO()
    writer = csv.DictWriter(text, columns, delimiter=delimiter, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows({"": number, **row} if "" in columns else row for number, row in enumerate(rows))
    return text.getvalue()


def folder(path: Path, **files: str | bytes | list[dict[str, Any]]) -> Path:
    """A folder of `files`; their names stand without `.csv`. A list is written with the usual columns."""
    path.mkdir(exist_ok=True, parents=True)
    columns = {"proposals": PROPOSALS, "comments": COMMENTS, "debates": DEBATES}
    for name, content in files.items():
        if isinstance(content, list):
            content = table(columns[name], content, ";" if name == "debates" else ",")
        (path / f"{name}.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def run(town: Town, path: Path, wanted: Wanted | None = None) -> ImportReport:
    """What a plugin would do: without `wanted`, for stories made of what was proposed."""
    with speaking(town.world.site.catalogues.speech("en", "UTC")):
        return consul.run(ImportJob(town.write, path, town.world.clock.now(), _silent), wanted or PROPOSED)


def brought(town: Town, path: Path) -> ImportReport:
    """What the command does: every importer that is switched on."""
    return import_from(town.world.site, "consul", path, town.slug, _silent)


def _silent(_noun: str, _done: int, _total: int) -> None:
    pass


def _stories(_db: Session, arrivals: Sequence[Arrival], _now: datetime) -> list[Own]:
    return [Own({"id": arrival.id}) for arrival in arrivals]


STORY = Kind("thread", Thread)
PROPOSED = Wanted("proposal", STORY, _stories, comments_announced=False)
DEBATED = Wanted("debate", STORY, _stories)
"""Stories of the core stand for the kinds of plugins."""


def sources(db: Session, noun: str) -> dict[int, str]:
    """Ids at the source by ids here."""
    rows = db.execute(select(Origin.target_id, Origin.source_id).where(Origin.noun == noun))
    return dict(rows.all())  # type: ignore[arg-type]


def things(db: Session) -> dict[str, Contribution]:
    """Every contribution that was imported, by noun and id of the source."""
    pages = {id: f"{noun} {source}" for noun in ("proposal", "debate") for id, source in sources(db, noun).items()}
    kinds = set(db.scalars(select(Contribution.kind).where(Contribution.id.in_(pages))))
    models = [mapper.class_ for name, mapper in Contribution.__mapper__.polymorphic_map.items() if name in kinds]
    rows = select(Contribution).where(Contribution.id.in_(pages)).options(selectin_polymorphic(Contribution, models))
    return {pages[row.id]: row for row in db.scalars(rows.order_by(Contribution.id))}


def _own_columns(thing: Contribution) -> tuple[object, ...]:
    """What stands in the table of its kind."""
    names = {column.key for column in type(thing).__table__.columns} - {"id"}
    return tuple(getattr(thing, name) for name in sorted(names))


def holdings(db: Session) -> dict[str, dict[str, tuple[object, ...]]]:
    """All that an import brings, told in ids of the source, so that two towns can be compared."""
    pages = things(db)
    names = {thing.id: name for name, thing in pages.items()}
    ids = sources(db, "comment")
    contributions = {
        name: (row.kind, row.number, row.ordinal, row.title, row.text, row.html, row.excerpt, row.language, row.version,
               row.created_at, row.agree_count, row.disagree_count, row.comment_count, row.comments_elsewhere,
               row.author_name, row.topic_title, row.area_title, tuple(tags_of(db, row.id)), _own_columns(row))
        for name, row in pages.items()
    }  # fmt: skip
    comments = {
        ids[row.id]: (names[row.contribution_id], ids.get(row.parent_id or 0), ids.get(row.root_id or 0), row.depth,
                      len(row.path), row.author_name, row.text, row.html, row.created_at, row.standing, row.parent_lost,
                      row.agree_count, row.disagree_count, row.reply_count)
        for row in db.scalars(select(Comment).where(Comment.id.in_(ids)))
    }  # fmt: skip
    users = sources(db, "user")
    people = {
        users[row.id]: (row.name, row.role, row.created_at) for row in db.scalars(select(User)) if row.id in users
    }
    topics = {row.slug: (row.title, row.contribution_count) for row in db.scalars(select(Topic))}
    places = {row.slug: (row.title,) for row in db.scalars(select(Area))}
    return {"contributions": contributions, "comments": comments, "people": people, "topics": topics, "areas": places}


def recount(db: Session) -> None:
    """Every counter and every place in the tree is what counting again gives."""
    comments = list(db.scalars(select(Comment).order_by(Comment.id)))
    seen: Counter[int] = Counter(row.contribution_id for row in comments if row.standing is Standing.VISIBLE)
    places: dict[int, tuple[int | None, int, str]] = {}
    replies: dict[int, int] = defaultdict(int)
    for row in comments:
        root, depth, path = None, 0, segment(row.id)
        if row.parent_id is not None:
            above = places[row.parent_id]
            root, depth = above[0] or row.parent_id, min(above[1] + 1, DEEPEST)
            path = above[2][: SEGMENT * depth] + path
            for counted in {root, row.parent_id}:
                replies[counted] += 1
        places[row.id] = (root, depth, path)
    assert {row.id: (row.root_id, row.depth, row.path) for row in comments} == places
    assert {row.id: row.reply_count for row in comments} == {row.id: replies[row.id] for row in comments}
    rows = list(db.scalars(select(Contribution)))
    assert {row.id: row.comment_count for row in rows} == {row.id: seen[row.id] for row in rows}
    used = Counter(row.topic_id for row in rows)
    assert {row.id: row.contribution_count for row in db.scalars(select(Topic))} == {
        row.id: used[row.id] for row in db.scalars(select(Topic))
    }
    for kind in {row.kind for row in rows}:
        places_of_kind = sorted(row.ordinal for row in rows if row.kind == kind)
        assert places_of_kind == list(range(1, len(places_of_kind) + 1))
