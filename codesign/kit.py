"""The names that plugins may import, beside `codesign.core.*`: everything for hooks, pages and forms."""

from codesign.builtin import unanswered_own
from codesign.db import Base
from codesign.editions import SHOWN_NOWHERE
from codesign.events import Happening, record
from codesign.hookspecs import hookimpl
from codesign.i18n import gettext, mark, ngettext, show_date
from codesign.markup import clean, excerpt, plain, render, sanitise
from codesign.pages.contributions import follow_view
from codesign.pages.discussions import discussion
from codesign.paging import AnySelect, Key, cut
from codesign.permissions import administrators, anybody_signed_in, moderators, staff
from codesign.planting import Garden
from codesign.types import (
    About,
    Audience,
    Forbidden,
    Importer,
    ImportJob,
    ImportReport,
    Invalid,
    Kind,
    Link,
    NotFound,
    Objection,
    Predicate,
    Refused,
    Section,
)
from codesign.web.cookies import cookie_of
from codesign.web.forms import TownForm, length, one_of_choices, optional, required, typed, value
from codesign.web.pages import (
    absolute,
    allowed,
    changes_at,
    here,
    is_htmx,
    keep,
    local_path,
    objection,
    page,
    redirect,
    require,
)
from codesign.web.session import session
from codesign.web.site import visit_of

__all__ = [
    "SHOWN_NOWHERE",
    "About",
    "AnySelect",
    "Audience",
    "Base",
    "Forbidden",
    "Garden",
    "Happening",
    "ImportJob",
    "ImportReport",
    "Importer",
    "Invalid",
    "Key",
    "Kind",
    "Link",
    "NotFound",
    "Objection",
    "Predicate",
    "Refused",
    "Section",
    "TownForm",
    "absolute",
    "administrators",
    "allowed",
    "anybody_signed_in",
    "changes_at",
    "clean",
    "cookie_of",
    "cut",
    "discussion",
    "excerpt",
    "follow_view",
    "gettext",
    "here",
    "hookimpl",
    "is_htmx",
    "keep",
    "length",
    "local_path",
    "mark",
    "moderators",
    "ngettext",
    "objection",
    "one_of_choices",
    "optional",
    "page",
    "plain",
    "record",
    "redirect",
    "render",
    "require",
    "required",
    "sanitise",
    "session",
    "show_date",
    "staff",
    "typed",
    "unanswered_own",
    "value",
    "visit_of",
]  # fmt: skip
