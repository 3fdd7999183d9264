"""Files that belong to a contribution: pictures and documents, kept in the town's store with everything else of it.

In the store and not in a folder beside it: a file is there exactly when what it belongs to is, also after a crash;
it is backed up, moved and erased with its town, and every server of the town finds it.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import ForeignKey, Index, Select, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from codesign.core.contributions import Contribution, touch
from codesign.core.users import User
from codesign.db import Base, Id, fetch
from codesign.editions import SHOWN_WITH_CONTRIBUTIONS
from codesign.i18n import gettext as _
from codesign.markup import clean
from codesign.types import Invalid

MOST_DOCUMENTS = 3
"""Documents of one contribution at most."""
MOST_LOOSE = 50
"""Files at most that a person has sent and not yet published with anything."""
ALT_LENGTH = 300
NAME_LENGTH = 80


@dataclass(frozen=True)
class Content:
    """What is kept of a file that was accepted."""

    media_type: str
    ending: str
    """Of its name, without the dot."""
    data: bytes
    small: bytes | None = None
    """A picture once more, for cards; documents have none."""
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class Upload:
    """A file that was sent with a form: what is kept of it, or the sentence that says why it cannot be taken."""

    name: str
    content: Content | None
    refusal: str = ""

    @property
    def is_picture(self) -> bool:
        return self.content is not None and self.content.width is not None


class Addressed:
    """The addresses of a file. Whoever knows the digest has seen it, or was shown it by somebody who has."""

    id: Any
    digest: Any
    name: Any
    width: Any

    @property
    def url(self) -> str:
        return f"/files/{self.id}/{self.digest}/{quote(self.name, safe='')}"

    @property
    def small_url(self) -> str:
        """Of the picture for cards."""
        return f"/files/{self.id}/{self.digest}/small/{quote(self.name, safe='')}"

    @property
    def is_picture(self) -> bool:
        return self.width is not None


class File(Addressed, Base):
    __tablename__ = "file"
    id: Mapped[Id]
    digest: Mapped[str]
    """SHA-256 of `data`, in hexadecimal."""
    media_type: Mapped[str]
    name: Mapped[str]
    size: Mapped[int]
    """Bytes of `data`."""
    width: Mapped[int | None]
    """Pixels; documents have none."""
    height: Mapped[int | None]
    alt: Mapped[str]
    """What a picture shows, for those who cannot see it; "" when it only adorns."""
    data: Mapped[bytes] = mapped_column(deferred=True, deferred_raiseload=True)
    small: Mapped[bytes | None] = mapped_column(deferred=True, deferred_raiseload=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    contribution_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"))
    """None until what it belongs to is published."""
    position: Mapped[int]
    purpose: Mapped[str] = mapped_column(default="", server_default="")
    """"" for what its contribution shows as its own; else what a plugin keeps it for, and shows by itself."""
    created_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_file_contribution", "contribution_id", "position"),
        Index("ix_file_owner", "owner_id", "contribution_id"),
        {"info": SHOWN_WITH_CONTRIBUTIONS},
    )


@dataclass(frozen=True)
class Attached(Addressed):
    """A file without its bytes, as pages show it."""

    id: int
    digest: str
    media_type: str
    name: str
    size: int
    width: int | None
    height: int | None
    alt: str
    owner_id: int
    contribution_id: int | None


@dataclass(frozen=True)
class Found:
    """A file that was asked for by its address, and what its contribution is to readers; None without one."""

    file: Attached
    kind: str | None
    hidden: bool


COLUMNS: tuple[Any, ...] = tuple(getattr(File, name) for name in Attached.__dataclass_fields__)


def attach(
    db: Session, owner: User, upload: Upload, now: datetime, contribution: Contribution | None = None,
    alt: str = "", position: int = 0, purpose: str = "",
) -> File:  # fmt: skip
    """Keep a file, for a contribution or until something of its owner's is published. Raises Invalid."""
    if upload.content is None:
        raise Invalid(upload.refusal)
    content = upload.content
    if contribution is not None:
        touch(contribution)
        db.flush()  # whoever adds to the same contribution waits here, and is counted
    _check_room(db, owner, contribution, content.width is None)
    file = File(
        digest=hashlib.sha256(content.data).hexdigest(), media_type=content.media_type,
        name=_named(upload.name, content.ending), size=len(content.data), width=content.width, height=content.height,
        alt=clean(alt).strip()[:ALT_LENGTH], data=content.data, small=content.small, owner_id=owner.id,
        contribution_id=contribution.id if contribution else None, position=position, purpose=purpose, created_at=now,
    )  # fmt: skip
    db.add(file)
    db.flush()
    return file


