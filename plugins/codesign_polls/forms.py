"""The forms with which a poll is prepared: a form a page."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import (
    BooleanField,
    DateField,
    Field,
    Form,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import StopValidation

from codesign.core.contributions import TEXT_LENGTH, TITLE_LENGTHS
from codesign.core.files import ALT_LENGTH
from codesign.core.topics import Topic
from codesign.kit import TownForm, UploadField, gettext, length, one_of_choices, optional, required
from codesign_polls.definition import RULES, Method, Question
from codesign_polls.papers import Paper
from codesign_polls.questions import OPTION_LENGTH
from codesign_polls.wording import METHODS, method_title, rule_sentence, rule_title

YEARS = range(2000, 2200)
QUESTION_LENGTHS = (2, 300)
EXPLANATION_LENGTH = 5_000
LINES_LENGTH = 200_000
BIGGEST = 10_000


def whole(least: int, most: int) -> Any:
    """A whole number between these two; says so in the reader's language."""

    def check(form: Form, field: Field) -> None:
        if field.process_errors or field.data is None or not least <= field.data <= most:
            field.errors = []
            sentence = gettext("Write a whole number from %(least)s to %(most)s.")
            raise StopValidation(sentence % {"least": least, "most": most})

    return check


def known_moment(form: Form, field: Field) -> None:
    """A day or a time of day; says in the reader's language that it is none."""
    year = getattr(field.data, "year", YEARS.start)
    if field.process_errors or year not in YEARS:
        field.errors = []
        raise StopValidation(gettext("This value is not possible here."))


def time_on(day: str) -> Any:
    """The time of day that belongs to the day in another field: both are there, or neither."""

    def check(form: Form, field: Field) -> None:
        if not field.raw_data or not str(field.raw_data[0]).strip():
            field.errors, field.data = [], None
            raise StopValidation(gettext("Say at which time of that day.") if form[day].data else None)
        known_moment(form, field)
        if not form[day].data and not form[day].errors:
            raise StopValidation(gettext("Say on which day."))

    return check


class AboutForm(TownForm):
    title = StringField(validators=[required(), length(*TITLE_LENGTHS)])
    text = TextAreaField(validators=[required(), length(20, TEXT_LENGTH)])
    topic = SelectField(validate_choice=False, validators=[optional(), one_of_choices])

    def translate(self, offered: list[Topic]) -> "AboutForm":
        self.title.label.text = gettext("Title of the poll")
        self.title.description = gettext("For example: The future of the old brewery")
        self.text.label.text = gettext("What is it about?")
        self.text.description = gettext("Say what is decided, why now, and what happens with the result.")
        self.topic.label.text = gettext("Topic")
        self.topic.choices = [("", gettext("No topic")), *((str(topic.id), topic.title) for topic in offered)]
        return self

    def values(self) -> dict[str, Any]:
        topic = int(self.topic.data) if self.topic.data else None
        return {"title": self.title.data.strip(), "text": self.text.data.strip(), "topic_id": topic}


class QuestionForm(TownForm):
    title = StringField(validators=[required(), length(*QUESTION_LENGTHS)])
    text = TextAreaField(validators=[length(most=TEXT_LENGTH)])
    method = RadioField(validate_choice=False, validators=[required(), one_of_choices])

    def translate(self) -> "QuestionForm":
        self.title.label.text = gettext("The question")
        self.title.description = gettext("As it stands on the ballot paper.")
        self.text.label.text = gettext("Explanation")
        self.method.label.text = gettext("How do people answer?")
        self.method.choices = [
            (method.value, f"{method_title(method)}: {gettext(told)}") for method, (_title, told) in METHODS.items()
        ]
        return self

    @property
    def words(self) -> tuple[str, str, Method]:
        return self.title.data.strip(), (self.text.data or "").strip(), Method(self.method.data)


class NewQuestionForm(QuestionForm):
    options = TextAreaField(validators=[length(most=LINES_LENGTH)])

    def translate(self) -> "NewQuestionForm":
        super().translate()
        self.options.label.text = gettext("Options")
        self.options.description = gettext(
            "One on each line. Leave it empty for yes or no and for written answers. Pictures and explanations come later."
        )
        return self


