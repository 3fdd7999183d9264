"""The forms of officials, but for the answer itself: who has it in hand, reasons, promises, evidence, receipts."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from wtforms import DateField, Field, Form, RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import StopValidation

from codesign.core.authorities import Authority
from codesign.core.files import ALT_LENGTH
from codesign.core.users import User
from codesign.kit import TownForm, UploadField, gettext, length, mark, one_of_choices, optional, required
from codesign_feedback.receipts import LABEL_LENGTH
from codesign_feedback.words import MISSING

YEARS = range(2000, 2200)
LINE = 200
"""Characters of a promise's owner and link text."""
NOTE_LENGTH = 5000
LINK_LENGTH = 1000
NO_DAY = mark("Please give a day, like 2026-09-30.")


def given(name: str) -> Any:
    """The field must be filled in; the sentence is that of the step which needs it."""

    def check(form: Form, field: Field) -> None:
        if field.data is None or not str(field.data).strip():
            field.errors = []
            raise StopValidation(gettext(MISSING[name]))

    check.field_flags = {"required": True}  # type: ignore[attr-defined]
    return check


def a_day(form: Form, field: Field) -> None:
    """Says in the reader's language that something is no day, or none that every calendar knows."""
    if field.process_errors or (field.data and field.data.year not in YEARS):
        field.errors = []
        raise StopValidation(gettext(NO_DAY))


def a_link(form: Form, field: Field) -> None:
    """Only addresses of the web: a link must not run anything."""
    found = (field.data or "").strip()
    try:
        parts = urlsplit(found)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and not set(found) & set(' "<>\\')
    except ValueError:
        fine = False
    if found and not (fine and found.isprintable()):
        raise ValidationError(gettext("This is no address of a page. It begins with https://."))


def one_of_these(form: Form, field: Field) -> None:
    """Of radio buttons one must be chosen."""
    one_of_choices(form, field)


one_of_these.field_flags = {"required": True}  # type: ignore[attr-defined]


def authority_choices(offered: Sequence[Authority], empty: str) -> list[tuple[str, str]]:
    return [("", empty), *((str(authority.id), authority.title) for authority in offered)]


class AssignForm(TownForm):
    authority = SelectField(validate_choice=False, validators=[given("authority"), one_of_choices])
    owner = SelectField(validate_choice=False, validators=[optional(), one_of_choices])

    def translate(self, offered: Sequence[Authority], officials: Sequence[User]) -> "AssignForm":
        self.authority.label.text = gettext("Responsible authority")
        self.authority.choices = authority_choices(offered, gettext("Please choose"))
        self.owner.label.text = gettext("Who has it in hand")
        self.owner.description = gettext(
            "Reminders go to this person. Without one they go to everybody at the authority."
        )
        self.owner.choices = [("", gettext("Nobody in particular")), *((str(one.id), one.name) for one in officials)]
        return self


class TransferForm(TownForm):
    authority = SelectField(validate_choice=False, validators=[given("authority"), one_of_choices])
    text = TextAreaField(validators=[given("text"), length(most=NOTE_LENGTH)])

    def translate(self, offered: Sequence[Authority]) -> "TransferForm":
        self.authority.label.text = gettext("Hand it over to")
        self.authority.choices = authority_choices(offered, gettext("Please choose"))
        self.text.label.text = gettext("Why?")
        self.text.description = gettext("Everybody can read the reason. The time for the answer goes on.")
        return self


class TextForm(TownForm):
    text = TextAreaField(validators=[given("text"), length(most=NOTE_LENGTH)])

    def translate(self, label: str, help: str) -> "TextForm":
        self.text.label.text, self.text.description = gettext(label), gettext(help)
        return self


class NoteForm(TownForm):
    note = TextAreaField(validators=[required(), length(most=NOTE_LENGTH)])

    def translate(self) -> "NoteForm":
        self.note.label.text = gettext("Write a note")
        self.note.description = gettext("Only officials can read it.")
        return self


