"""What an administrator can decide about proposals."""

from typing import Literal

from pydantic import BaseModel, Field

from codesign.kit import mark as _

SUPPORTERS = (_("confirmed"), _("verified"))
"""Here for the catalogues; the form translates the choices."""


class ProposalSettings(BaseModel):
    supporters: int = Field(
        100,
        ge=1,
        le=10_000_000,
        title=_("Supporters a proposal needs"),
        description=_("Unless a share is given below, or its topic or area has a number of its own."),
    )
    share: float = Field(
        0,
        ge=0,
        le=100,
        title=_("Or: percent of the registered residents"),
        description=_("0 takes the number above. It is worked out once, when a proposal is published."),
    )
    supported_by: Literal["confirmed", "verified"] = Field(
        "confirmed",
        title=_("Who may support a proposal"),
        description=_("Everybody with a confirmed address, or only those whose residence the town has verified."),
    )
    months_open: int = Field(
        12,
        ge=1,
        le=120,
        title=_("Months a proposal gathers support"),
        description=_("Afterwards it is archived. It can still be read."),
    )
