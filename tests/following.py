"""Following by e-mail without an account, for tests: ask, confirm, and what is stored then."""

from sqlalchemy import func, select

from codesign.core.follows import Follow
from codesign.core.subscriptions import managing_token
from codesign.core.topics import create_topic
from codesign.core.users import User, user_by_email
from codesign.mail import Letter, read_message
from codesign.testing import Town

OLGA = "olga@elsewhere.example"
SITUATION = "/situations/i-am-expecting-a-child"
STORY = {"title": "The queue began at six", "text": "We came at six and went home at noon without a paper."}


def letters(town: Town) -> list[Letter]:
    return [read_message(path.parent, path.stem) for path in town.send_mail()]


def path_of(link: str) -> str:
    return link.removeprefix("http://alder.localhost")


def a_topic(town: Town, title: str = "Parks") -> str:
    """Where one asks to follow a new topic."""
    with town.write() as db:
        return f"/follow/topic/{create_topic(db, title).id}"


def follows(town: Town, email: str = OLGA) -> list[tuple[str, int]]:
    with town.read() as db:
        query = select(Follow.subject, Follow.subject_id).join(User).where(User.email == email)
        return [(row.subject, row.subject_id) for row in db.execute(query.order_by(Follow.subject, Follow.subject_id))]


def people(town: Town) -> int:
    with town.read() as db:
        return db.scalars(select(func.count()).select_from(User)).one()


def asked(town: Town, where: str, email: str = OLGA) -> str:
    """Ask, and return the path of the link in the letter that came last."""
    assert town.client().post(where, data={"email": email}).status_code == 200
    return path_of(letters(town)[-1].links[0])


def follower(town: Town, where: str, email: str = OLGA) -> None:
    """Somebody asked and confirmed."""
    assert town.client().post(asked(town, where, email)).status_code == 303


def managing(town: Town, email: str = OLGA) -> str:
    with town.read() as db:
        user = user_by_email(db, email)
        assert user is not None
        return "/follow/manage/" + managing_token(town.world.settings.secret, town.slug, user)
