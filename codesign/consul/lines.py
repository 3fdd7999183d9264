"""The lines of a file, whatever wrote it: decoded byte by byte where need be, of bounded length, with a way back."""

import codecs
from collections import deque
from collections.abc import Iterator
from pathlib import Path

CHUNK = 65_536
LONGEST = 1_048_576
"""Bytes of one line, and characters of one row, beyond which it is left out."""
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_FALLBACK = "codesign-consul"


class TooLong(Exception):
    """A row grew beyond what can be held."""


class Lines:
    """What csv.reader reads. The lines of a row that went wrong can be given back, all but the first."""

    def __init__(self, path: Path) -> None:
        codecs.register_error(_FALLBACK, _as_windows)
        self.number = 0
        """Lines handed out so far, which is also the number of the last one."""
        self.taken: list[str | None] = []
        """Those of the row at hand; None stands for one that was too long."""
        self.foreign = 0
        """Lines with bytes that are not UTF-8."""
        self.zeros = 0
        """Lines with NUL bytes."""
        self._size = 0
        self._back: deque[str | None] = deque()
        self._raw = _raw_lines(path)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._decoded(next(self._raw))
        self.number += 1
        self.taken.append(line)
        self._size += len(line or "")
        if line is None or self._size > LONGEST:
            raise TooLong
        return line

    def settle(self) -> None:
        """The row is done."""
        self.taken.clear()
        self._size = 0

    def give_back(self, keep: int = 1) -> None:
        """Only the first `keep` lines of the row are done; the others come again."""
        again = self.taken[keep:]
        self._back.extendleft(reversed(again))
        self.number -= len(again)
        self.settle()

    def _decoded(self, raw: bytes | None) -> str | None:
        if raw is None:
            return None
        if b"\0" in raw:
            self.zeros += 1
            raw = raw.replace(b"\0", b"")
        try:
            return raw.decode()
        except UnicodeDecodeError:
            self.foreign += 1
            return raw.decode(errors=_FALLBACK)


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are not UTF-8 are read as Windows-1252, which holds the letters of ISO-8859-1 too."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


def _raw_lines(path: Path) -> Iterator[bytes | None]:
    """Lines with their ends as `\\n`; None for one that is too long. Raises ValueError with a reason for UTF-16."""
    with path.open("rb") as file:
        chunk = file.read(CHUNK).removeprefix(codecs.BOM_UTF8)
        if chunk.startswith(_UTF16):
            raise ValueError("it is written in UTF-16; save it as UTF-8 first.")
        end = b"\r" if b"\r" in chunk and b"\n" not in chunk else b"\n"
        rest, long = b"", False
        while chunk:
            *whole, rest = (rest + chunk).split(end)
            for line in whole:
                yield None if long or len(line) > LONGEST else line + b"\n"
                long = False
            if len(rest) > LONGEST:
                rest, long = b"", True
            chunk = file.read(CHUNK)
        if rest or long:
            yield None if long else rest
