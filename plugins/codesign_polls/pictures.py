"""The pictures of options: files of the poll, by their ids."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from codesign.core.files import Attached, files_of
from codesign_polls.polls import Poll


def pictures_of(db: Session, poll: Poll) -> Mapping[int, Attached]:
    return {file.id: file for file in files_of(db, poll.id)}
