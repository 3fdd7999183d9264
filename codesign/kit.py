"""The names that plugins may import, beside `codesign.core.*`: everything for hooks, pages and forms."""

from codesign.builtin import unanswered_own
from codesign.db import Base, Id, insert
from codesign.editions import SHOWN_NOWHERE, SHOWN_WITH_CONTRIBUTIONS
from codesign.events import Happening, record
from codesign.hookspecs import hookimpl
from codesign.i18n import gettext, mark, ngettext, show_date, show_datetime, show_number
from codesign.markup import clean, excerpt, plain, render, sanitise
from codesign.outbox import post
from codesign.pages.contributions import follow_view
from codesign.pages.discussions import discussion
from codesign.pages.residents import digest_of_document
from codesign.paging import AnySelect, Key, cut
from codesign.permissions import administrators, anybody_signed_in, moderators, officials, staff
from codesign.planting import Garden
from codesign.timelines import latest as latest_events
from codesign.types import (
    About,
    Answerable,
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
    Occurrence,
    Predicate,
    Refused,
    Section,
    Tick,
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
    kept,
    local_path,
    objection,
    page,
    public_events,
    redirect,
    require,
)
from codesign.web.personal import Personal
from codesign.web.session import session
from codesign.web.site import visit_of
from codesign.web.uploads import UploadField, uploaded

__all__ = [
    "SHOWN_NOWHERE",
    "SHOWN_WITH_CONTRIBUTIONS",
    "About",
    "Answerable",
    "AnySelect",
    "Audience",
    "Base",
    "Forbidden",
    "Garden",
    "Happening",
    "Id",
    "ImportJob",
    "ImportReport",
    "Importer",
    "Invalid",
    "Key",
    "Kind",
    "Link",
    "NotFound",
    "Objection",
    "Occurrence",
    "Personal",
    "Predicate",
    "Refused",
    "Section",
    "Tick",
    "TownForm",
    "UploadField",
    "absolute",
    "administrators",
    "allowed",
    "anybody_signed_in",
    "changes_at",
    "clean",
    "cookie_of",
    "cut",
    "digest_of_document",
    "discussion",
    "excerpt",
    "follow_view",
    "gettext",
    "here",
    "hookimpl",
    "insert",
    "is_htmx",
    "keep",
    "kept",
    "latest_events",
    "length",
    "local_path",
    "mark",
    "moderators",
    "ngettext",
    "objection",
    "officials",
    "one_of_choices",
    "optional",
    "page",
    "plain",
    "post",
    "public_events",
    "record",
    "redirect",
    "render",
    "require",
    "required",
    "sanitise",
    "session",
    "show_date",
    "show_datetime",
    "show_number",
    "staff",
    "typed",
    "unanswered_own",
    "uploaded",
    "value",
    "visit_of",
]  # fmt: skip
