"""The command line: what is said, and with which exit code. 0 done, 1 refused with a sentence, 2 wrong usage."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from codesign import __version__, cli
from codesign.core.settings import chosen
from codesign.core.users import Role, password_matches, user_by_email
from codesign.plugins import find_plugins
from codesign.testing import World

PASSWORD = "three unrelated words"


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """`codesign WORDS` in this process, on the data folder of this test."""
    monkeypatch.setenv("CODESIGN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CODESIGN_SECRET", "a secret for tests only")

    def run(*words: str, stdin: str = "") -> Said:
        monkeypatch.setattr(sys, "argv", ["codesign", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


@pytest.fixture
def town(run: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Alder and Birch, on the database of this test, for commands as for tests."""
    monkeypatch.setenv("CODESIGN_DATA", str(world.settings.data))
    monkeypatch.setenv("CODESIGN_DATABASE", world.settings.database)
    return world


def test_the_version_is_printed(run: Run) -> None:
    assert run("version") == Said(0, f"{__version__}\n", "")


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        *([name, "--help"] for name in ("serve", "demo", "worker", "migrate", "import", "municipality", "plugins")),
        ["municipality", "create", "--help"],
        ["plugins", "enable", "--help"],
        ["user", "create", "--help"],
    ],
    ids=" ".join,
)
def test_every_command_explains_itself(run: Run, words: list[str]) -> None:
    said = run(*words)
    assert said.code == 0
    assert "Usage:" in said.out


@pytest.mark.parametrize(
    "words",
    [
        ["fly"],
        ["serve", "--port", "high"],
        ["serve", "--port", "70000"],
        ["serve", "--workers", "0"],
        ["demo", "--port", "-1"],
        ["municipality", "create"],
        ["municipality", "create", "oak"],
        ["plugins", "list"],
        ["plugins", "enable", "--municipality", "alder"],
        ["user", "create", "anna@oak.example"],
        ["import", "consul"],
        ["migrate", "now"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_with_exit_code_2(run: Run, words: list[str]) -> None:
    said = run(*words)
    assert said.code == 2
    assert "Traceback" not in said.err
    assert said.err


def test_a_municipality_is_created_listed_and_given_its_plugins(run: Run) -> None:
    names = [plugin.name for plugin in find_plugins()]
    words = ["--title", "Oak Town", "--locale", "et", "--plugins", ", ".join(names), "--host", "oak.example"]
    assert run("municipality", "create", "oak", *words) == Said(0, "Oak Town answers at oak.localhost\n", "")
    assert run("municipality", "list") == Said(0, "oak\tOak Town\toak.example\n", "")
    listed = [line.split("\t") for line in run("plugins", "list", "--municipality", "oak").out.splitlines()]
    assert [(name, on) for name, on, _title in listed] == [(name, "on") for name in names]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["Oak!", "--title", "Oak"], "short name"),
        (["alder", "--title", "Alder again"], "already a municipality called 'alder'"),
        (["oak", "--title", "Oak", "--locale", "xx"], "This locale cannot be used."),
        (["oak", "--title", "O" * 81], "This title cannot be used."),
        (["oak", "--title", "Oak", "--plugins", "flying"], "There is no plugin called 'flying'."),
    ],
)
def test_a_municipality_that_cannot_be_is_refused_with_a_sentence(
    town: World, run: Run, words: list[str], sentence: str
) -> None:
    said = run("municipality", "create", *words)
    assert (said.code, said.out) == (1, "")
    assert sentence in said.err
    assert run("municipality", "list").out == "alder\tAlder\t\nbirch\tBirch\t\n"


def test_a_plugin_is_switched_in_one_municipality_only(town: World, run: Run) -> None:
    [name, *_rest] = town.site.plugins.by_name
    assert run("plugins", "enable", "--municipality", "alder", name) == Said(0, f"{name} is on in alder.\n", "")
    for slug, on in (("alder", True), ("birch", False)):
        with town.towns[slug].read() as db:
            assert (name in chosen(db).enabled) is on
    assert run("plugins", "disable", "--municipality", "alder", name) == Said(0, f"{name} is off in alder.\n", "")
    with town.towns["alder"].read() as db:
        assert chosen(db).enabled == frozenset()


@pytest.mark.parametrize(
    "words",
    [
        ["plugins", "list", "--municipality", "nowhere"],
        ["plugins", "enable", "--municipality", "alder", "flying"],
        ["plugins", "disable", "--municipality", "alder", "flying"],
        ["plugins", "enable", "--municipality", "nowhere", "flying"],
        ["user", "create", "x@alder.example", "--municipality", "alder", "--name", "X", "--password", PASSWORD],
        ["user", "create", "x@alder.example", "--municipality", "alder", "--name", "X"],
        ["import", "nothing", ".", "--municipality", "alder"],
        ["import", "consul", "/nowhere/at/all", "--municipality", "alder"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_refused_with_a_sentence_and_no_trace(town: World, run: Run, words: list[str]) -> None:
    said = run(*words)
    assert said.code == (2 if "--password" in words else 1)
    assert said.out == ""
    assert "Traceback" not in said.err
    assert said.err.strip().endswith((".", "│", "╯"))


def test_a_person_is_created_with_a_password_from_standard_input(town: World, run: Run) -> None:
    words = ["Olga@Alder.example", "--municipality", "alder", "--name", "Olga", "--role", "official"]
    said = run("user", "create", *words, "--password-stdin", stdin=f"{PASSWORD}\n")
    assert said == Said(0, "Olga@Alder.example can sign in.\n", "")
    with town.towns["alder"].read() as db:
        olga = user_by_email(db, "olga@alder.example")
        assert olga is not None
        assert (olga.name, olga.role, olga.confirmed_at is not None) == ("Olga", Role.OFFICIAL, True)
        assert password_matches(olga, PASSWORD)
    again = run("user", "create", *words, "--password-stdin", stdin=f"{PASSWORD}\n")
    assert again == Said(1, "", "olga@alder.example has an account in alder already.\n")


@pytest.mark.parametrize(
    ("email", "role", "password"),
    [
        ("olga", "official", PASSWORD),
        ("olga@alder.example", "queen", PASSWORD),
        ("olga@alder.example", "official", ""),
        ("olga@alder.example", "official", "olga"),
    ],
)
def test_a_person_who_cannot_be_is_refused(town: World, run: Run, email: str, role: str, password: str) -> None:
    words = [email, "--municipality", "alder", "--name", "Olga", "--role", role]
    said = run("user", "create", *words, "--password-stdin", stdin=f"{password}\n")
    assert (said.code, said.out) == (1, "")
    with town.towns["alder"].read() as db:
        assert user_by_email(db, "olga@alder.example") is None


def test_no_command_takes_a_password_where_others_can_read_it(run: Run) -> None:
    said = run("user", "create", "--help")
    assert "--password-stdin" in said.out
    assert "--password " not in said.out


def test_commands_before_the_first_migration_say_what_is_missing(run: Run) -> None:
    said = run("municipality", "list")
    assert (said.code, said.out) == (1, "")
    assert "codesign migrate" in said.err


def test_a_database_that_is_away_is_told_in_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODESIGN_DATABASE", "postgresql://nobody@127.0.0.1:9/nothing")
    said = run("municipality", "list")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("The database does not answer")