def _check_room(db: Session, owner: User, contribution: Contribution | None, document: bool) -> None:
    if contribution is None:
        if _count(db, _loose_of(owner.id)) >= MOST_LOOSE:
            raise Invalid(
                _("You have many files that are not published yet. Publish or delete some of your drafts first.")
            )
    elif document and _count(db, _documents_of(contribution.id)) >= MOST_DOCUMENTS:
        raise Invalid(_too_many_documents())


def _too_many_documents() -> str:
    return _("At most %(most)s documents are possible here. Remove one before you add another.") % {
        "most": MOST_DOCUMENTS
    }


def _loose_of(owner_id: int | None) -> Select[Any]:
    return select(File.id).where(File.owner_id == owner_id, File.contribution_id.is_(None))


def _documents_of(contribution_id: int) -> Select[Any]:
    return select(File.id).where(File.contribution_id == contribution_id, File.width.is_(None), File.purpose == "")


def _count(db: Session, query: Select[Any]) -> int:
    return db.scalar(select(func.count()).select_from(query.subquery())) or 0


def claim_for(db: Session, file_ids: Sequence[int], contribution: Contribution) -> int:
    """Give files that its author has sent before to a contribution, in this order. Returns how many there were.

    What somebody else sent, or belongs to something already, is passed over. Raises Invalid for too many documents.
    """
    touch(contribution)
    db.flush()
    claimed = 0
    for position, id in enumerate(dict.fromkeys(file_ids)):
        mine = update(File).where(File.id.in_(_loose_of(contribution.author_id).where(File.id == id)))
        values = {"contribution_id": contribution.id, "position": position}
        claimed += db.scalar(mine.values(values).returning(File.id)) is not None
    if _count(db, _documents_of(contribution.id)) > MOST_DOCUMENTS:
        raise Invalid(_too_many_documents())
    return claimed


def remove(db: Session, file: File) -> None:
    """Take a file away for good."""
    if file.contribution_id is not None:
        more = update(Contribution).where(Contribution.id == file.contribution_id)
        db.execute(more.values(version=Contribution.version + 1), execution_options=SHOWN_WITH_CONTRIBUTIONS)
    db.delete(file)
    db.flush()


def get_file(db: Session, id: int) -> File:
    """The file without its bytes. Raises NotFound."""
    return fetch(db, File, id)


def files_of(db: Session, contribution_id: int) -> list[Attached]:
    """What belongs to a contribution, in its order; not what is kept beside it for another purpose."""
    wanted = select(*COLUMNS).where(File.contribution_id == contribution_id, File.purpose == "")
    return [Attached(*row) for row in db.execute(wanted.order_by(File.position, File.id))]


def first_pictures(db: Session, contribution_ids: Iterable[int]) -> dict[int, Attached]:
    """The first picture of each of these contributions that has one, for their cards: one query for a whole list."""
    of_them = File.contribution_id.in_(list(contribution_ids))
    wanted = select(*COLUMNS).where(of_them, File.width.is_not(None), File.purpose == "")
    rows = db.execute(wanted.order_by(File.contribution_id, File.position.desc(), File.id.desc()))
    return {row.contribution_id: Attached(*row) for row in rows}


def attached(db: Session, ids: Iterable[int]) -> dict[int, Attached]:
    """These files, by id: one query."""
    return {row.id: Attached(*row) for row in db.execute(select(*COLUMNS).where(File.id.in_(list(ids))))}


def find_file(db: Session, id: int, digest: str) -> Found | None:
    """What an address leads to, in one query."""
    query = select(*COLUMNS, Contribution.kind, Contribution.hidden_at)
    query = query.outerjoin(Contribution, Contribution.id == File.contribution_id)
    row = db.execute(query.where(File.id == id, File.digest == digest)).one_or_none()
    return Found(Attached(*row[: len(COLUMNS)]), row.kind, row.hidden_at is not None) if row else None


def bytes_of(db: Session, id: int, small: bool = False) -> bytes | None:
    return db.scalar(select(File.small if small else File.data).where(File.id == id))


def clean_name(name: str) -> str:
    """The name of a file as people may read it: no folders, no signs that are not seen or turn the text around."""
    last = re.split(r"[\\/]", clean(name))[-1]
    seen = "".join(sign if unicodedata.category(sign)[0] not in "CZ" else " " for sign in last)
    return " ".join(seen.split()).strip(". ")


def _named(name: str, ending: str) -> str:
    """A name that ends as its content does."""
    stem, dot, _old = clean_name(name).rpartition(".")
    stem = (stem if dot else _old)[:NAME_LENGTH].strip(". ")
    return f"{stem or 'file'}.{ending}"
