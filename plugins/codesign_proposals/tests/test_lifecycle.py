"""The life of a proposal, by its verbs: drafted, published, changed, withdrawn, archived; and who hears of it."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from codesign.core.contributions import get_of_kind
from codesign.core.follows import is_following, set_follow
from codesign.core.settings import CORE, save_settings
from codesign.core.tags import tags_of
from codesign.core.topics import Topic, ensure_topic
from codesign.core.votes import my_vote
from codesign.events import Event
from codesign.kit import Invalid, NotFound
from codesign.testing import Town
from codesign_proposals.access import hold
from codesign_proposals.drafts import MOST_DRAFTS, discard_draft, drafts_of, get_draft, written_in
from codesign_proposals.proposals import Draft, Proposal, Revision, State, Threshold, Withdrawal
from codesign_proposals.publishing import edit, months_later, publish, withdraw, written_of
from codesign_proposals.revisions import compared, revisions_of
from codesign_proposals.tests.making import TEXT, TITLE, a_draft, proposal_id, propose, supported
from codesign_proposals.tests.telling import letters, told
from codesign_proposals.written import Written
from tests.making import neighbours


@pytest.fixture
def town(alder: Town) -> Town:
    return alder.enable("proposals")


def now(town: Town) -> datetime:
    return town.world.clock.now()


def events(town: Town) -> list[str]:
    with town.read() as db:
        return list(db.scalars(select(Event.name).order_by(Event.id)))


def test_publishing_makes_a_numbered_proposal_of_a_draft_which_is_gone(town: Town) -> None:
    with town.write() as db:
        anna = town.person(db, "anna")
        draft = a_draft(db, anna, now(town), tags=("Bus", "Rain"), topic_id=ensure_topic(db, "Traffic"))
        proposal = publish(db, draft, anna, "en", now(town))
        found = (
            proposal.number,
            proposal.ordinal,
            proposal.place,
            proposal.revision,
            proposal.title,
            proposal.agree_count,
        )
        assert found == ("2026-00001", 1, 1, 1, TITLE, 0)
        assert (proposal.state_at(now(town)), tags_of(db, proposal.id)) == (State.GATHERING, ["Bus", "Rain"])
        assert (is_following(db, anna, proposal), my_vote(db, anna, proposal)) == (True, 0)
        assert (db.scalars(select(Draft)).all(), db.scalar(select(Topic.contribution_count))) == ([], 1)


def test_a_draft_is_its_authors_alone_and_the_last_changed_stands_first(town: Town) -> None:
    with town.write() as db:
        anna, boris = town.person(db, "anna"), town.person(db, "boris")
        first, second = (a_draft(db, anna, now(town) + timedelta(hours=n), f"Idea {n}") for n in range(2))
        assert [draft.title for draft in drafts_of(db, anna)] == ["Idea 1", "Idea 0"]
        assert drafts_of(db, boris) == []
        assert get_draft(db, anna, first.id) is first
        for id in (second.id, 999, 2**70):
            with pytest.raises(NotFound):
                get_draft(db, boris, id)
        discard_draft(db, first)
        assert [draft.title for draft in drafts_of(db, anna)] == ["Idea 1"]


def test_nobody_piles_up_drafts_without_end(town: Town) -> None:
    with town.write() as db:
        anna = town.person(db, "anna")
        for number in range(MOST_DRAFTS):
            a_draft(db, anna, now(town), f"Idea {number}")
        with pytest.raises(Invalid, match="You have 30 drafts"):
            a_draft(db, anna, now(town), "One more")


@pytest.mark.parametrize(
    ("start", "months", "zone", "end"),
    [
        ("2026-05-04T09:00+00:00", 12, "UTC", "2027-05-04T09:00+00:00"),
        ("2026-01-31T12:00+00:00", 1, "UTC", "2026-02-28T12:00+00:00"),
        ("2027-10-31T12:00+00:00", 4, "UTC", "2028-02-29T12:00+00:00"),
        ("2028-02-29T12:00+00:00", 12, "UTC", "2029-02-28T12:00+00:00"),
        ("2026-12-15T12:00+00:00", 1, "UTC", "2027-01-15T12:00+00:00"),
        ("2026-05-04T09:00+00:00", 120, "UTC", "2036-05-04T09:00+00:00"),
        ("2026-01-30T21:00+00:00", 1, "Asia/Almaty", "2026-02-27T21:00+00:00"),
        ("2026-02-15T12:00+00:00", 2, "Europe/Madrid", "2026-04-15T11:00+00:00"),
    ],
)
def test_a_term_ends_on_the_same_day_of_a_later_month_as_the_town_counts_days(
    start: str, months: int, zone: str, end: str
) -> None:
    assert months_later(datetime.fromisoformat(start), months, zone) == datetime.fromisoformat(end)


def test_what_is_published_keeps_its_threshold_and_its_term_whatever_is_decided_later(town: Town) -> None:
    save = {"supporters": 50, "months_open": 6}
    with town.write() as db:
        save_settings(db, "proposals", save, now(town))
    id = proposal_id(town)
    with town.write() as db:
        save_settings(db, "proposals", {"supporters": 5, "months_open": 1, "share": 90}, now(town))
        save_settings(db, CORE, {"zone": "Asia/Almaty"}, now(town))
    neighbours(town, 20)
    supported(town, id, "boris", "chen", "maya", "neighbour1", "neighbour2")
    with town.read() as db:
        proposal = get_of_kind(db, Proposal, id)
        assert (proposal.threshold, proposal.progress, proposal.reached_at) == (50, 100, None)
        assert proposal.archives_at == datetime(2026, 11, 4, 9, tzinfo=UTC)


def test_until_somebody_supports_it_a_proposal_is_changed_in_place(town: Town) -> None:
    area = town.area("Old town")
    with town.write() as db:
        db.add(Threshold(area_id=area, supporters=7))
        proposal = propose(db, town.person(db, "anna"), TITLE, now(town), tags=["Bus"])
        topic = ensure_topic(db, "Traffic")
        later = now(town) + timedelta(hours=1)
        changed = edit(db, proposal, Written("A roof for all stops", TEXT, topic, area, ("Rain", "Bus")), later)
        assert (changed, proposal.revision, proposal.edited_at, db.scalars(select(Revision)).all()) == (
            False,
            1,
            later,
            [],
        )
        assert written_of(db, proposal) == Written("A roof for all stops", TEXT, topic, area, ("Bus", "Rain"))
        assert proposal.threshold == 7  # it needs what is needed there
        assert not edit(db, proposal, Written("A roof for all stops", TEXT, None, None, ()), later)
        assert (proposal.threshold, tags_of(db, proposal.id), proposal.topic_id, proposal.area) == (100, [], None, None)


def test_after_the_first_support_the_old_text_is_kept_and_only_words_change(town: Town) -> None:
    id = proposal_id(town, tags=["Bus"])
    supported(town, id, "boris")
    moments = [now(town) + timedelta(days=days) for days in range(1, 3)]
    with town.write() as db:
        [proposal] = hold(db, id)
        assert edit(db, proposal, Written("A roof for all stops", TEXT, 99, 99, ("Other",)), moments[0])
        assert edit(db, proposal, Written("A roof for all stops", TEXT + " Now.", None, None, ()), moments[1])
        assert not edit(db, proposal, Written("A roof for all stops", TEXT + " Now.", None, None, ()), moments[1])
        assert (proposal.revision, proposal.title, tags_of(db, id), proposal.topic_id) == (
            3,
            "A roof for all stops",
            ["Bus"],
            None,
        )
        found = [(each.number, each.shown_from, each.support_count) for each in revisions_of(db, proposal)]
        assert found == [(3, moments[1], None), (2, moments[0], 1), (1, now(town), 1)]
        assert compared(db, proposal, 2) == ((TITLE, TEXT), ("A roof for all stops", TEXT))
        assert compared(db, proposal, 3)[1] == ("A roof for all stops", TEXT + " Now.")
        assert compared(db, proposal, 1) == ((TITLE, TEXT), (TITLE, TEXT))


def test_a_withdrawn_proposal_says_why_and_is_another_version_of_its_page(town: Town) -> None:
    id = proposal_id(town)
    with town.write() as db:
        [proposal] = hold(db, id)
        before = proposal.version
        withdraw(db, proposal, Withdrawal.DONE, "It stands since May.", now(town))
        db.refresh(proposal)
        assert (proposal.state_at(now(town)), proposal.withdrawn_text) == (State.WITHDRAWN, "It stands since May.")
        assert proposal.version == before + 1


def test_what_the_clock_archives_is_told_once_to_its_author_and_those_who_support_or_follow_it(town: Town) -> None:
    neighbours(town, 2)
    id = proposal_id(town, archives_at=now(town) + timedelta(days=2))
    reached = proposal_id(town, "A bench", archives_at=now(town) + timedelta(days=2), threshold=1)
    supported(town, id, "boris", "neighbour0")
    supported(town, reached, "boris")
    with town.write() as db:
        set_follow(db, town.person(db, "neighbour1"), get_of_kind(db, Proposal, id), True)
    for seconds in (0, 2 * 86400 - 1):
        town.world.clock.moment = datetime(2026, 5, 4, 9, tzinfo=UTC) + timedelta(seconds=seconds)
        town.tick()
    assert events(town) == []
    town.world.clock.advance(timedelta(seconds=1))
    town.tick()
    town.tick()
    assert events(town) == ["proposals.archived"]
    assert told(town) == Counter(["anna", "boris", "neighbour0", "neighbour1"])
    text = " ".join(letters(town)[0].get_content().split())
    for words in ("gathered 2 of the 100 supporters it needed", f"http://alder.localhost/proposals/{id}", TITLE):
        assert words in text


def test_the_end_of_a_term_is_recorded_of_many_and_of_none_that_is_settled_or_hidden(town: Town) -> None:
    end = now(town) - timedelta(days=1)
    count = 120 if town.store.schema is None else 60
    with town.write() as db:
        anna = town.person(db, "anna")
        for number in range(count):
            propose(db, anna, f"Idea {number}", now(town), archives_at=end)
        propose(db, anna, "Withdrawn", now(town), archives_at=end, withdrawn_at=end)
        propose(db, anna, "Joined", now(town), archives_at=end, merged_at=end)
        propose(db, anna, "Reached", now(town), archives_at=end, reached_at=end)
        propose(db, anna, "Endless", now(town), archives_at=None)
        hidden = propose(db, anna, "Hidden", now(town), archives_at=end, hidden_at=end).id
    town.tick()
    assert events(town) == ["proposals.archived"] * count
    with town.read() as db:
        assert get_of_kind(db, Proposal, hidden).archived_told_at == now(town)
    with town.counted() as statements:
        town.tick()
    assert [line for line in statements if line.startswith(("UPDATE", "INSERT"))] == []


def test_a_stored_draft_and_its_form_say_the_same(town: Town) -> None:
    with town.write() as db:
        draft = a_draft(db, town.person(db, "anna"), now(town), tags=("Bus",))
        written = written_in(draft)
        assert written == Written(TITLE, TEXT, None, None, ("Bus",))
        stamps = {
            written.stamp(),
            written.stamp(True),
            Written(TITLE + "!", TEXT).stamp(),
            Written(TITLE, "!" + TEXT).stamp(),
        }
        assert len(stamps) == 4
        assert written.stamp() == written_in(draft).stamp()
