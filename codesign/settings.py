"""What the operator decides, read from the environment once at start."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from codesign.types import Refused

BIGGEST_NUMBER = 100_000


@dataclass(frozen=True)
class Settings:
    """Every setting has a default that is right for trying codesign on one machine."""

    data: Path = Path("data")
    """CODESIGN_DATA: folder of the SQLite stores, uploaded files and the development mail folder."""
    database: str = ""
    """CODESIGN_DATABASE: a PostgreSQL URL; empty means SQLite files below the data folder."""
    mail: str = ""
    """CODESIGN_MAIL: smtp://user:password@host:port or smtps://...; empty writes mail to a folder."""
    sender: str = "codesign <noreply@localhost>"
    """CODESIGN_SENDER: the From address of every message."""
    host: str = "localhost"
    """CODESIGN_HOST: the root host; a town answers at <slug>.<host> and at the hosts of its own."""
    secret: bytes = b""
    """CODESIGN_SECRET or CODESIGN_SECRET_FILE: signs short-lived cookies; empty makes one in the data folder."""
    development: bool = False
    """CODESIGN_DEVELOPMENT: 1 lets the mail folder be read in the browser. Never where strangers can come."""

    fragments_mb: int = 32
    """CODESIGN_FRAGMENTS_MB: memory for rendered pages in each process, in megabytes; 0 renders each one anew."""
    recheck_seconds: float = 1.0
    """CODESIGN_RECHECK_SECONDS: how long a page may lag behind for anonymous visitors; 0 looks at every request."""

    @property
    def mail_folder(self) -> Path:
        return self.data / "mail"

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Read the CODESIGN_* variables. Raises Refused with a sentence when a value cannot be used."""
        data = Path(env.get("CODESIGN_DATA") or cls.data)
        return cls(
            data=data,
            database=postgresql_url(env.get("CODESIGN_DATABASE", "")),
            mail=_mail(env.get("CODESIGN_MAIL", "")),
            sender=env.get("CODESIGN_SENDER") or cls.sender,
            host=(env.get("CODESIGN_HOST") or cls.host).lower(),
            secret=_secret(env, data),
            development=_switch("CODESIGN_DEVELOPMENT", env.get("CODESIGN_DEVELOPMENT", "")),
            fragments_mb=int(_number("CODESIGN_FRAGMENTS_MB", env, cls.fragments_mb)),
            recheck_seconds=_number("CODESIGN_RECHECK_SECONDS", env, cls.recheck_seconds),
        )


def postgresql_url(url: str) -> str:
    """The URL as SQLAlchemy wants it for psycopg 3; "" stays "". Raises Refused for anything but PostgreSQL."""
    if not url:
        return ""
    scheme, _, rest = url.partition("://")
    try:
        usable = scheme in ("postgresql", "postgres", "postgresql+psycopg") and bool(rest) and bool(make_url(url))
    except (ArgumentError, ValueError):  # a port that is no number
        usable = False
    if not usable:
        raise Refused(
            "CODESIGN_DATABASE is not a PostgreSQL URL. Write postgresql://user:password@host/name, or leave it empty."
        )
    return f"postgresql+psycopg://{rest}"


def _mail(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = not url or (parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0)
    except ValueError:  # a port that is no number, or half an IPv6 address
        usable = False
    if not usable:
        raise Refused("CODESIGN_MAIL is not an SMTP URL. Write smtp://user:password@host:587, or leave it empty.")
    return url


def _switch(name: str, value: str) -> bool:
    if value not in ("", "0", "1"):
        raise Refused(f"{name} is {value!r}. Write 1 for on, or 0 for off.")
    return value == "1"


def _number(name: str, env: Mapping[str, str], default: float) -> float:
    text = env.get(name) or str(default)
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= BIGGEST_NUMBER:
        raise Refused(f"{name} is {text!r}. Write a number from 0 to {BIGGEST_NUMBER}.")
    return number


def _secret(env: Mapping[str, str], data: Path) -> bytes:
    if env.get("CODESIGN_SECRET"):
        return env["CODESIGN_SECRET"].encode()
    named = env.get("CODESIGN_SECRET_FILE")
    path, variable = (Path(named), "CODESIGN_SECRET_FILE") if named else (data / "secret", "CODESIGN_DATA")
    try:
        if not named and not path.exists():
            _write_secret(path)
        secret = path.read_bytes().strip()
    except OSError as error:
        raise Refused(f"The secret cannot be read from {path} ({variable}): {error.strerror}.") from error
    if not secret:
        raise Refused(f"The file of the secret, {path} ({variable}), is empty. Write some random text into it.")
    return secret


def _write_secret(path: Path) -> None:
    """Write once; when two processes start together the first one wins and both read its secret."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"secret.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
