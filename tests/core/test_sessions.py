"""Being signed in: sessions that end, and links that work once."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign.core.sessions import (
    SESSION_LIFE,
    TOKEN_LIFE,
    Purpose,
    SignIn,
    Token,
    close_all_sessions,
    close_session,
    issue_token,
    open_session,
    sign_ins,
    token_user,
    use_token,
)
from codesign.core.users import User
from codesign.core.viewers import visitor_of
from codesign.testing import Town


def session_user(db: Session, token: str, now: datetime) -> User | None:
    """The person signed in with this token, or None."""
    return visitor_of(db, token, now)[0]


def test_a_session_lasts_until_its_time_is_over(alder: Town) -> None:
    now = alder.world.clock.now()
    with alder.write() as db:
        anna = alder.person(db, "anna")
        token = open_session(db, anna, "Firefox", now)
        assert session_user(db, token, now) is anna
        assert session_user(db, token, now + SESSION_LIFE - timedelta(seconds=1)) is anna
        assert session_user(db, token, now + SESSION_LIFE) is None


def test_the_store_never_holds_a_token_that_could_be_used(alder: Town) -> None:
    now = alder.world.clock.now()
    with alder.write() as db:
        anna = alder.person(db, "anna")
        tokens = [open_session(db, anna, "x", now), issue_token(db, anna, Purpose.RESET, now)]
        kept = [*db.scalars(select(SignIn.token_hash)), *db.scalars(select(Token.token_hash))]
        assert len(kept) == 2
        assert [hash for hash in kept if hash in tokens or session_user(db, hash, now)] == []


def test_a_closed_session_is_over_and_others_stay(alder: Town) -> None:
    now = alder.world.clock.now()
    with alder.write() as db:
        anna = alder.person(db, "anna")
        phone, desk = open_session(db, anna, "phone", now), open_session(db, anna, "desk", now)
        close_session(db, phone)
        assert (session_user(db, phone, now), session_user(db, desk, now)) == (None, anna)
        assert [row.device for row in sign_ins(db, anna, now)] == ["desk"]


def test_signing_out_everywhere_keeps_one_device_and_touches_nobody_else(alder: Town) -> None:
    now = alder.world.clock.now()
    with alder.write() as db:
        anna, boris = alder.person(db, "anna"), alder.person(db, "boris")
        tokens = [open_session(db, anna, f"device {number}", now) for number in range(3)]
        other = open_session(db, boris, "his", now)
        close_all_sessions(db, anna, keep=tokens[1])
        assert [session_user(db, token, now) for token in [*tokens, other]] == [None, anna, None, boris]
        close_all_sessions(db, anna)
        assert session_user(db, tokens[1], now) is None


def test_an_erased_account_is_signed_in_nowhere(alder: Town) -> None:
    now = alder.world.clock.now()
    with alder.write() as db:
        anna = alder.person(db, "anna")
        token = open_session(db, anna, "x", now)
        anna.erased_at = now
        db.flush()
        assert session_user(db, token, now) is None


@pytest.mark.parametrize("purpose", Purpose)
def test_a_link_works_once_for_its_purpose_and_in_time(alder: Town, purpose: Purpose) -> None:
    now = alder.world.clock.now()
    other = next(one for one in Purpose if one is not purpose)
    with alder.write() as db:
        anna = alder.person(db, "anna")
        token = issue_token(db, anna, purpose, now)
        assert use_token(db, token, other, now) is None
        assert use_token(db, token, purpose, now + TOKEN_LIFE[purpose]) is None
        assert token_user(db, token, purpose, now) is anna
        assert use_token(db, token, purpose, now) is anna
        assert (token_user(db, token, purpose, now), use_token(db, token, purpose, now)) == (None, None)


def test_a_new_link_ends_the_one_before(alder: Town) -> None:
    now = alder.world.clock.now()
    with alder.write() as db:
        anna = alder.person(db, "anna")
        first, second = issue_token(db, anna, Purpose.RESET, now), issue_token(db, anna, Purpose.RESET, now)
        assert (use_token(db, first, Purpose.RESET, now), use_token(db, second, Purpose.RESET, now)) == (None, anna)


def test_using_a_link_confirms_the_address_once(alder: Town) -> None:
    now = alder.world.clock.now()
    with alder.write() as db:
        anna = alder.person(db, "anna")
        anna.confirmed_at = None
        use_token(db, issue_token(db, anna, Purpose.CONFIRM, now), Purpose.CONFIRM, now)
        use_token(db, issue_token(db, anna, Purpose.RESET, now), Purpose.RESET, now + timedelta(hours=1))
        assert anna.confirmed_at == now


def test_no_text_is_mistaken_for_a_token(alder: Town) -> None:
    for token in ["", "x", "\0", "\ud800", "ü" * 5000]:
        now = alder.world.clock.now()
        with alder.write() as db:
            assert session_user(db, token, now) is None
            assert use_token(db, token, Purpose.CONFIRM, now) is None
