"""Administration of thresholds: what proposals of one topic or one area need."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from wtforms import Field, Form, SelectField, StringField, ValidationError

from codesign.core.areas import areas
from codesign.core.settings import settings_of
from codesign.core.topics import topics
from codesign.kit import (
    Invalid,
    TownForm,
    gettext,
    one_of_choices,
    optional,
    page,
    redirect,
    require,
    session,
    typed,
)
from codesign_proposals.proposals import Threshold
from codesign_proposals.rules import add_rule, change_rule, get_rule, remove_rule, rule_of, rules
from codesign_proposals.settings import ProposalSettings

MOST_SUPPORTERS = 10_000_000
LEAST_PERCENT, MOST_PERCENT = 0.1, 100
_SPACES = re.compile(r"\s")


def between(pattern: str, least: float, most: float) -> Callable[[Form, Field], None]:
    """A number as people write it, in this range."""

    def check(form: Form, field: Field) -> None:
        text = _SPACES.sub("", field.data)
        if not re.fullmatch(pattern, text) or not least <= _number(text) <= most:
            raise ValidationError(
                gettext("Write a number from %(least)s to %(most)s.") % {"least": least, "most": most}
            )

    return check


def _number(text: str) -> float:
    return float(_SPACES.sub("", text).replace(",", "."))


class AmountForm(TownForm):
    supporters = StringField(validators=[optional(), between("[0-9]{1,8}", 1, MOST_SUPPORTERS)])
    percent = StringField(validators=[optional(), between("[0-9]{1,3}([.,][0-9])?", LEAST_PERCENT, MOST_PERCENT)])

    def translate(self) -> "AmountForm":
        self.supporters.label.text = gettext("Supporters a proposal needs")
        self.percent.label.text = gettext("Or: percent of the registered residents")
        self.percent.description = gettext("Of an area: percent of those verified as living there.")
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if bool(self.supporters.data.strip()) == bool(self.percent.data.strip()):
            self.supporters.errors = [gettext("Write a number of supporters or a percentage: one of the two.")]
            return False
        return True

    @property
    def amount(self) -> tuple[int | None, float | None]:
        """Supporters or percent."""
        supporters, percent = self.supporters.data.strip(), self.percent.data.strip()
        return (int(_number(supporters)), None) if supporters else (None, _number(percent))


class RuleForm(AmountForm):
    place = SelectField(validate_choice=False, validators=[one_of_choices])

    def offer(self, db: Session) -> "RuleForm":
        self.translate()
        self.place.label.text = gettext("Topic or area")
        about_topics = [(f"topic:{topic.id}", topic.title) for topic in topics(db)]
        about_areas = [(f"area:{area.id}", area.title) for area in areas(db)]
        self.place.choices = {gettext("Topics"): about_topics, gettext("Areas"): about_areas}
        return self


def index(request: Request) -> Response:
    with session(request) as db:
        require(request, "proposals.thresholds")
        return _list(request, db, RuleForm())


def add(request: Request) -> Response:
    with session(request) as db:
        require(request, "proposals.thresholds")
        form = RuleForm(typed(request)).offer(db)
        try:
            if form.validate():
                add_rule(db, form.place.data, *form.amount)
                return _done(request, gettext("The rule is added. It holds for what is published from now on."))
        except Invalid as error:
            form.refuse(error)
        return _list(request, db, form, 422)


def _list(request: Request, db: Session, form: RuleForm, status: int = 200) -> Response:
    settings = settings_of(db, "proposals", ProposalSettings)
    told: dict[str, Any] = {"rules": rules(db), "settings": settings, "form": form.offer(db)}
    return page(request, "proposals/thresholds.html", status, **told)


def edit(request: Request) -> Response:
    with session(request) as db:
        rule = _rule(request, db)
        known = rule_of(db, rule)
        percent = "" if known.percent is None else f"{known.percent:g}"
        present = {"supporters": str(known.supporters or ""), "percent": percent}
        return page(request, "proposals/threshold.html", rule=known, form=AmountForm(data=present).translate())


def save_edit(request: Request) -> Response:
    with session(request) as db:
        rule = _rule(request, db)
        form = AmountForm(typed(request)).translate()
        if not form.validate():
            return page(request, "proposals/threshold.html", 422, rule=rule_of(db, rule), form=form)
        change_rule(db, rule, *form.amount)
        return _done(request, gettext("The rule is changed. It holds for what is published from now on."))


def remove(request: Request) -> Response:
    with session(request) as db:
        remove_rule(db, _rule(request, db))
        return _done(request, gettext("The rule is removed. What holds for the town holds there again."))


def _rule(request: Request, db: Session) -> Threshold:
    require(request, "proposals.thresholds")
    return get_rule(db, request.path_params["id"], lock=request.method == "POST")


def _done(request: Request, told: str) -> Response:
    return redirect(request, "/proposals/thresholds", told)


routes: list[BaseRoute] = [
    Route("/thresholds", index, methods=["GET"]),
    Route("/thresholds", add, methods=["POST"]),
    Route("/thresholds/{id:int}", edit, methods=["GET"]),
    Route("/thresholds/{id:int}", save_edit, methods=["POST"]),
    Route("/thresholds/{id:int}/remove", remove, methods=["POST"]),
]
