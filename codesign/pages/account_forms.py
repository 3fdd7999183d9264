"""The forms of accounts."""

from wtforms import EmailField, PasswordField, SelectField, StringField

from codesign.core.users import NAME_LENGTH, check_strength, normal_email
from codesign.i18n import LANGUAGES
from codesign.i18n import gettext as _
from codesign.web.forms import TownForm, length, one_of_choices, required, verb


class SignUpForm(TownForm):
    name = StringField(validators=[required(), length(2, NAME_LENGTH)])
    email = EmailField(validators=[required(), verb(normal_email)])
    password = PasswordField(validators=[required()])

    def translate(self) -> "SignUpForm":
        self.name.label.text = _("Your name")
        self.name.description = _("It stands beside what you write.")
        self.email.label.text = _("E-mail address")
        self.email.description = _("Nobody sees it. We send a link to it to make sure that it is yours.")
        self.password.label.text = _("Password")
        self.password.description = _("At least 10 characters. Three or four unrelated words are easy to remember.")
        return self

    def validate_password(self, field: PasswordField) -> None:
        verb(lambda text: check_strength(text, self.email.data or "", self.name.data or ""))(self, field)


class SignInForm(TownForm):
    email = EmailField(validators=[required()])
    password = PasswordField(validators=[required()])

    def translate(self) -> "SignInForm":
        self.email.label.text = _("E-mail address")
        self.password.label.text = _("Password")
        return self


class ConfirmForm(TownForm):
    password = PasswordField(validators=[required()])

    def translate(self) -> "ConfirmForm":
        self.password.label.text = _("Password")
        self.password.description = _("The one you chose when you signed up. This browser does not remember it.")
        return self


class ForgottenForm(TownForm):
    email = EmailField(validators=[required(), verb(normal_email)])

    def translate(self) -> "ForgottenForm":
        self.email.label.text = _("E-mail address")
        return self


class PasswordForm(TownForm):
    password = PasswordField(validators=[required(), verb(check_strength)])

    def translate(self) -> "PasswordForm":
        self.password.label.text = _("New password")
        self.password.description = _("At least 10 characters. Three or four unrelated words are easy to remember.")
        return self


class ChangePasswordForm(TownForm):
    current = PasswordField(validators=[required()])
    password = PasswordField(validators=[required(), verb(check_strength)])

    def translate(self) -> "ChangePasswordForm":
        self.current.label.text = _("Present password")
        self.password.label.text = _("New password")
        self.password.description = _("At least 10 characters. Three or four unrelated words are easy to remember.")
        return self


class ProfileForm(TownForm):
    name = StringField(validators=[required(), length(2, NAME_LENGTH)])
    locale = SelectField(validate_choice=False, validators=[one_of_choices])

    def translate(self, offered: list[str]) -> "ProfileForm":
        self.name.label.text = _("Your name")
        self.locale.label.text = _("Language of messages to you")
        self.locale.choices = [(code, LANGUAGES[code]) for code in offered]
        return self
