"""What an author writes about a proposal, and the files that go with it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign.core.contributions import touch
from codesign.core.files import ALT_LENGTH, File, Upload, attach, remove
from codesign.core.users import User
from codesign_proposals.proposals import Proposal


@dataclass(frozen=True)
class Written:
    """The fields of the form, as they are stored."""

    title: str
    text: str
    topic_id: int | None = None
    area_id: int | None = None
    tags: tuple[str, ...] = ()

    def stamp(self, *more: object) -> str:
        """Another one for each other content: what a form was loaded with is compared with what is stored by then."""
        told = json.dumps([*astuple(self), *more]).encode()
        return hashlib.sha256(told).hexdigest()[:16]


@dataclass(frozen=True)
class Enclosed:
    """What a form changes about the files."""

    picture: Upload | None = None
    """Takes the place of the one there is."""
    alt: str = ""
    documents: Sequence[Upload] = ()
    dropped: frozenset[int] = frozenset()
    """Files to be taken away."""


def files_by_id(db: Session, ids: Sequence[int]) -> list[File]:
    """In this order; those that are gone are left out."""
    found = {file.id: file for file in db.scalars(select(File).where(File.id.in_(ids)))} if ids else {}
    return [found[id] for id in ids if id in found]


def enclose(
    db: Session, owner: User, present: Sequence[File], sent: Enclosed, now: datetime, proposal: Proposal | None = None
) -> list[int]:
    """Change the files of a draft or a proposal. Returns the ids of those there are now, the picture first.

    Raises Invalid when there is no room for more.
    """
    gone = [file for file in present if file.id in sent.dropped or (file.is_picture and sent.picture)]
    for file in gone:
        remove(db, file)
    kept = [file for file in present if file not in gone]
    for picture in (file for file in kept if file.is_picture and file.alt != sent.alt[:ALT_LENGTH]):
        picture.alt = sent.alt[:ALT_LENGTH]
        if proposal is not None:
            touch(proposal)
    behind = max((file.position for file in present), default=0) + 1
    if sent.picture is not None:
        kept.insert(0, attach(db, owner, sent.picture, now, proposal, sent.alt, 0))
    for place, upload in enumerate(sent.documents, behind):
        kept.append(attach(db, owner, upload, now, proposal, "", place))
    db.flush()
    return [file.id for file in kept]
