"""What breaks others breaks no page of officials: what was written is stored and shown as it is, garbage is refused."""

from pathlib import Path

from codesign.markup import clean
from codesign.testing import Town
from codesign_feedback.notes import notes_of
from codesign_feedback.tests.making import PARKS, an_authority, loop_in, opened, standing
from codesign_feedback.tests.walking import answer, commit
from tests.nasty import dangers, payloads, sendable, strings

PATHS = ("answer", "assign", "transfer", "return", "extend", "decide", "commit", "progress", "deliver", "receipts", "notes", "take",
         "take-up", "answer/discard")  # fmt: skip
FIELDS = (
    "text",
    "authority",
    "owner",
    "due_on",
    "deliverable",
    "code",
    "granted",
    "commitment",
    "on",
    "link",
    "alt",
    "note",
    "label",
)
GARBAGE = ("", "x", "-1", "9" * 30, "\0", "٣", "a" * 30_000, "2026-13-40")


def test_garbage_in_any_field_is_refused_with_a_page_and_changes_nothing(alder: Town) -> None:
    an_authority(alder, PARKS, people=("chen",))
    id = opened(alder.enable("feedback"))
    answer(alder, id)
    commit(alder, id)
    before, chen = standing(alder, id), alder.client("chen")
    for path in PATHS[:9]:
        for garbage in GARBAGE:
            if path == "progress" and garbage not in ("", "a" * 30_000, "\0"):
                continue  # any text is news of the work
            sent = chen.post(f"/feedback/{id}/{path}", data=dict.fromkeys(FIELDS, garbage))
            assert sent.status_code == 422, (path, garbage[:20], sent.status_code)
        assert chen.post(f"/feedback/{id}/{path}").status_code == 422, path
    assert (standing(alder, id), loop_in(alder, id).authority_title) == (before, PARKS)


def test_a_case_that_is_not_there_is_not_found_however_it_is_asked_for(alder: Town) -> None:
    chen = alder.enable("feedback").client("chen")
    for id in ("7", "9" * 18, "9" * 40, "0"):
        for path in ("", *(f"/{path}" for path in PATHS)):
            for method in ("GET", "POST"):
                status = chen.request(method, f"/feedback/{id}{path}").status_code
                assert status in (404, 405), (method, id, path, status)


def test_answers_and_notes_hold_what_was_written_and_show_it_safely(alder: Town, shared_data: Path) -> None:
    an_authority(alder, PARKS, people=("chen",))
    alder.enable("feedback")
    some = [sendable(one) for one in (*strings(shared_data)[::90], *payloads(shared_data)[::40])]
    wanted = []
    for number, string in enumerate(some):
        id = opened(alder, title=f"Story {number}")
        chen = alder.client("chen")
        kept = clean(string).strip()
        assert chen.post(f"/feedback/{id}/notes", data={"note": string}).status_code == (303 if kept else 422), string
        if kept:
            wanted.append((id, kept))
        told = {"code": "solved_already", "text": f"So it is. {string}", "authority": "1", "seen": "0"}
        assert chen.post(f"/feedback/{id}/answer", data=told).status_code == 303, string
        for page in (chen.get(f"/feedback/{id}"), alder.client().get(f"/threads/{id}")):
            assert (page.status_code, dangers(page.text)) == (200, []), string
    with alder.read() as db:
        assert [(id, notes_of(db, id)[0].text.replace("\r\n", "\n")) for id, _kept in wanted] == [
            (id, kept.replace("\r\n", "\n")) for id, kept in wanted
        ]
