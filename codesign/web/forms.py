"""Forms: WTForms on cleaned input, in the reader's language; what was typed is never lost."""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from starlette.datastructures import FormData
from starlette.requests import Request
from wtforms import Field, Form, ValidationError
from wtforms.validators import StopValidation

from codesign.core.files import Upload
from codesign.i18n import gettext as _
from codesign.markup import clean
from codesign.types import Invalid

Validator: TypeAlias = Callable[[Form, Field], None]


class Typed:
    """Form data as WTForms wants it: text without control characters; files in text fields count as nothing."""

    def __init__(self, data: FormData, uploads: Mapping[str, list[Upload]]) -> None:
        self.uploads = uploads
        """The files, by field: for an UploadField."""
        self.values: dict[str, list[str]] = {}
        for name, value in data.multi_items():
            self.values.setdefault(name, []).append(clean(value) if isinstance(value, str) else "")

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def __bool__(self) -> bool:
        return True

    def getlist(self, name: str) -> list[str]:
        return self.values.get(name, [])


def typed(request: Request) -> Typed:
    """What was sent. The session of the request has read it before its transaction began."""
    return Typed(request.state.form, request.state.uploads)


def value(request: Request, name: str) -> str:
    """One field of a form that is only a button or two."""
    return (typed(request).getlist(name) or [""])[0]


class TownForm(Form):
    """The base of every form. WTForms' own translations stay off: all messages are ours, in every language."""

    class Meta:
        locales = False

    def refuse(self, error: Invalid) -> None:
        """Show a verb's refusal beside the field it names, or else beside the first one."""
        named: Field = self[error.field] if error.field in self else next(iter(self))
        named.errors = [*named.errors, str(error)]


def required(message: str = "") -> Validator:
    """The field must hold more than spaces. WTForms marks it as required for the browser."""

    def check(form: Form, field: Field) -> None:
        # Letters, numbers, signs: zero-width characters alone would make a link that nobody sees.
        if not any(unicodedata.category(character)[0] in "LNPS" for character in field.data or ""):
            field.errors = []
            raise StopValidation(message or _("Please fill this in."))

    check.field_flags = {"required": True}  # type: ignore[attr-defined]
    return check


def optional() -> Validator:
    def check(form: Form, field: Field) -> None:
        if not field.raw_data or not str(field.raw_data[0]).strip():
            field.errors = []
            raise StopValidation()

    return check


def length(least: int = 0, most: int = 0) -> Validator:
    """So many characters after trimming; the message says how many there are."""

    def check(form: Form, field: Field) -> None:
        count = len((field.data or "").strip())
        if count < least:
            raise ValidationError(_("Write at least %(least)s characters.") % {"least": least})
        if most and count > most:
            sentence = _("This is %(count)s characters long; at most %(most)s are possible. Please shorten it.")
            raise ValidationError(sentence % {"count": count, "most": most})

    check.field_flags = {"maxlength": most} if most else {}  # type: ignore[attr-defined]
    return check


def verb(check_value: Callable[[str], Any]) -> Validator:
    """Let a verb of the domain decide: its Invalid becomes the field's error."""

    def check(form: Form, field: Field) -> None:
        try:
            check_value(field.data or "")
        except Invalid as error:
            raise ValidationError(str(error)) from error

    return check


def one_of_choices(form: Form, field: Field) -> None:
    """For select and radio fields with `validate_choice=False`, whose own message cannot be translated."""
    if str(field.data) not in {str(key) for key, *_rest in field.iter_choices()}:
        raise ValidationError(_("Please choose one of these."))
