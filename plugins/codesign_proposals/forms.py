"""The forms of proposals: writing one, changing one, withdrawing one."""

from collections.abc import Sequence

from wtforms import (
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)

from codesign.core.areas import Area
from codesign.core.contributions import TEXT_LENGTH, TITLE_LENGTHS
from codesign.core.files import ALT_LENGTH, MOST_DOCUMENTS, Addressed
from codesign.core.topics import Topic, slug_of
from codesign.kit import TownForm, UploadField, gettext, length, mark, one_of_choices, optional, required
from codesign_proposals.proposals import Withdrawal
from codesign_proposals.written import Enclosed, Written

TEXT_LEAST = 20
MOST_TAGS = 6
TAG_LENGTHS = (2, 40)
REASON_LABELS = {
    Withdrawal.DUPLICATED: mark("There is another proposal like it"),
    Withdrawal.STARTED: mark("It is being done already"),
    Withdrawal.UNFEASIBLE: mark("It turned out to be impossible"),
    Withdrawal.DONE: mark("It is done"),
    Withdrawal.OTHER: mark("Another reason"),
}


class WordsForm(TownForm):
    """What can still be changed when somebody has supported a proposal."""

    title = StringField(validators=[required(), length(*TITLE_LENGTHS)])
    text = TextAreaField(validators=[required(), length(TEXT_LEAST, TEXT_LENGTH)])
    loaded = HiddenField()
    """The stamp of what the form was loaded with."""

    def translate(self, topics: Sequence[Topic] = (), areas: Sequence[Area] = ()) -> "WordsForm":
        self.title.label.text = gettext("Your proposal, in one line")
        self.title.description = gettext("For example: A roof for the bus stop at the market")
        self.text.label.text = gettext("What should be done, and why?")
        self.text.description = gettext("Say what is wrong now, what would help, and whom it would help.")
        return self

    def overtaken(self, stamp: str) -> "WordsForm":
        """Somebody was quicker: what was typed is shown again, and sent once more it takes the other's place."""
        self.form_errors.append(
            gettext("This was changed meanwhile, perhaps in another window. What you typed is below, not yet saved.")
        )
        self.loaded.data = stamp
        return self

    def written(self, present: Written | None = None) -> Written:
        """`present` is what the fields leave alone that this form does not have."""
        title, text = self.title.data.strip(), self.text.data.strip()
        return (
            Written(title, text, present.topic_id, present.area_id, present.tags) if present else Written(title, text)
        )


class ProposalForm(WordsForm):
    topic = SelectField(validate_choice=False, validators=[optional(), one_of_choices])
    area = SelectField(validate_choice=False, validators=[optional(), one_of_choices])
    tags = StringField(validators=[optional()])
    picture = UploadField("picture")
    alt = StringField(validators=[length(0, ALT_LENGTH)])
    documents = UploadField("document", most=MOST_DOCUMENTS)
    drop = SelectMultipleField(validate_choice=False)
    """Ids of files to be taken away."""
    files: Sequence[Addressed] = ()
    """Those there are already."""

    def translate(self, topics: Sequence[Topic] = (), areas: Sequence[Area] = ()) -> "ProposalForm":
        super().translate()
        self.topic.label.text = gettext("Topic")
        self.topic.choices = [("", gettext("No topic")), *((str(topic.id), topic.title) for topic in topics)]
        self.area.label.text = gettext("Area")
        self.area.choices = [("", gettext("The whole town")), *((str(area.id), area.title) for area in areas)]
        self.tags.label.text = gettext("Tags")
        self.tags.description = gettext(
            "Up to %(most)s words that others may search for, with commas between them."
        ) % {"most": MOST_TAGS}
        self.picture.label.text = gettext("Picture")
        self.picture.description = gettext("JPEG, PNG, WebP, GIF or AVIF. Where it was taken is not kept.")
        self.alt.label.text = gettext("What does the picture show?")
        self.alt.description = gettext("In a few words, for people who cannot see it.")
        self.documents.label.text = gettext("Documents")
        self.documents.description = gettext("Up to %(most)s: PDF, ODT, DOCX, ODS, XLSX or TXT, 3 MB each.") % {
            "most": MOST_DOCUMENTS
        }
        self.drop.label.text = gettext("Take away")
        return self

    def holding(self, files: Sequence[Addressed]) -> "ProposalForm":
        """Say which files there are already, so that they can be taken away."""
        self.files = files
        self.drop.choices = [(str(file.id), file.name) for file in files]
        return self

    def written(self, present: Written | None = None) -> Written:
        topic_id, area_id = (int(field.data) if field.data else None for field in (self.topic, self.area))
        words = super().written()
        return Written(words.title, words.text, topic_id, area_id, tuple(tags_in(self.tags.data or "")))

    def enclosed(self) -> Enclosed:
        picture = self.picture.data[0] if self.picture.data else None
        return Enclosed(picture, (self.alt.data or "").strip(), tuple(self.documents.data), frozenset(self._dropped()))

    def _dropped(self) -> set[int]:
        asked = set(self.drop.data or ())
        return {file.id for file in self.files if str(file.id) in asked}

    def _kept(self, picture: bool) -> list[Addressed]:
        dropped = self._dropped()
        return [file for file in self.files if file.is_picture is picture and file.id not in dropped]

    def validate_tags(self, field: Field) -> None:
        names = tags_in(field.data or "")
        if len(names) > MOST_TAGS:
            sentence = gettext("These are %(count)s tags; at most %(most)s are possible.")
            raise ValidationError(sentence % {"count": len(names), "most": MOST_TAGS})
        least, most = TAG_LENGTHS
        for name in names:
            if not least <= len(name) <= most or not any(sign.isalnum() for sign in name):
                sentence = gettext("A tag is a word or two, with %(least)s to %(most)s characters: “%(tag)s” is not.")
                raise ValidationError(sentence % {"least": least, "most": most, "tag": name[:most]})

    def validate_alt(self, field: Field) -> None:
        if (self.picture.data or self._kept(picture=True)) and not any(map(str.isalnum, field.data or "")):
            raise ValidationError(gettext("Say in a few words what the picture shows."))

    def validate_documents(self, field: Field) -> None:
        if len(field.data) + len(self._kept(picture=False)) > MOST_DOCUMENTS:
            sentence = gettext("At most %(most)s documents are possible here. Take one away before you add another.")
            raise ValidationError(sentence % {"most": MOST_DOCUMENTS})


def tags_in(text: str) -> list[str]:
    """The tags of a line with commas, without doubles."""
    found: dict[str, str] = {}
    for name in (" ".join(part.split()) for part in text.replace(";", ",").replace("\n", ",").split(",")):
        if name:
            found.setdefault(slug_of(name), name)
    return list(found.values())


class WithdrawForm(TownForm):
    reason = RadioField(validate_choice=False, validators=[one_of_choices])
    text = TextAreaField(validators=[length(0, 2000)])

    def translate(self) -> "WithdrawForm":
        self.reason.label.text = gettext("Why do you withdraw it?")
        self.reason.choices = [(reason.value, gettext(label)) for reason, label in REASON_LABELS.items()]
        self.text.label.text = gettext("What should those who support it know?")
        return self

    def validate_text(self, field: Field) -> None:
        if self.reason.data == Withdrawal.OTHER.value and not (field.data or "").strip():
            raise ValidationError(gettext("Please say in your own words why."))
