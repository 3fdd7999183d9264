"""What an administrator can decide about debates."""

from typing import Literal

from pydantic import BaseModel, Field

from codesign.kit import mark as _

STARTERS = (_("residents"), _("staff"))
"""Here for the catalogues; the form translates the choices."""


class DebateSettings(BaseModel):
    started_by: Literal["residents", "staff"] = Field(
        "residents",
        title=_("Who may start a debate"),
        description=_("Staff are moderators, officials, administrators."),
    )
    days_open: int = Field(
        0,
        ge=0,
        le=3650,
        title=_("Days a debate stays open"),
        description=_("Used when its author sets no closing date; 0 leaves it open until it is closed by hand."),
    )
