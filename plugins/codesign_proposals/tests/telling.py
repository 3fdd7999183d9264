"""The letters that a town has sent."""

from collections import Counter
from email import message_from_bytes, policy
from email.message import EmailMessage

from codesign.testing import Town


def letters(town: Town) -> list[EmailMessage]:
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in town.send_mail()]
    return [letter for letter in found if isinstance(letter, EmailMessage)]


def told(town: Town) -> Counter[str]:
    """How many letters each person got, by the first part of the address."""
    return Counter(str(letter["To"]).partition("@")[0] for letter in letters(town))
