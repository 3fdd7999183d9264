"""The forms of residents: say what is missing, appeal, ask to open again, add what was asked for, look up a receipt."""

from wtforms import StringField, TextAreaField

from codesign.kit import TownForm, gettext, length, optional, required
from codesign_feedback.asking import COMMENT_LENGTH

LEAST = 10
MOST = 4000
CODE_LENGTH = 40


class WordsForm(TownForm):
    """A text with a question above it."""

    text = TextAreaField(validators=[required(), length(LEAST, MOST)])

    def translate(self, label: str, help: str) -> "WordsForm":
        self.text.label.text, self.text.description = label, help
        return self


class ReplyForm(TownForm):
    text = TextAreaField(validators=[optional(), length(0, COMMENT_LENGTH)])

    def translate(self) -> "ReplyForm":
        self.text.label.text = gettext("What is missing, or what is good?")
        self.text.description = gettext("The officials read it. It is not published.")
        return self


class ReceiptForm(TownForm):
    code = StringField(validators=[required(), length(0, CODE_LENGTH)])

    def translate(self) -> "ReceiptForm":
        self.code.label.text = gettext("The code of your receipt")
        self.code.description = gettext(
            "12 letters and digits, like 7KQM-2XHD-9PLA. Dashes and small letters do not matter."
        )
        return self
