"""Administration: what an administrator changes, readers see at their next request."""

from sqlalchemy import select

from codesign.core.settings import chosen
from codesign.core.topics import Topic
from codesign.core.users import Role
from codesign.outbox import Message, MessageState, post
from codesign.testing import Town
from tests.making import a_situation, neighbours

SETTINGS = {
    "title": "New Alder",
    "about": "A town of trees",
    "accent": "green",
    "locale": "en",
    "zone": "Europe/Tallinn",
}


def test_name_colour_and_languages_change_for_every_reader(alder: Town) -> None:
    maya, reader = alder.client("maya"), alder.client()
    assert maya.get("/admin/settings").status_code == 200
    form = {**SETTINGS, "other_locales": ["es", "et"]}
    assert maya.post("/admin/settings", data=form).headers["location"] == "/admin/settings"
    with alder.read() as db:
        town = chosen(db).town
    assert (town.title, town.accent, town.other_locales, town.zone) == (
        "New Alder",
        "green",
        ["es", "et"],
        "Europe/Tallinn",
    )
    page = reader.get("/").text
    assert [text for text in ("New Alder", "/language/es", "/language/et") if text not in page] == []
    assert "#2d5f2b" in reader.get("/favicon.svg").text


def test_settings_that_would_break_the_site_are_refused(alder: Town) -> None:
    for field, typed in [
        ("zone", "Mars/Phobos"),
        ("zone", "../../etc/passwd"),
        ("zone", ""),
        ("accent", "pink"),
        ("locale", "xx"),
        ("title", "x" * 81),
    ]:
        assert alder.client("maya").post("/admin/settings", data={**SETTINGS, field: typed}).status_code == 422
        assert "New Alder" not in alder.client().get("/topics/").text


def test_a_reader_switches_the_language_and_it_stays(alder: Town) -> None:
    alder.client("maya").post("/admin/settings", data={**SETTINGS, "other_locales": ["es"]})
    reader = alder.client()
    answer = reader.get("/language/es", params={"next": "/topics/"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/topics/")
    assert '<html lang="es"' in reader.get("/topics/").text
    assert '<html lang="en"' in alder.client().get("/topics/").text
    assert reader.get("/language/et").status_code == 404
    assert reader.get("/language/es", params={"next": "//evil.example"}).headers["location"] == "/"
    alder.client("maya").post("/admin/settings", data=SETTINGS)
    assert '<html lang="en"' in reader.get("/topics/").text


def test_topics_are_added_once_and_renamed(alder: Town) -> None:
    maya = alder.client("maya")
    assert maya.post("/admin/topics", data={"title": "Parks", "summary": "Trees"}).status_code == 303
    again = maya.post("/admin/topics", data={"title": "PARKS", "summary": ""})
    assert (again.status_code, "already a topic of this name" in again.text) == (422, True)
    assert "Trees" in maya.get("/admin/topics/parks").text
    assert maya.post("/admin/topics/parks", data={"title": "Green places", "summary": ""}).status_code == 303
    assert "Green places" in alder.client().get("/topics/parks").text
    assert maya.post("/admin/topics/parks", data={"title": " "}).status_code == 422
    assert maya.post("/admin/topics/none", data={"title": "Parks"}).status_code == 404
    with alder.read() as db:
        assert [topic.title for topic in db.scalars(select(Topic))] == ["Green places"]


def test_life_situations_are_added_and_described(alder: Town) -> None:
    maya = alder.client("maya")
    form = {"title": "Work is lost", "summary": "What to do", "text": "**First** call us", "icon": "briefcase"}
    assert maya.post("/admin/situations", data=form).status_code == 303
    assert maya.post("/admin/situations", data=form).status_code == 422
    assert "<strong>First</strong>" in alder.client().get("/situations/work-is-lost").text
    changed = {**form, "text": "<script>x</script>", "icon": "no-such-icon"}
    assert maya.post("/admin/situations/work-is-lost", data=changed).status_code == 303
    assert "<script>x" not in alder.client().get("/situations/work-is-lost").text
    assert maya.get("/admin/situations/work-is-lost").status_code == 200


def test_a_role_is_given_and_taken_and_the_last_administrator_stays(alder: Town) -> None:
    with alder.read() as db:
        anna, maya_id = alder.person(db, "anna").id, alder.person(db, "maya").id
    maya, client = alder.client("maya"), alder.client("anna")
    for role, sees in (("moderator", 200), ("resident", 403)):
        assert maya.post(f"/admin/people/{anna}/role", data={"role": role}).status_code == 303
        assert client.get("/moderation/").status_code == sees
    assert maya.post(f"/admin/people/{anna}/role", data={"role": "king"}).status_code == 422
    assert maya.post(f"/admin/people/{maya_id}/role", data={"role": "resident"}).status_code == 422
    assert maya.post("/admin/people/99999/role", data={"role": "resident"}).status_code == 404
    with alder.read() as db:
        assert [alder.person(db, name).role for name in ("anna", "maya")] == [Role.RESIDENT, Role.ADMINISTRATOR]


def test_people_are_listed_paged_and_found(alder: Town) -> None:
    neighbours(alder, 60)
    maya = alder.client("maya")
    first = maya.get("/admin/people").text
    more = next(part.partition('"')[0] for part in first.split('href="') if part.startswith("/admin/people?after="))
    second = maya.get(more).text
    counts = [sum(f"neighbour{n}@alder.example" in text for n in range(60)) for text in (first, second)]
    assert (counts[1] >= 10, "anna@alder.example" in second) == (True, True)
    found = maya.get("/admin/people", params={"q": "boris@"}).text
    assert ("boris@alder.example" in found, "chen@alder.example" in found) == (True, False)


def test_letters_that_failed_are_shown_and_sent_again(alder: Town) -> None:
    with alder.write() as db:
        message = post(db, "accounts/mail/known", "not an address", None, {"url": "/"}, alder.world.clock.now())
        message_id = message.id
    alder.send_mail()
    maya = alder.client("maya")
    assert "not an address" in maya.get("/admin/mail").text
    with alder.write() as db:
        assert db.get_one(Message, message_id).state is MessageState.FAILED
        db.get_one(Message, message_id).address = "anna@alder.example"
    assert maya.post("/admin/mail").status_code == 303
    assert len(alder.send_mail()) == 1


def test_a_plugin_that_is_not_installed_cannot_be_switched(alder: Town) -> None:
    maya = alder.client("maya")
    assert maya.get("/admin/plugins").status_code == 200
    for url in ("/admin/plugins/none", "/admin/plugins/none/settings"):
        assert maya.post(url, data={"enabled": "1"}).status_code == 404


def test_nobody_but_administrators_changes_anything(alder: Town) -> None:
    with alder.write() as db:
        slug = a_situation(db).slug
    posts = [
        "/admin/settings",
        "/admin/topics",
        f"/admin/situations/{slug}",
        "/admin/people/1/role",
        "/admin/mail",
        "/admin/plugins/debates",
    ]
    for name in ("anna", "boris", "chen"):
        client = alder.client(name)
        form = {**SETTINGS, "role": "administrator", "enabled": "1", "summary": "x"}
        assert [client.post(url, data=form).status_code for url in posts] == [403] * len(posts)
    with alder.read() as db:
        assert (chosen(db).town.title, chosen(db).enabled, alder.person(db, "anna").role) == (
            "Alder",
            frozenset(),
            Role.RESIDENT,
        )
