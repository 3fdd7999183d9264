"""What a town decides about its deadlines. Title and description are what the form shows, so they are translated."""

from pydantic import BaseModel, Field

from codesign.kit import mark as _


class FeedbackSettings(BaseModel):
    answer_days: int = Field(30, ge=1, le=90, title=_("Days until the official answer"))
    extension_days: int = Field(
        30, ge=1, le=90, title=_("Days that an extension adds"),
        description=_("Once, with a reason that everybody can read."),
    )  # fmt: skip
    transfer_days: int = Field(3, ge=1, le=30, title=_("Working days until it is clear who is responsible"))
    complete_days: int = Field(30, ge=1, le=90, title=_("Days for an author to add what is missing"))
    commit_days: int = Field(30, ge=1, le=90, title=_("Days from a yes to who will do what by when"))
    progress_days: int = Field(30, ge=1, le=180, title=_("Days between news of the work"))
    ask_after_days: int = Field(28, ge=0, le=180, title=_("Days from delivery to the question: is it done?"))
    reply_days: int = Field(
        28,
        ge=1,
        le=180,
        title=_("Days to say whether it is done"),
        description=_("Asked once more when too few replied."),
    )
    verified_percent: int = Field(60, ge=51, le=100, title=_("Percent of replies that must say: it is done"))
    fewest_replies: int = Field(
        3, ge=1, le=100, title=_("Replies that are needed"), description=_("Or everybody, when fewer were asked.")
    )
    dispute_days: int = Field(14, ge=1, le=90, title=_("Days to answer those who say it is not done"))
    appeal_days: int = Field(30, ge=1, le=180, title=_("Days to appeal against a refusal"))
    appeal_answer_days: int = Field(15, ge=1, le=60, title=_("Working days to decide an appeal"))
    close_days: int = Field(14, ge=1, le=90, title=_("Days until something verified is closed"))
    reopen_months: int = Field(12, ge=0, le=60, title=_("Months in which it can be opened again"))
    reopen_people: int = Field(
        3, ge=1, le=100, title=_("People who must ask to open it again"), description=_("Its author alone suffices.")
    )
    moderation_days: int = Field(2, ge=1, le=30, title=_("Working days until moderators decide about a report"))
    reminder_hour: int = Field(9, ge=0, le=23, title=_("Hour of reminders"), description=_("In the town's time."))
