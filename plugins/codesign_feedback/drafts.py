"""Drafts of answers: what an official has begun to write, kept as it was typed, for nobody else."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from codesign.core.users import User
from codesign.kit import insert
from codesign_feedback.answers import AnswerDraft


class Kept:
    """What was typed once, as a form reads it."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        self.fields = fields

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def __bool__(self) -> bool:
        return True

    def getlist(self, name: str) -> list[str]:
        return self.fields.get(name, [])


def save_draft(db: Session, contribution_id: int, author: User, fields: Mapping[str, list[str]], now: datetime) -> None:
    """One draft a person and contribution: the new one takes the place of the old one."""
    told = {"fields": json.dumps(fields), "saved_at": now}
    new = insert(db, AnswerDraft).values(contribution_id=contribution_id, author_id=author.id, **told)
    db.execute(new.on_conflict_do_update(index_elements=["contribution_id", "author_id"], set_=told))


def draft_of(db: Session, contribution_id: int, author: User) -> AnswerDraft | None:
    return db.scalar(select(AnswerDraft).where(*_theirs(contribution_id, author)))


def discard_draft(db: Session, contribution_id: int, author: User) -> None:
    db.execute(delete(AnswerDraft).where(*_theirs(contribution_id, author)))


def kept_in(draft: AnswerDraft) -> Kept:
    return Kept(json.loads(draft.fields))


def drafts_among(db: Session, contribution_ids: Iterable[int], author: User) -> dict[int, datetime]:
    """When this person last saved a draft for each of these, where there is one."""
    mine = select(AnswerDraft.contribution_id, AnswerDraft.saved_at).where(AnswerDraft.author_id == author.id)
    rows = db.execute(mine.where(AnswerDraft.contribution_id.in_(list(contribution_ids))))
    return {row.contribution_id: row.saved_at for row in rows}


def _theirs(contribution_id: int, author: User) -> Any:
    return AnswerDraft.contribution_id == contribution_id, AnswerDraft.author_id == author.id
