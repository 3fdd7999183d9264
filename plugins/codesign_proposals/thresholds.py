"""How much support a proposal needs: worked out when it is published, and frozen with it."""

import math
from fractions import Fraction

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from codesign.core.residents import registered_residents
from codesign.core.settings import settings_of
from codesign_proposals.proposals import PERMILLE, Threshold
from codesign_proposals.settings import ProposalSettings


def threshold_for(db: Session, topic_id: int | None, area_id: int | None) -> int:
    """Supports that a proposal needs which is published now: by the rule of its area, else of its topic, else as the
    town has it."""
    rule = _rule(db, topic_id, area_id)
    if rule is not None and rule.supporters is not None:
        return max(1, rule.supporters)
    if rule is not None and rule.share is not None:
        return share_of(registered_residents(db, rule.area_id), Fraction(rule.share, PERMILLE))
    settings = settings_of(db, "proposals", ProposalSettings)
    if settings.share:
        return share_of(registered_residents(db), Fraction(str(settings.share)) / 100)
    return settings.supporters


def share_of(residents: int, share: Fraction) -> int:
    """Rounded up, and never nobody."""
    return max(1, math.ceil(residents * share))


def _rule(db: Session, topic_id: int | None, area_id: int | None) -> Threshold | None:
    conditions = [
        column == id for column, id in ((Threshold.area_id, area_id), (Threshold.topic_id, topic_id)) if id is not None
    ]
    if not conditions:
        return None
    rules = list(db.scalars(select(Threshold).where(or_(*conditions))))
    return max(rules, key=lambda rule: rule.area_id is not None, default=None)
