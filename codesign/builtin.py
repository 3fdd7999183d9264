"""What the core itself brings, through the same hooks as any plugin."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from codesign.core.comments import Comment, Standing
from codesign.core.contributions import Contribution
from codesign.core.follows import followers
from codesign.core.notices import Ground
from codesign.core.threads import Thread
from codesign.core.users import User
from codesign.hookspecs import hookimpl
from codesign.i18n import gettext as _
from codesign.i18n import mark
from codesign.permissions import administrators, anybody_signed_in, moderators, officials
from codesign.types import Audience, Kind, Link, Predicate

if TYPE_CHECKING:
    from codesign.events import Happening


@hookimpl
def kinds() -> list[Kind]:
    return [Kind("thread", Thread)]


@hookimpl
def permissions() -> Mapping[str, Predicate]:
    return {
        "contributions.vote": anybody_signed_in,
        "contributions.follow": anybody_signed_in,
        "contributions.report": anybody_signed_in,
        "comments.post": anybody_signed_in,
        "comments.vote": anybody_signed_in,
        "comments.edit": _unanswered_own_comment,
        "comments.remove": _own_comment,
        "threads.start": anybody_signed_in,
        "threads.edit": unanswered_own,
        "moderation.decide": moderators,
        "residents.verify": officials,
        "admin.enter": administrators,
        "admin.plugins": administrators,
        "admin.settings": administrators,
        "admin.topics": administrators,
        "admin.situations": administrators,
        "admin.areas": administrators,
        "admin.authorities": administrators,
        "admin.people": administrators,
        "admin.mail": administrators,
    }


@hookimpl
def timeline() -> Mapping[str, str]:
    return {
        "threads.started": mark("The story was published."),
        "threads.edited": mark("Its author changed the text."),
        "moderation.hide": mark("A moderator hid it."),
        "moderation.restore": mark("A moderator made it visible again."),
    }


@hookimpl
def links(slot: str, subject: Any, actor: User | None) -> list[Link]:
    if slot == "nav":
        return [
            Link(_("Topics"), "/topics/", "tag", weight=40),
            Link(_("Life situations"), "/situations/", "heart-handshake", weight=50),
        ]
    if slot == "account":
        offered = [
            (moderators, Link(_("Moderation"), "/moderation/", "shield")),
            (officials, Link(_("Verify residents"), "/residents/", "user")),
            (administrators, Link(_("Administration"), "/admin/", "settings")),
        ]
        return [link for may, link in offered if may(actor, None, datetime.max)]
    if slot == "admin":
        return _administration()
    if slot == "comment":
        return [*_own_comment_links(subject, actor), *_hide_link(f"comment:{subject.id}", actor)]
    if slot == "contribution":
        return _contribution_links(subject, actor)
    return []


def _administration() -> list[Link]:
    return [
        Link(_("Ways to take part"), "/admin/plugins", "puzzle", weight=10),
        Link(_("Name, colour and languages"), "/admin/settings", "settings", weight=20),
        Link(_("Topics"), "/admin/topics", "tag", weight=30),
        Link(_("Life situations"), "/admin/situations", "heart-handshake", weight=40),
        Link(_("Areas"), "/admin/areas", "map-pin", weight=45),
        Link(_("Authorities"), "/admin/authorities", "landmark", weight=47),
        Link(_("People and roles"), "/admin/people", "users", weight=50),
        Link(_("Mail"), "/admin/mail", "mail", weight=60),
    ]


def _hide_link(target: str, actor: User | None) -> list[Link]:
    return [Link(_("Hide"), f"/moderation/hide/{target}", "eye-off")] if moderators(actor, None, datetime.max) else []


def _contribution_links(thing: Contribution, actor: User | None) -> list[Link]:
    edit = (
        [Link(_("Edit"), f"{thing.url}/edit", "pencil")] if thing.kind == "thread" and _may_edit(actor, thing) else []
    )
    return [*edit, *_hide_link(f"contribution:{thing.id}", actor)]


def _may_edit(actor: User | None, thing: Contribution) -> bool:
    return unanswered_own(actor, thing, datetime.max)


def _own_comment_links(comment: Any, actor: User | None) -> list[Link]:
    if not _is_author(actor, comment):
        return []
    untouched = comment.reply_count == comment.agree_count == comment.disagree_count == 0
    edit = [Link(_("Edit"), f"/comments/{comment.id}/edit")] if untouched else []
    return [*edit, Link(_("Remove"), f"/comments/{comment.id}/remove")]


@hookimpl
def audience(happening: "Happening") -> list[Audience]:
    """Whoever wrote what a moderator hid is told why; whoever follows a topic or situation hears of what is new there."""
    if happening.name.endswith(".started"):
        return _followers_of_place(happening.thing)
    if happening.name == "comments.posted":
        return _of_a_comment(happening)
    if happening.name != "moderation.hide":
        return []
    event = happening.event
    author = select(Contribution.author_id).where(Contribution.id == event.contribution_id)
    if event.comment_id is not None:
        author = select(Comment.author_id).where(Comment.id == event.comment_id)
    return [Audience(author, mark("You wrote it."), "moderation/mail/hidden", Ground.AUTHOR, at_once=True)]


def _of_a_comment(happening: "Happening") -> list[Audience]:
    """Whoever is replied to, whoever wrote the contribution, and who follows it: told once until they have read it."""
    parent = select(Comment.parent_id).where(Comment.id == happening.event.comment_id).scalar_subquery()
    thing, letter = happening.thing.id, "comments/mail/posted"
    return [
        Audience(
            select(Comment.author_id).where(Comment.id == parent), mark("It replies to you."), letter, Ground.AUTHOR
        ),
        Audience(
            select(Contribution.author_id).where(Contribution.id == thing), mark("You wrote it."), letter,
            Ground.AUTHOR, folded=True,
        ),
        Audience(followers("contribution", thing), mark("You follow it."), letter, Ground.ITEM, folded=True),
    ]  # fmt: skip


def _followers_of_place(thing: Contribution) -> list[Audience]:
    places = [("topic", thing.topic_id, mark("You follow this topic."))]
    places += [("situation", thing.situation_id, mark("You follow this life situation."))]
    template = "contributions/mail/started"
    return [Audience(followers(name, id), reason, template, Ground.PLACE) for name, id, reason in places if id]


def unanswered_own(actor: User | None, thing: Contribution, now: datetime) -> bool:
    """Its author may still change it, while nobody has commented or voted."""
    untouched = thing.comment_count == thing.agree_count == thing.disagree_count == 0
    return anybody_signed_in(actor, thing, now) and _is_author(actor, thing) and not thing.hidden and untouched


def _unanswered_own_comment(actor: User | None, comment: Comment, now: datetime) -> bool:
    untouched = comment.reply_count == comment.agree_count == comment.disagree_count == 0
    return _own_comment(actor, comment, now) and untouched


def _own_comment(actor: User | None, comment: Comment, now: datetime) -> bool:
    return _is_author(actor, comment) and comment.standing is Standing.VISIBLE


def _is_author(actor: User | None, thing: Any) -> bool:
    return actor is not None and actor.id == thing.author_id
