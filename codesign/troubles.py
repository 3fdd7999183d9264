"""Why a letter was not taken: what the answers of mail servers mean, and how administrators read of it."""

import enum
import re

from codesign.i18n import mark

DETAIL_LENGTH = 300


class Trouble(enum.StrEnum):
    AWAY = "away"
    SLOW = "slow"
    HUNG_UP = "hung_up"
    GARBLED = "garbled"
    TLS = "tls"
    LOGIN = "login"
    SENDER = "sender"
    LATER = "later"
    FULL = "full"
    REFUSED = "refused"
    NOBODY = "nobody"
    ADDRESS = "address"
    UNWRITTEN = "unwritten"
    STOPPED = "stopped"


SENTENCES = {
    Trouble.AWAY: mark("The mail server cannot be reached."),
    Trouble.SLOW: mark("The mail server did not answer in time."),
    Trouble.HUNG_UP: mark("The mail server ended the connection."),
    Trouble.GARBLED: mark("The mail server gave an answer that makes no sense."),
    Trouble.TLS: mark("No encrypted connection to the mail server came about."),
    Trouble.LOGIN: mark("The mail server refused the name or the password of this site."),
    Trouble.SENDER: mark("The mail server does not let this site send."),
    Trouble.LATER: mark("The mail server asks to try again later."),
    Trouble.FULL: mark("There is no space left, in the mailbox or on the mail server."),
    Trouble.REFUSED: mark("The mail server refused this letter for good."),
    Trouble.NOBODY: mark("Nobody has this address."),
    Trouble.ADDRESS: mark("This is not an address that letters can be sent to."),
    Trouble.UNWRITTEN: mark("The letter could not be written."),
    Trouble.STOPPED: mark("Nothing is sent to this address any more, because a letter came back."),
}


class Undelivered(Exception):
    """A letter was not taken. As text: the trouble, then what the server said."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        shown = "".join(c if c.isprintable() else " " for c in detail)
        self.trouble, self.detail = trouble, " ".join(shown.split())[:DETAIL_LENGTH]
        super().__init__(f"{trouble}: {self.detail}")


class Later(Undelivered):
    """Not now; the connection is good for other letters."""


class Refusal(Undelivered):
    """This letter never."""


class HungUp(Undelivered):
    """The connection is of no more use. Whether the letter was taken is not known."""


class Away(Undelivered):
    """No letter at all can be sent now."""


_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
NOBODY_THERE = {"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.9", "5.1.10", "5.2.1"}
"""Of the recipient's address, by RFC 3463 and RFC 7505. Not 5.1.7 and 5.1.8, which are of the sender's."""
BARE = {550, 551, 553, 556}
"""These say so without an enhanced code: RFC 5321 section 4.2.2, RFC 7504."""
_OF_RULES = re.compile(
    r"relay|polic|spam|block|\blist|bann|reput|authenti|sender|spf|dkim|dmarc|\brate\b|limit|helo|denied|prohibit"
    r"|not (?:permitted|allowed)|rejected due",
    re.IGNORECASE,
)
"""Words of servers that say 550 about us, not about the mailbox."""


def refused(code: int, words: str) -> Undelivered:
    """What an answer to RCPT or to the letter itself means that is not yes."""
    told = f"{code} {words}"
    if code == 421 or not 400 <= code < 600:
        return HungUp(Trouble.LATER if code == 421 else Trouble.GARBLED, told)
    if code in (452, 552):  # a full mailbox may be emptied: RFC 3463 calls 5.2.2 a persistent transient failure
        return Later(Trouble.FULL, told)
    if code < 550:  # 500 to 549 are about the conversation, not about this letter
        return Later(Trouble.LATER, told)
    return Refusal(Trouble.NOBODY if _nobody_there(code, words) else Trouble.REFUSED, told)


def _nobody_there(code: int, words: str) -> bool:
    found = _ENHANCED.search(words)
    if found is not None:
        return found[0] in NOBODY_THERE
    return code in BARE and not _OF_RULES.search(words)


def told(error: str) -> tuple[str, str]:
    """What is kept of a trouble, as the sentence to be translated and the words of the server."""
    name, _colon, detail = error.partition(": ")
    if name in list(Trouble):
        return SENTENCES[Trouble(name)], detail
    return "", error
