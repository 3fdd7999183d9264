"""What the operator writes into the environment: read, or refused with a sentence that names the variable."""

import stat
from pathlib import Path

import pytest

from codesign.settings import Settings
from codesign.types import Refused


def settings(tmp_path: Path, **changes: str) -> Settings:
    return Settings.from_env({"CODESIGN_DATA": str(tmp_path / "data"), **changes})


def test_an_empty_environment_is_right_for_trying_on_one_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = Settings.from_env({})
    assert (found.data, found.database, found.mail, found.host) == (Path("data"), "", "", "localhost")
    assert found.development is False


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_usual_spelling_of_a_postgresql_url_is_understood(tmp_path: Path, scheme: str) -> None:
    found = settings(tmp_path, CODESIGN_DATABASE=f"{scheme}://anna:secret@db:5432/town")
    assert found.database == "postgresql+psycopg://anna:secret@db:5432/town"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CODESIGN_DATABASE", "mysql://db/town"),
        ("CODESIGN_DATABASE", "postgresql:"),
        ("CODESIGN_DATABASE", "postgresql://"),
        ("CODESIGN_DATABASE", "postgresql://db:port/town"),
        ("CODESIGN_DATABASE", "town.db"),
        ("CODESIGN_MAIL", "localhost:25"),
        ("CODESIGN_MAIL", "http://localhost"),
        ("CODESIGN_MAIL", "smtp://"),
        ("CODESIGN_MAIL", "smtp://localhost:port"),
        ("CODESIGN_MAIL", "smtp://localhost:70000"),
        ("CODESIGN_MAIL", "smtp://[localhost"),
        ("CODESIGN_DEVELOPMENT", "yes"),
        ("CODESIGN_DEVELOPMENT", "2"),
        ("CODESIGN_SECRET_FILE", "/nowhere/at/all"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_the_name_of_its_variable(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(Refused) as refused:
        settings(tmp_path, **{name: value})
    assert name in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_refusal_repeats_no_password(tmp_path: Path) -> None:
    for name, url in (("CODESIGN_DATABASE", "mysql://anna:hidden@db/x"), ("CODESIGN_MAIL", "smtp://anna:hidden@h:x")):
        with pytest.raises(Refused) as refused:
            settings(tmp_path, **{name: url})
        assert "hidden" not in str(refused.value)


def test_a_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = settings(tmp_path).secret
    assert len(first) >= 32
    assert settings(tmp_path).secret == first
    assert stat.S_IMODE((tmp_path / "data" / "secret").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret"]


def test_a_secret_comes_from_the_environment_or_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "given").write_text("from a file\n")
    assert settings(tmp_path, CODESIGN_SECRET_FILE=str(tmp_path / "given")).secret == b"from a file"
    both = settings(tmp_path, CODESIGN_SECRET="said", CODESIGN_SECRET_FILE=str(tmp_path / "given"))
    assert both.secret == b"said"
    assert not (tmp_path / "data").exists()


def test_an_empty_secret_is_refused_since_anybody_could_sign_with_it(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(Refused, match="empty"):
        settings(tmp_path, CODESIGN_SECRET_FILE=str(tmp_path / "empty"))


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(Refused, match="CODESIGN_DATA"):
        settings(tmp_path)
