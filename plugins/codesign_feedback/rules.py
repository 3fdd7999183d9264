"""What holds in this town: its settings and its calendar, read together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from codesign.core.settings import accepted, chosen
from codesign_feedback.calendar import Calendar, special_days
from codesign_feedback.clocks import RULES
from codesign_feedback.settings import FeedbackSettings

NAME = "feedback"


@dataclass(frozen=True)
class Rules:
    settings: FeedbackSettings
    calendar: Calendar

    def days(self, clock: str) -> int:
        """The length of a clock in its days; 0 when the date is given with the step."""
        setting = RULES[clock].setting
        return int(getattr(self.settings, setting)) if setting else 0


def rules_of(db: Session) -> Rules:
    decided = chosen(db)
    return made_of(db, decided.town.zone, decided.settings.get(NAME, {}))


def made_of(db: Session, zone: str, values: Mapping[str, Any]) -> Rules:
    """For pages, which know the settings already: `visit.chosen`."""
    settings = accepted(FeedbackSettings, dict(values))
    return Rules(settings, Calendar(ZoneInfo(zone), settings.reminder_hour, special_days(db)))
