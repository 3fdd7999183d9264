"""The form of an official answer, which cannot be sent incomplete; with a yes the promise can be made in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms import DateField, Field, Form, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import StopValidation

from codesign.core.authorities import Authority
from codesign.core.contributions import TEXT_LENGTH
from codesign.kit import TownForm, gettext, length, mark, one_of_choices, optional
from codesign_feedback.answering import Decision
from codesign_feedback.loop import LEADING_TO_WORK, Code, Refusal
from codesign_feedback.official_forms import LINE, NOTE_LENGTH, a_day, authority_choices, given, label_promise
from codesign_feedback.words import CODE_LABELS, MISSING, REFUSAL_LABELS

CODE_HELP = {
    Code.ACCEPTED_AS_IS: mark("You then owe a promise: who will do it, by which day."),
    Code.ACCEPTED_MODIFIED: mark("Say in the text what will be different. You then owe a promise."),
    Code.PARTIALLY: mark("Say in the text what will be done and what will not. You then owe a promise."),
    Code.SOLVED_ALREADY: mark("Those who took part are asked at once whether it is done."),
    Code.SOLVE_DIFFERENTLY: mark("Say how. Those who took part are asked at once whether it is done."),
    Code.FORWARDED: mark("Say to whom, and how to reach them. Those who took part are asked whether it is done."),
    Code.DEFERRED: mark("Give the day on which it is looked at again. The time for the answer then begins anew."),
    Code.DECLINED: mark("Choose a reason below. Those who took part can appeal, and somebody else decides."),
}
PROMISE = ("owner", "due_on", "deliverable")


@dataclass(frozen=True)
class Promise:
    owner: str
    due_on: date
    deliverable: str


def _with(code: Code, name: str, sentence: str) -> Any:
    """The field is needed with this decision, and only with it."""

    def check(form: Form, field: Field) -> None:
        if form["code"].data == code.value and not any(str(raw).strip() for raw in field.raw_data or ()):
            field.errors = []
            raise StopValidation(gettext(sentence))

    check.__name__ = f"needs_{name}"
    return check


def _of_a_promise(form: Form, field: Field) -> None:
    """All three or none, and only with a yes."""
    filled = [name for name in PROMISE if any(str(raw).strip() for raw in form[name].raw_data or ())]
    if filled and form["code"].data and form["code"].data not in LEADING_TO_WORK:
        if field.name == filled[0]:
            field.errors = []
            raise StopValidation(gettext("Only a yes comes with a promise. Empty these fields, or choose a yes."))
        return
    if filled and field.name not in filled:
        field.errors = []
        raise StopValidation(gettext(MISSING[field.name]))


class AnswerForm(TownForm):
    code = RadioField(validate_choice=False, validators=[given("code"), one_of_choices])
    refusal = SelectField(
        default="",
        validate_choice=False,
        validators=[_with(Code.DECLINED, "refusal", MISSING["refusal"]), one_of_choices],
    )
    until = DateField(
        validators=[
            _with(Code.DEFERRED, "until", mark("Give the day on which it is looked at again.")),
            optional(),
            a_day,
        ]
    )
    text = TextAreaField(validators=[given("text"), length(most=TEXT_LENGTH)])
    authority = SelectField(validate_choice=False, validators=[given("authority"), one_of_choices])
    owner = StringField(validators=[_of_a_promise, length(most=LINE)])
    due_on = DateField(validators=[_of_a_promise, optional(), a_day])
    deliverable = TextAreaField(validators=[_of_a_promise, length(most=NOTE_LENGTH)])
    seen = HiddenField()
    """Which answer was the last one when the form was loaded."""

    def translate(self, offered: Sequence[Authority]) -> "AnswerForm":
        self.offered: Mapping[str, Authority] = {str(authority.id): authority for authority in offered}
        self.code.label.text = gettext("What is decided?")
        self.code.choices = [(code.value, gettext(label)) for code, label in CODE_LABELS.items()]
        self.refusal.label.text = gettext("Why is it declined?")
        refusals = ((refusal.value, gettext(label)) for refusal, label in REFUSAL_LABELS.items())
        self.refusal.choices = [("", gettext("It is not declined")), *refusals]
        self.until.label.text = gettext("When is it looked at again?")
        self.until.description = gettext("Only when you decide “not now”.")
        self.text.label.text = gettext("The answer, with its reason")
        self.text.description = gettext("Everybody who took part gets the whole text, and it stays public.")
        self.authority.label.text = gettext("Responsible authority")
        self.authority.choices = authority_choices(offered, gettext("Please choose"))
        label_promise(self)
        return self

    @property
    def help_of(self) -> dict[str, str]:
        """What each decision means for what follows."""
        return {code.value: gettext(sentence) for code, sentence in CODE_HELP.items()}

    @property
    def decision(self) -> Decision:
        """Of a form that was validated."""
        code = Code(self.code.data)
        refusal = Refusal(self.refusal.data) if code is Code.DECLINED and self.refusal.data else None
        until = self.until.data if code is Code.DEFERRED else None
        return Decision(code, self.text.data.strip(), self.offered[self.authority.data], refusal, until)

    @property
    def promise(self) -> Promise | None:
        if self.due_on.data is None:
            return None
        return Promise(self.owner.data.strip(), self.due_on.data, self.deliverable.data.strip())

    def overtaken(self, now_last: str, name: str) -> "AnswerForm":
        """Somebody else has answered meanwhile: say so, and let them decide with what they typed still there."""
        self.seen.data, self.seen.raw_data = now_last, [now_last]
        sentence = gettext(
            "%(name)s has answered this meanwhile, so yours is not published. Read that answer; what you typed is still here."
        )
        self.form_errors.append(sentence % {"name": name})
        return self
