"""The letters that a town has sent."""

from collections import Counter
from email import message_from_bytes, policy
from email.message import EmailMessage

from codesign.testing import Town


def letters(town: Town) -> list[EmailMessage]:
    """Each with its text only; the daily ones as well."""
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in town.send_daily_mail()]
    for letter in found:
        text = letter.get_body(("plain",)).get_content()
        letter.clear_content()
        letter.set_content(text)
    return found


def told(town: Town) -> Counter[str]:
    """How many letters each person got, by the first part of the address."""
    return Counter(str(letter["To"]).partition("@")[0] for letter in letters(town))
