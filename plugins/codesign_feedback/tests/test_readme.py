"""What the README says of states, clocks, settings, tables and permissions is what holds."""

from pathlib import Path

import pytest
from sqlalchemy import Table

from codesign.kit import Base
from codesign_feedback.clocks import RULES, Rung
from codesign_feedback.loop import ANY, STEPS, By, Circle
from codesign_feedback.permissions import PERMISSIONS
from codesign_feedback.settings import FeedbackSettings

README = Path(__file__).parents[1] / "README.md"


def steps() -> list[str]:
    lines = ["| step | from | to | who | needs | starts | who hears |", "|---|---|---|---|---|---|---|"]
    for step in STEPS.values():
        told = ", ".join(circle.value for circle in Circle if circle in step.told)
        before = "any" if step.before == ANY else ", ".join(sorted(step.before))
        after = step.after.value if step.after else "the same"
        who = "time, or another event" if step.by is By.CLOCK else step.by.value.replace("_", " ")
        cells = [f"`{step.verb}`", before, after, who, ", ".join(step.needs), ", ".join(step.starts), told]
        lines.append("| " + " | ".join(cell or "-" for cell in cells) + " |")
    return lines


def clocks() -> list[str]:
    lines = ["| clock | what is due | days | ladder |", "|---|---|---|---|"]
    for rule in RULES.values():
        days = (
            "the date is given" if not rule.setting else f"`{rule.setting}`{' (working days)' if rule.working else ''}"
        )
        ladder = ", ".join(_rung(rung) for rung in rule.ladder)
        seen = "" if rule.public else " (not shown to readers)"
        lines.append(f"| `{rule.name}` | {rule.label}{seen} | {days} | {ladder} |")
    return lines


def settings() -> list[str]:
    lines = ["| setting | default | |", "|---|---|---|"]
    for name, field in FeedbackSettings.model_fields.items():
        told = " ".join(filter(None, (f"{field.title}.", field.description)))
        lines.append(f"| `{name}` | {field.default} | {told} |")
    return lines


def _rung(rung: Rung) -> str:
    return f"{rung.days:+d} `{rung.verb}`" if rung.days else f"0 `{rung.verb}`"


@pytest.mark.parametrize("table", [steps, clocks, settings])
def test_the_tables_are_those_of_the_code(table: object) -> None:
    wanted = "\n".join(table())  # type: ignore[operator]
    assert f"\n\n{wanted}\n\n" in README.read_text()


def test_every_table_is_named_with_what_it_stores() -> None:
    stored = {table.name for table in Base.metadata.tables.values() if isinstance(table, Table)}
    told = README.read_text()
    assert [name for name in sorted(stored) if name.startswith("feedback_") and f"`{name}`" not in told] == []


def test_every_permission_that_is_no_step_is_named() -> None:
    told = README.read_text()
    others = [name for name in PERMISSIONS if name.removeprefix("feedback.") not in STEPS]
    assert [name for name in others if f"`{name}`" not in told] == []
