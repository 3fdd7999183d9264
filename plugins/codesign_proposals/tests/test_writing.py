"""Writing a proposal: a draft that is looked at, changed, published or discarded, with its picture and documents."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from codesign.core.files import File
from codesign.core.settings import save_settings
from codesign.core.topics import ensure_topic
from codesign.events import Event
from codesign.testing import Town
from codesign.testing.html import unmarked
from codesign_proposals.proposals import Draft, Proposal
from codesign_proposals.tests.making import TEXT, TITLE, proposal_id
from tests.sending import DOCUMENTS, photo, picture
from tests.test_concurrency import at_once, posting

FORM = {"title": TITLE, "text": TEXT, "topic": "", "area": "", "tags": "", "alt": ""}
PICTURE = {"picture": ("stop.jpg", photo(), "image/jpeg")}


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("proposals")


def saved(town: Town, files: Any = None, name: str = "anna", **fields: str) -> str:
    """The URL of a new draft."""
    answer = town.client(name).post("/proposals/new", data={**FORM, **fields}, files=files)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def stamp(html: str) -> str:
    found = re.search(r'name="loaded"[^>]*value="(\w*)"', html)
    assert found is not None
    return found[1]


def changed(town: Town, url: str, files: Any = None, **fields: Any) -> Any:
    anna = town.client("anna")
    return anna.post(url, data={**FORM, "loaded": stamp(anna.get(url).text), **fields}, files=files)


def pictures(html: str) -> list[str]:
    return re.findall(r'<img class="picture" src="(/files/[^"]+)"', html)


def test_what_is_written_is_a_draft_first_that_is_shown_as_it_will_look(town: Town) -> None:
    area = town.area("Old town")
    with town.write() as db:
        topic = ensure_topic(db, "Traffic")
        save_settings(db, "proposals", {"supporters": 250}, town.world.clock.now())
    url = saved(town, topic=str(topic), area=str(area), tags="Bus, rain; bus", text=TEXT + "\n\n**Now.**")
    html = town.client("anna").get(url).text
    for words in (
        TITLE,
        "Traffic",
        "Old town",
        "<li>Bus</li><li>rain</li>",
        "<strong>Now.</strong>",
        "250 supporters",
        "Publish",
    ):
        assert words in html, words
    assert [town.client("boris").get(url).status_code, town.client().get(url).status_code] == [404, 303]
    assert [
        town.client().get("/proposals/").text.count(TITLE),
        unmarked(town.client().get("/search?q=roof").text).count(TITLE),
    ] == [0, 0]
    with town.read() as db:
        assert (db.scalars(select(Proposal)).all(), db.scalars(select(Event)).all()) == ([], [])


def test_publishing_leads_to_the_proposal_and_tells_who_follows_the_topic(town: Town) -> None:
    with town.write() as db:
        topic = ensure_topic(db, "Traffic")
    town.client("boris").post("/topics/traffic/follow", data={"follow": "1"})
    url = saved(town, topic=str(topic), tags="Bus")
    answer = town.client("anna").post(f"{url}/publish")
    assert (answer.status_code, answer.headers["location"]) == (303, "/proposals/1")
    html = town.client().get("/proposals/1").text
    for words in (
        f">{TITLE}</h1>",
        "Traffic",
        "<li>Bus</li>",
        ">0</strong> of 100 supporters",
        "365 days left",
        "For the whole town",
    ):
        assert words in html, words
    assert town.client("anna").get(url).status_code == 404
    assert [path.read_text().count("boris@") > 0 for path in town.send_daily_mail()] == [True]


def test_a_draft_is_published_once_however_often_the_button_is_pressed(town: Town) -> None:
    url = saved(town)
    assert at_once([posting(town, "anna", f"{url}/publish", {}) for _press in range(4)]) == [303] * 4
    with town.read() as db:
        assert len(db.scalars(select(Proposal.id)).all()) == 1
    late = town.client("anna")
    late.post(f"{url}/publish")
    assert "it was published or discarded" in late.get("/proposals/drafts").text


def test_drafts_are_listed_for_their_author_and_discarded_when_it_is_confirmed(town: Town) -> None:
    url, anna = saved(town, PICTURE, alt="The stop in the rain"), town.client("anna")
    saved(town, title="A bench by the river")
    assert [anna.get("/proposals/drafts").text.count(f">{title}</a>") for title in (TITLE, "A bench by the river")] == [
        1,
        1,
    ]
    assert TITLE not in town.client("boris").get("/proposals/drafts").text
    assert f"“{TITLE}” and its files will be gone" in anna.get(f"{url}/discard").text
    assert [town.client("boris").post(f"{url}/{verb}").status_code for verb in ("discard", "edit")] == [404, 404]
    assert anna.post(f"{url}/discard").status_code == 303
    assert [anna.get(url).status_code, TITLE in anna.get("/proposals/drafts").text] == [404, False]
    with town.read() as db:
        assert db.scalars(select(File.id)).all() == []


def test_similar_proposals_stand_beside_the_draft(town: Town) -> None:
    proposal_id(town, "A roof for every bus stop", "boris")
    for number in range(30):
        proposal_id(town, f"Idea number {number}", "boris", text="Something else that should be done in this town.")
    html = town.client("anna").get(saved(town)).text
    assert 'href="/proposals/1"' in html


def test_a_picture_stands_at_the_top_and_in_the_preview_of_links_and_documents_in_a_list(town: Town) -> None:
    documents = [("documents", (f"plan.{ending}", DOCUMENTS[ending], "")) for ending in ("pdf", "txt")]
    url = saved(town, [("picture", PICTURE["picture"]), *documents], alt="The stop in the rain")
    anna = town.client("anna")
    [source] = pictures(anna.get(url).text)
    assert [anna.get(source).status_code, town.client().get(source).status_code] == [200, 404]
    location = anna.post(f"{url}/publish").headers["location"]
    html = town.client().get(location).text
    assert pictures(html) == [source]
    assert f'<meta property="og:image" content="http://alder.localhost{source}">' in html
    assert ('alt="The stop in the rain"' in html, ">plan.pdf</a>" in html, ">plan.txt</a>" in html) == (
        True,
        True,
        True,
    )
    assert town.client().get(source).status_code == 200


def test_files_of_a_draft_are_replaced_and_taken_away(town: Town) -> None:
    url = saved(town, [("picture", PICTURE["picture"]), ("documents", ("a.txt", b"Some words", ""))], alt="Rain")
    with town.read() as db:
        ids = {file.is_picture: file.id for file in db.scalars(select(File))}
        digest = db.get_one(File, ids[True]).digest
    anna = town.client("anna")
    assert changed(town, f"{url}/edit", alt="Rain, and more of it").status_code == 303
    assert ('alt="Rain, and more of it"' in anna.get(url).text, "a.txt" in anna.get(url).text) == (True, True)
    new = {"picture": ("new.png", picture(), "image/png")}
    assert changed(town, f"{url}/edit", new, alt="Sun", drop=[str(ids[False]), "999", "x"]).status_code == 303
    html = anna.get(url).text
    assert (len(pictures(html)), 'alt="Sun"' in html, "a.txt" in html) == (1, True, False)
    with town.read() as db:
        [file] = db.scalars(select(File))
        assert (file.digest == digest, file.is_picture) == (False, True)
    assert changed(town, f"{url}/edit", drop=[str(file.id)]).status_code == 303
    assert pictures(anna.get(url).text) == []


def test_nobody_publishes_the_files_of_somebody_else(town: Town) -> None:
    saved(town, PICTURE, alt="Rain")
    url = saved(town, name="boris")
    with town.write() as db:
        theirs = db.scalars(select(File.id)).one()
        draft = db.get_one(Draft, int(url.rpartition("/")[2]))
        draft.file_ids = [theirs]
    boris = town.client("boris")
    boris.post(f"{url}/publish")
    assert pictures(boris.get("/proposals/1").text) == []


def test_a_draft_that_was_changed_in_another_window_is_not_overwritten_unseen(town: Town) -> None:
    url, anna = saved(town), town.client("anna")
    old = stamp(anna.get(f"{url}/edit").text)
    assert changed(town, f"{url}/edit", title="A roof and a bench").status_code == 303
    late = {**FORM, "title": "A bench and a roof", "loaded": old}
    answer = anna.post(f"{url}/edit", data=late)
    assert answer.status_code == 409
    assert ("This was changed meanwhile" in answer.text, 'value="A bench and a roof"' in answer.text) == (True, True)
    assert "A roof and a bench</h1>" in anna.get(url).text
    assert anna.post(f"{url}/edit", data={**late, "loaded": stamp(answer.text)}).status_code == 303
    assert "A bench and a roof</h1>" in anna.get(url).text


def test_a_stranger_is_asked_to_sign_in_and_what_was_typed_is_kept(town: Town) -> None:
    stranger = town.client()
    assert [stranger.get(f"/proposals/{page}").status_code for page in ("new", "drafts")] == [303, 303]
    answer = stranger.post("/proposals/new", data=FORM)
    assert (answer.status_code, answer.headers["location"].count("/accounts/sign-in")) == (307, 1)
    assert TEXT in stranger.post(answer.headers["location"], data=FORM).text
