"""The forms that say who votes in a poll, and how."""

from typing import Any

from wtforms import BooleanField, Field, IntegerField, RadioField, SelectMultipleField, ValidationError

from codesign.core.areas import Area
from codesign.core.residents import Level
from codesign.kit import TownForm, gettext, one_of_choices, optional, required
from codesign_polls.forms import whole
from codesign_polls.papers import Paper

OLDEST = 120
MOST_VOTERS = 10**9
WAYS = {"account": (True, False), "code": (False, True), "both": (True, True)}
"""How people vote: whether with an account, whether with a code."""


class Checkboxes(SelectMultipleField):
    """Several of a few choices, shown with the macro `presses`."""


class WhoForm(TownForm):
    way = RadioField(validate_choice=False, validators=[required(), one_of_choices])
    level = RadioField(validate_choice=False, validators=[required(), one_of_choices])
    areas = Checkboxes(validate_choice=False)
    min_age = IntegerField(validators=[optional(), whole(0, OLDEST)])
    max_age = IntegerField(validators=[optional(), whole(0, OLDEST)])

    def translate(self, offered: list[Area]) -> "WhoForm":
        self.way.label.text = gettext("How do people vote?")
        self.way.choices = [
            ("account", gettext("With their account on this site")),
            ("code", gettext("With a one-time code that the town hands out, for example at a desk or by letter")),
            ("both", gettext("Both are possible")),
        ]
        self.level.label.text = gettext("Which accounts?")
        self.level.choices = [
            (str(Level.CONFIRMED.value), gettext("Everybody with a confirmed e-mail address")),
            (str(Level.VERIFIED.value), gettext("Only residents whose document an official has seen")),
        ]
        self.areas.label.text = gettext("Only those who live in")
        self.areas.description = gettext("Tick none for the whole town.")
        self.areas.choices = [(str(area.id), area.title) for area in offered]
        self.min_age.label.text = gettext("At least how old?")
        self.min_age.description = gettext("Years on the last day of the vote.")
        self.max_age.label.text = gettext("At most how old?")
        if not offered:
            del self.areas
        return self

    def validate_areas(self, field: Field) -> None:
        known = {value for value, _title in field.choices}
        if not set(field.data or ()) <= known:
            raise ValidationError(gettext("This area is no longer there. Please choose again."))

    def validate_max_age(self, field: Field) -> None:
        if field.data is not None and self.min_age.data is not None and field.data < self.min_age.data:
            raise ValidationError(gettext("The highest age is lower than the lowest."))

    def validate_level(self, field: Field) -> None:
        asked = (self.areas.data if "areas" in self else None) or self.min_age.data is not None
        asked = bool(asked) or self.max_age.data is not None
        if asked and self.way.data != "code" and field.data == str(Level.CONFIRMED.value):
            sentence = gettext("Area and age are known of verified residents only. Choose that only they may vote.")
            raise ValidationError(sentence)

    def values(self) -> dict[str, Any]:
        by_account, by_code = WAYS[self.way.data]
        return {
            "by_account": by_account,
            "by_code": by_code,
            "min_level": int(self.level.data),
            "area_ids": tuple(int(id) for id in (self.areas.data if "areas" in self else ()) or ()),
            "min_age": self.min_age.data,
            "max_age": self.max_age.data,
        }


def who_form(paper: Paper, offered: list[Area], data: Any = None) -> WhoForm:
    way = next((way for way, ways in WAYS.items() if ways == (paper.by_account, paper.by_code)), "account")
    present = {
        "way": way,
        "level": str(paper.min_level),
        "areas": [str(id) for id in paper.area_ids],
        "min_age": paper.min_age,
        "max_age": paper.max_age,
    }
    return WhoForm(data, data=present).translate(offered)


class HowForm(TownForm):
    ballot = RadioField(validate_choice=False, validators=[required(), one_of_choices])
    live = BooleanField()
    quorum_kind = RadioField(validate_choice=False, validators=[required(), one_of_choices])
    number = IntegerField(validators=[optional(), whole(1, MOST_VOTERS)])
    percent = IntegerField(validators=[optional(), whole(1, 100)])

    def translate(self) -> "HowForm":
        self.ballot.label.text = gettext("Secret or open?")
        self.ballot.description = gettext("This cannot be changed once voting has opened.")
        self.ballot.choices = [
            (
                "secret",
                gettext(
                    "Secret: nobody can find out who voted what, the town neither. A ballot that is cast cannot be changed. "
                    "Each voter gets a receipt and can find the own ballot among all when they are published."
                ),
            ),
            (
                "open",
                gettext(
                    "Open: the ballot is kept beside the name of who cast it until the count, and can be changed until the "
                    "close. The published result names nobody."
                ),
            ),
        ]
        self.live.label.text = gettext("Show results while people vote")
        self.live.description = gettext("For an open ballot only. Who votes late then knows how the others voted.")
        self.quorum_kind.label.text = gettext("Must a number of people vote for the result to count?")
        self.quorum_kind.choices = [
            ("none", gettext("No, it counts however many vote")),
            ("number", gettext("Yes, at least this number of people")),
            ("percent", gettext("Yes, at least this share of those who may vote")),
        ]
        self.number.label.text = gettext("Number of people")
        self.percent.label.text = gettext("Share in percent")
        return self

    def validate_live(self, field: Field) -> None:
        if field.data and self.ballot.data == "secret":
            raise ValidationError(gettext("A secret ballot shows no results before the close."))

    def validate_quorum_kind(self, field: Field) -> None:
        for kind in ("number", "percent"):
            if field.data == kind and self[kind].data is None and not self[kind].errors:
                raise ValidationError(gettext("Write the number that is needed."))

    def values(self) -> dict[str, Any]:
        kind = self.quorum_kind.data
        return {
            "secret": self.ballot.data == "secret",
            "live": bool(self.live.data),
            "quorum": self.number.data if kind == "number" else None,
            "quorum_share": self.percent.data * 10 if kind == "percent" else None,
        }


def how_form(paper: Paper, data: Any = None) -> HowForm:
    kind = "number" if paper.quorum is not None else "percent" if paper.quorum_share is not None else "none"
    present = {
        "ballot": "secret" if paper.secret else "open",
        "live": paper.live,
        "quorum_kind": kind,
        "number": paper.quorum,
        "percent": paper.quorum_share // 10 if paper.quorum_share is not None else None,
    }
    return HowForm(data, data=present).translate()
