"""A form made from a pydantic model of settings: each field of a simple type becomes an input."""

import types
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from wtforms import BooleanField, Field, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from codesign.i18n import LANGUAGES
from codesign.i18n import gettext as _
from codesign.web.forms import TownForm, Typed


class SettingsForm(TownForm):
    """The base; `settings_form` adds the fields. `values()` is what the model accepted, ready for JSON."""

    def check(self, model: type[BaseModel]) -> None:
        self._model = model

    def values(self) -> dict[str, Any]:
        return self._model.model_validate(self.data).model_dump(mode="json")

    def validate(self, extra_validators: Any = None) -> bool:
        """WTForms first, then the model; what the model refuses is said beside its field."""
        if not super().validate(extra_validators):
            for field in self:
                if field.process_errors:  # WTForms says it in English only
                    field.errors = [_("This value is not possible here.")]
            return False
        try:
            self._model.model_validate(self.data)
        except ValidationError as error:
            for problem in error.errors():
                field = self[str(problem["loc"][0])]
                field.errors = [*field.errors, _("This value is not possible here.")]
            return False
        return True


class Switches(SelectMultipleField):
    """Several of a few choices, as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def settings_form(model: type[BaseModel], present: BaseModel, data: Typed | None = None) -> SettingsForm:
    fields = {name: _field(info.annotation) for name, info in model.model_fields.items()}
    form_class = type("Settings", (SettingsForm,), fields)
    form: SettingsForm = form_class(data, data=present.model_dump(mode="json"))
    form.check(model)
    for name, info in model.model_fields.items():
        form[name].label.text = _(info.title) if info.title else name
        form[name].description = _(info.description) if info.description else ""
    return form


def _field(annotation: Any) -> Field:
    kind = get_origin(annotation)
    if kind is Literal:
        return SelectField(choices=_choices(annotation), validate_choice=False)
    if kind is list:
        return Switches(choices=_choices(get_args(annotation)[0]), validate_choice=False)
    if kind in (Union, types.UnionType):
        return _field(next(part for part in get_args(annotation) if part is not type(None)))
    simple: dict[Any, Any] = {bool: BooleanField, int: IntegerField}
    return simple.get(annotation, StringField)()


def _choices(literal: Any) -> dict[str, str]:
    return {str(option): LANGUAGES.get(option) or _(str(option)) for option in get_args(literal)}
