"""The desk of whoever prepares a poll: one paper, of a draft or of a poll that has not opened, and how it is put back."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request

from codesign.core.contributions import get_of_kind
from codesign.core.files import File, Upload
from codesign.core.users import User
from codesign.db import fetch
from codesign.kit import Forbidden, NotFound, gettext, mark, record, require, value, visit_of
from codesign_polls.papers import Paper, paper_of_draft, paper_of_poll
from codesign_polls.pictures import pictures_of
from codesign_polls.polls import Draft, Poll, phase_of
from codesign_polls.preparing import add_picture, change, frozen, redraft

STALE = mark(
    "Somebody changed this poll while you worked on it. Compare what you see with what you want, then save again."
)


@dataclass(frozen=True)
class Desk:
    base: str
    """The path of its overview; all other pages of the preparation are below it."""
    paper: Paper
    draft: Draft | None = None
    poll: Poll | None = None

    @property
    def published(self) -> bool:
        return self.poll is not None


def open_desk(request: Request, db: Session) -> Desk:
    """The paper that the URL means, locked when it is about to change. Raises NotFound or Forbidden."""
    require(request, "polls.prepare")
    lock = request.method == "POST"
    if "draft" in request.path_params:
        draft = fetch(db, Draft, request.path_params["draft"], lock)
        return Desk(f"/polls/drafts/{draft.id}", paper_of_draft(draft), draft=draft)
    poll = get_of_kind(db, Poll, request.path_params["id"], lock)
    if poll.hidden:
        raise NotFound("hidden")
    if phase_of(poll, visit_of(request).now) != "upcoming":
        raise Forbidden(frozen(poll))
    require(request, "polls.change", poll)
    return Desk(f"{poll.url}/change", paper_of_poll(poll), poll=poll)


def stale(request: Request, desk: Desk) -> str:
    """A sentence when what was sent was meant for another state of the paper, else ""."""
    return "" if value(request, "mark") == desk.paper.mark else gettext(STALE)


def put_back(request: Request, db: Session, desk: Desk, paper: Paper) -> None:
    """Keep the changed paper. Raises Invalid when a published poll could not be held like this."""
    visit = visit_of(request)
    if desk.draft is not None:
        redraft(db, desk.draft, paper, visit.now)
    elif desk.poll is not None and paper != desk.paper:
        change(db, desk.poll, paper, visit.now)
        record(db, visit.hooks, "polls.changed", desk.poll, visit.actor, visit.now)


def take_picture(request: Request, db: Session, desk: Desk, upload: Upload, alt: str) -> int:
    """Store the picture of an option. The pictures of a draft belong to whoever began it. Raises Invalid."""
    visit = visit_of(request)
    owner = db.get_one(User, desk.draft.author_id) if desk.draft is not None else visit.actor
    assert owner is not None
    return add_picture(db, owner, desk.poll, upload, alt, visit.now)


def pictures_on(db: Session, desk: Desk) -> dict[int, Any]:
    """The pictures of a paper by their ids. Those of a draft have addresses that all who prepare polls can open."""
    if desk.poll is not None:
        return dict(pictures_of(db, desk.poll))
    if not desk.paper.file_ids:
        return {}
    found = db.scalars(select(File).where(File.id.in_(desk.paper.file_ids)))
    return {file.id: _of_draft(file, f"{desk.base}/pictures/{file.id}") for file in found}


def _of_draft(file: File, url: str) -> SimpleNamespace:
    return SimpleNamespace(url=url, small_url=url, alt=file.alt, width=file.width, height=file.height)