class EditQuestionForm(QuestionForm):
    rule = RadioField(validate_choice=False, validators=[required(), one_of_choices])
    least = IntegerField(validators=[optional(), whole(0, BIGGEST)])
    most = IntegerField(validators=[optional(), whole(0, BIGGEST)])

    def translate_for(self, question: Question) -> "EditQuestionForm":
        """Only what fits the method of the question is asked."""
        super().translate()
        self.rule.label.text = gettext("How is it counted?")
        self.rule.choices = [(rule, f"{rule_title(rule)}: {rule_sentence(rule)}") for rule in RULES[question.method]]
        if len(self.rule.choices) < 2:
            del self.rule
        if question.method is Method.POINTS:
            self.most.label.text = gettext("How many points does each person have?")
            self.most.validators = [whole(1, BIGGEST)]
            self.least.label.text = gettext("How many must be given at least?")
        elif question.method in (Method.MULTIPLE, Method.RANKED):
            self.least.label.text = gettext("How many options at least?")
            self.most.label.text = gettext("How many options at most?")
            self.most.description = gettext("Leave it empty for all.")
        else:
            del self.least, self.most
        return self

    def limits(self) -> dict[str, int]:
        return {name: self[name].data or 0 for name in ("least", "most") if name in self}


def edit_form(question: Question, data: Any = None) -> EditQuestionForm:
    present = {
        "title": question.title,
        "text": question.text,
        "method": question.method.value,
        "rule": question.rule,
        "least": question.least or None,
        "most": question.most or None,
    }
    return EditQuestionForm(data, data=present).translate_for(question)


class OptionsForm(TownForm):
    options = TextAreaField(validators=[required(), length(most=LINES_LENGTH)])

    def translate(self) -> "OptionsForm":
        self.options.label.text = gettext("Add options")
        self.options.description = gettext("One on each line.")
        return self


class OptionForm(TownForm):
    title = StringField(validators=[required(), length(1, OPTION_LENGTH)])
    text = TextAreaField(validators=[length(most=EXPLANATION_LENGTH)])
    picture = UploadField(only="picture")
    alt = StringField(validators=[length(most=ALT_LENGTH)])
    take_away = BooleanField()

    def translate(self, pictured: bool) -> "OptionForm":
        """`pictured`: whether the option has a picture now."""
        self.title.label.text = gettext("The option")
        self.text.label.text = gettext("Explanation")
        self.picture.label.text = gettext("Another picture") if pictured else gettext("Picture")
        self.alt.label.text = gettext("What the picture shows")
        self.alt.description = gettext("For those who cannot see it.")
        self.take_away.label.text = gettext("Take the picture away")
        if not pictured:
            del self.take_away
        return self


class WhenForm(TownForm):
    opens_on = DateField(validators=[optional(), known_moment])
    opens_time = TimeField(validators=[time_on("opens_on")])
    closes_on = DateField(validators=[optional(), known_moment])
    closes_time = TimeField(validators=[time_on("closes_on")])

    def translate(self, published: bool) -> "WhenForm":
        self.opens_on.label.text = gettext("Voting opens on")
        self.opens_on.description = "" if published else gettext("Leave it empty to open as soon as it is published.")
        self.opens_time.label.text = gettext("Opens at")
        self.closes_on.label.text = gettext("Voting closes on")
        self.closes_time.label.text = gettext("Closes at")
        self.closes_time.description = gettext("A ballot that comes at this moment comes too late.")
        return self

    def values(self, zone: str) -> dict[str, datetime | None]:
        """Days and times as people mean them in the town's zone."""
        return {name: self._moment(name, zone) if self[f"{name}_on"].data else None for name in ("opens", "closes")}

    def _moment(self, name: str, zone: str) -> datetime:
        day, time = self[f"{name}_on"].data, self[f"{name}_time"].data
        return datetime.combine(day, time, ZoneInfo(zone)).astimezone(UTC)


def when_form(paper: Paper, zone: str, published: bool, data: Any = None) -> WhenForm:
    present: dict[str, Any] = {}
    for name, moment in (("opens", paper.opens_at), ("closes", paper.closes_at)):
        if moment is not None:
            local = moment.astimezone(ZoneInfo(zone))
            present |= {f"{name}_on": local.date(), f"{name}_time": local.time().replace(second=0, microsecond=0)}
    return WhenForm(data, data=present).translate(published)
