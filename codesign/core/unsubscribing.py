"""Leaving with one click: the signed link of a letter, for one reason or for the daily letter (RFC 8058)."""

import hashlib
import hmac
from dataclasses import dataclass

from codesign.core.notices import Channel, Ground
from codesign.db import BIGGEST_ID

DAILY = "daily"
"""Stands in a link for the daily letter, whatever its reasons are."""
SIGNATURE_LENGTH = 32


@dataclass(frozen=True)
class Leave:
    """What one link switches off: the letters of a person for one reason, or, without a reason, their daily letter."""

    user_id: int
    ground: Ground | None

    @property
    def choices(self) -> frozenset[tuple[Ground, Channel]]:
        """The reasons and ways that it ends."""
        if self.ground is None:
            return frozenset((ground, Channel.DIGEST) for ground in Ground)
        return frozenset({(self.ground, Channel.DIGEST), (self.ground, Channel.AT_ONCE)})


def token_of(secret: bytes, slug: str, leave: Leave) -> str:
    """`12.author.3f9a...`: good in one town, for ever, since a letter may lie in a mailbox for years."""
    said = f"{leave.user_id}.{leave.ground or DAILY}"
    signed = hmac.new(secret, f"unsubscribe\0{slug}\0{said}".encode(), hashlib.sha256).hexdigest()
    return f"{said}.{signed[:SIGNATURE_LENGTH]}"


def read_token(secret: bytes, slug: str, token: str) -> Leave | None:
    """What a link says; None when we did not write it, or for another town."""
    person, _dot, rest = token.partition(".")
    name = rest.partition(".")[0]
    if not person.isascii() or not person.isdecimal() or len(person) > len(str(BIGGEST_ID)):
        return None
    if name != DAILY and name not in list(Ground):
        return None
    leave = Leave(int(person), None if name == DAILY else Ground(name))
    right = token_of(secret, slug, leave)
    return leave if hmac.compare_digest(right.encode(), token.encode("utf-8", "replace")) else None
