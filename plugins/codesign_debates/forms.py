"""The forms of debates."""

from datetime import date

from wtforms import DateField, Field, Form, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import StopValidation

from codesign.core.contributions import TEXT_LENGTH, TITLE_LENGTHS
from codesign.core.topics import Topic
from codesign.kit import TownForm, gettext, length, one_of_choices, optional, required

YEARS = range(2000, 2200)


class DebateForm(TownForm):
    title = StringField(validators=[required(), length(*TITLE_LENGTHS)])
    text = TextAreaField(validators=[required(), length(20, TEXT_LENGTH)])
    topic = SelectField(validate_choice=False, validators=[optional(), one_of_choices])

    def translate(self, offered: list[Topic]) -> "DebateForm":
        self.title.label.text = gettext("The question, in one line")
        self.title.description = gettext("For example: Should the market move to Saturday?")
        self.text.label.text = gettext("What is it about?")
        self.text.description = gettext("Say what you know, what you think, and what you want to hear from others.")
        self.topic.label.text = gettext("Topic")
        self.topic.choices = [("", gettext("No topic")), *((str(topic.id), topic.title) for topic in offered)]
        return self

    @property
    def topic_id(self) -> int | None:
        return int(self.topic.data) if self.topic.data else None


def possible_day(form: Form, field: Field) -> None:
    """A day as calendars and every time zone know it; also says in the reader's language that it is none."""
    if field.process_errors or (field.data and field.data.year not in YEARS):
        field.errors = []
        raise StopValidation(gettext("This value is not possible here."))


class StartForm(DebateForm):
    opens_on = DateField(validators=[optional(), possible_day])
    closes_on = DateField(validators=[optional(), possible_day])

    def translate(self, offered: list[Topic], today: date | None = None) -> "StartForm":
        """`today` in the town's zone is the day a debate opens when no other is given."""
        super().translate(offered)
        self.today = today
        self.opens_on.label.text = gettext("Opens on")
        self.opens_on.description = gettext("Leave it empty to open at once.")
        self.closes_on.label.text = gettext("Last day")
        self.closes_on.description = gettext("Leave it empty to keep it open until you close it.")
        return self

    def validate_closes_on(self, field: Field) -> None:
        opening = self.opens_on.data or self.today
        if field.data and opening and field.data < opening:
            raise ValidationError(gettext("The last day is before the day it opens. Choose a later one."))


class CloseForm(TownForm):
    conclusion = TextAreaField(validators=[required(), length(20, TEXT_LENGTH)])

    def translate(self) -> "CloseForm":
        self.conclusion.label.text = gettext("What came of this debate?")
        self.conclusion.description = gettext(
            "Sum up fairly, and say what happens next. It stays at the top of the page."
        )
        return self
