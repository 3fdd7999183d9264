"""What officials find where: the pages of the inbox and its cases, and the links that lead there."""

from datetime import datetime
from typing import Any

from starlette.routing import BaseRoute

from codesign.core.contributions import Contribution
from codesign.core.users import User
from codesign.kit import Link, gettext, officials
from codesign_feedback import (
    answer_pages,
    calendar_pages,
    commitment_pages,
    dashboard,
    handing_out,
    handling_pages,
    inbox_pages,
    item_pages,
    several,
)

routes: list[BaseRoute] = [
    *inbox_pages.routes, *several.routes, *dashboard.routes, *calendar_pages.routes, *item_pages.routes,
    *handling_pages.routes, *answer_pages.routes, *commitment_pages.routes, *handing_out.routes,
]  # fmt: skip


def links(slot: str, subject: Any, actor: User | None) -> list[Link]:
    if slot == "admin":
        return [Link(gettext("Working days"), calendar_pages.URL, "calendar", weight=48)]
    if not officials(actor, None, datetime.max):
        return []
    if slot == "account":
        return [Link(gettext("Inbox of the town"), "/feedback/inbox", "landmark", weight=-10)]
    if slot == "contribution" and isinstance(subject, Contribution) and subject.ANSWERABLE is not None:
        return [Link(gettext("Handle it for the town"), f"/feedback/{subject.id}", "landmark", weight=30)]
    return []
