"""Whole addresses for letters, which no request brought about."""

from codesign.core.notices import Ground
from codesign.core.subscriptions import managing_token
from codesign.core.unsubscribing import Leave, token_of
from codesign.core.users import User
from codesign.web.site import Site

PREFERENCES = "/accounts/notices"
INBOX = "/notices/"


def address(site: Site, slug: str) -> str:
    """Where a town answers: https but on this very machine."""
    entry = site.registry.entries()[slug]
    host = entry.hosts[0] if entry.hosts else f"{slug}.{site.settings.host}"
    return f"{'http' if host.endswith('localhost') else 'https'}://{host}"


def unsubscribe_url(site: Site, slug: str, user_id: int, ground: Ground | None) -> str:
    """The one-click link of a letter; without a ground it ends the daily letter."""
    token = token_of(site.settings.secret, slug, Leave(user_id, ground))
    return f"{address(site, slug)}/notices/unsubscribe/{token}"


def preferences_path(site: Site, slug: str, user: User) -> str:
    """Where a person says what they want to hear of; people without an account by a link of their own."""
    return PREFERENCES if user.is_account else f"/follow/manage/{managing_token(site.settings.secret, slug, user)}"
