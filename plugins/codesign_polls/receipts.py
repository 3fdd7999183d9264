"""Receipts: random codes that only their holder knows, and the keys under which their entries stand in the box.

    receipt                 16 characters of Crockford's base 32: 80 random bits of the operating system
    key of a question       the first 32 hex digits of SHA-256 of "codesign ballot", the poll's number, the question's
                            place and the receipt, separated by zero bytes

From a key nobody finds the receipt, and without the receipt nobody sees which keys belong to one ballot: the answers
of one person to several questions cannot be put together, so that a pattern of answers gives nobody away.
"""

import hashlib
import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: without I, L, O and U."""
LENGTH = 16
GROUP = 4
KEY_DIGITS = 32
_READ_AS = str.maketrans("OIL", "011")


def new_code() -> str:
    """A random code in groups of four: `K7QF-9M2P-XW3T-5HJA`. Nothing can be computed from the codes before it."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def normal_code(typed: str) -> str:
    """A code as it was given out, however it was typed; "" when it cannot be one."""
    letters = re.sub(r"[\s\-–—_.]", "", typed).upper().translate(_READ_AS)
    if len(letters) != LENGTH or any(letter not in ALPHABET for letter in letters):
        return ""
    return "-".join(letters[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def key_of(number: str, question: int, receipt: str) -> str:
    """The key of the entry for one question of the poll with this public number."""
    parts = ("codesign ballot", number, str(question), receipt)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:KEY_DIGITS]


def keys_of(number: str, questions: int, receipt: str) -> dict[str, int]:
    """The keys of all entries of a ballot, each with its question."""
    return {key_of(number, question, receipt): question for question in range(questions)}