class AppealForm(TownForm):
    granted = RadioField(validate_choice=False, validators=[one_of_these])
    text = TextAreaField(validators=[given("text"), length(most=NOTE_LENGTH)])

    def translate(self) -> "AppealForm":
        self.granted.label.text = gettext("What do you decide?")
        self.granted.choices = [
            ("no", gettext("It stays declined, and is closed")),
            ("yes", gettext("It will be answered anew")),
        ]
        self.text.label.text = gettext("Your reason")
        self.text.description = gettext("Everybody who took part gets it at once.")
        return self


class CommitForm(TownForm):
    owner = StringField(validators=[given("owner"), length(most=LINE)])
    due_on = DateField(validators=[a_day, given("due_on")])
    deliverable = TextAreaField(validators=[given("deliverable"), length(most=NOTE_LENGTH)])

    def translate(self) -> "CommitForm":
        label_promise(self)
        return self


def label_promise(form: Any) -> None:
    """The three fields that a promise consists of, wherever they are asked for."""
    form.owner.label.text = gettext("Who will do it")
    form.owner.description = gettext("A person, an office or a firm, as residents know it.")
    form.due_on.label.text = gettext("By which day")
    form.deliverable.label.text = gettext("What will be there then")
    form.deliverable.description = gettext("Something that people can see: “A zebra crossing at the school”.")


class DeliverForm(TownForm):
    commitment = RadioField(validate_choice=False, validators=[one_of_these])
    on = DateField(validators=[a_day])
    text = TextAreaField(validators=[given("text"), length(most=NOTE_LENGTH)])
    link = StringField(validators=[length(most=LINK_LENGTH), a_link])
    picture = UploadField(only="picture")
    alt = StringField(validators=[length(most=ALT_LENGTH)])

    def translate(self, promises: Sequence[Any]) -> "DeliverForm":
        self.commitment.label.text = gettext("Which promise is kept?")
        self.commitment.choices = [(str(one.id), f"{one.deliverable} ({one.owner})") for one in promises]
        self.on.label.text = gettext("On which day was it done?")
        self.text.label.text = gettext("What shows that it is done?")
        self.text.description = gettext("Those who took part read this before they say whether it is done.")
        self.link.label.text = gettext("A page that shows it")
        self.picture.label.text = gettext("A picture that shows it")
        self.alt.label.text = gettext("What the picture shows")
        self.alt.description = gettext("For people who cannot see it.")
        return self

    def validate_on(self, field: Field) -> None:
        if field.data is None:
            raise StopValidation(gettext(NO_DAY))

    def validate_alt(self, field: Field) -> None:
        if self.picture.data and not (field.data or "").strip():
            raise ValidationError(gettext("Write what the picture shows, for people who cannot see it."))


class HandOutForm(TownForm):
    label = StringField(validators=[length(most=LABEL_LENGTH)])

    def translate(self) -> "HandOutForm":
        self.label.label.text = gettext("A word by which you know it again")
        self.label.description = gettext(
            "Only you see it. Write no name: “the lady with the stroller, Tuesday” is enough."
        )
        return self


class DayForm(TownForm):
    day = DateField(validators=[a_day])
    works = RadioField(validate_choice=False, validators=[one_of_these])
    title = StringField(validators=[required(), length(most=LINE)])

    def translate(self) -> "DayForm":
        self.day.label.text = gettext("Day")
        self.works.label.text = gettext("What is it?")
        self.works.choices = [
            ("no", gettext("A holiday: the town does not work")),
            ("yes", gettext("A working day, although it is a weekend")),
        ]
        self.title.label.text = gettext("Name of the day")
        self.title.description = gettext("For example: New Year")
        return self

    def validate_day(self, field: Field) -> None:
        if field.data is None:
            raise StopValidation(gettext(NO_DAY))
