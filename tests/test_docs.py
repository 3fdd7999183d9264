"""Documents equal code: whatever the code offers by name is in its document."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer
from jinja2 import Environment, FileSystemLoader, meta, nodes
from jinja2.defaults import DEFAULT_FILTERS, DEFAULT_NAMESPACE

from codesign import builtin, cli, clock, consul, hookspecs, paths
from codesign import settings as settings_module
from codesign import types as values
from codesign.outbox import PAUSES
from codesign.pages import operations
from codesign.plugins import Plugins, find_plugins
from codesign.settings import Settings
from codesign.web import pages, security
from codesign.web.personal import Personal
from codesign.web.templates import environment

ROOT = Path(__file__).resolve().parents[1]
DOCS = {path.stem: path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md")}
PAPERS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "plugins").rglob("*.md")]
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
VALUES = (
    values.About, values.Kind, values.Link, values.Section, values.Objection, values.Audience, values.Occurrence,
    values.Tick, Personal,
)  # fmt: skip
IMPORTING = (values.Importer, values.ImportJob, values.ImportReport, consul.Wanted)
PLUGINS = find_plugins()
FOLDERS = {"": paths.TEMPLATES, **{f"{plugin.name}/": plugin.folder / "templates" for plugin in PLUGINS}}


def chapters(document: str) -> dict[str, str]:
    """The text below each heading of the second order."""
    parts = re.split(r"^## (.+)$", FENCE.sub(_without_headings, document), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _without_headings(block: re.Match[str]) -> str:
    return re.sub(r"^#", " #", block.group(), flags=re.MULTILINE)


def names(text: str) -> set[str]:
    """Every identifier that stands in backquotes."""
    return {word for quoted in re.findall(r"`([^`\n]+)`", text) for word in re.findall(r"[A-Za-z_]\w*", quoted)}


def first_column(chapter: str) -> list[str]:
    """What the rows of a chapter's tables begin with, in backquotes."""
    return [
        cell for row in re.findall(r"^\|([^|]*)\|", chapter, re.MULTILINE) for cell in re.findall(r"`([^`]+)`", row)
    ]


def signatures() -> dict[str, str]:
    tree = ast.parse(Path(hookspecs.__file__).read_text("utf-8"))
    found = {}
    for function in [part for part in tree.body if isinstance(part, ast.FunctionDef)]:
        header = f"def {function.name}({ast.unparse(function.args)}) -> {ast.unparse(function.returns or function)}"
        found[function.name] = re.sub("['\"]", "", header)
    return found


def test_every_hook_has_a_heading_with_its_signature_and_there_is_no_other() -> None:
    shown = {name: re.findall(r"```python\n(.*?)\n```", text) for name, text in chapters(DOCS["hooks"]).items()}
    assert shown == {name: [signature] for name, signature in signatures().items()}


def test_the_hooks_of_every_installed_plugin_stand_in_their_own_part() -> None:
    part = DOCS["hooks"].split("\n# Hooks of plugins that are on")[0]
    assert set(chapters(part)) == set(hookspecs.INSTALLED)


@pytest.mark.parametrize("value", [*VALUES, *IMPORTING], ids=lambda value: value.__name__)
def test_every_field_of_what_a_hook_returns_is_explained(value: Any) -> None:
    (table,) = re.findall(rf"^\| field of `{value.__name__}` .*?(?=\n\n)", DOCS["hooks"], re.MULTILINE | re.DOTALL)
    assert set(first_column(table)[1:]) == {field.name for field in fields(value)}


@pytest.mark.parametrize("hook", ["links", "sections"])
def test_every_slot_is_in_the_table_of_its_hook(hook: str) -> None:
    said = getattr(hookspecs, hook).__doc__ or ""
    text = chapters(DOCS["hooks"])[hook]
    (table,) = re.findall(r"^\| slot .*?(?=\n\n)", text, re.MULTILINE | re.DOTALL)
    assert first_column(table) == re.findall(r"`(\w+)`", said)


@pytest.mark.parametrize("hook", ["links", "sections"])
def test_every_slot_is_asked_for_by_a_template_or_a_page(hook: str) -> None:
    sources = [path.read_text("utf-8") for path in [*paths.TEMPLATES.rglob("*.html"), Path(pages.__file__)]]
    sources += [path.read_text("utf-8") for plugin in PLUGINS for path in plugin.folder.rglob("*.html")]
    asked = {slot for text in sources for slot in re.findall(rf'\b{hook}\((?:request, )?"(\w+)"', text)}
    assert asked == set(re.findall(r"`(\w+)`", getattr(hookspecs, hook).__doc__ or ""))


def test_every_setting_and_no_other_is_in_the_table_of_settings() -> None:
    read = set(re.findall(r"CODESIGN_[A-Z_]+\w", Path(settings_module.__file__).read_text("utf-8")))
    assert read >= {f"CODESIGN_{field.name.upper()}" for field in fields(Settings)}
    assert heads(chapters(DOCS["deploy"])["Settings"]) == read


def test_the_limits_are_those_of_the_code() -> None:
    rates = [
        limit.most for limit in (security.SIGNING_IN, security.WRITING, security.SENDING_FILES, security.SEARCHING)
    ]
    limits = chapters(DOCS["deploy"])["Limits"]
    assert [int(found) for found in re.findall(r"(\d+) a minute", limits)] == rates
    assert re.findall(r"(\d+) KiB", limits) == [str(security.BODY_LIMIT // 1024)]
    assert re.findall(r"(\d+) MiB", limits) == [str(security.FILES_LIMIT // 1024**2)]


def test_the_pauses_between_attempts_to_send_are_those_of_the_code() -> None:
    told = "1, 5 and 30 minutes, 2, 12 and 24 hours"
    assert told in DOCS["deploy"]
    assert [pause.total_seconds() / 60 for pause in PAUSES] == [1, 5, 30, 2 * 60, 12 * 60, 24 * 60]


def test_the_addresses_for_machines_are_named() -> None:
    known = {route.path for route in operations.root_routes if route.path.startswith("/-/")}
    assert known <= set(re.findall(r"`(/-/[a-z]+)`", DOCS["deploy"]))


def commands(group: Any, path: tuple[str, ...] = ("codesign",)) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def all_commands() -> Iterator[tuple[str, Any]]:
    """Of the core, and those that plugins bring in a group of their own."""
    yield from commands(typer.main.get_command(cli.app))
    for plugin in PLUGINS:
        if hasattr(plugin.module, "commands"):
            plugin.module.commands(app=(group := typer.Typer()))
            yield from commands(typer.main.get_command(group), ("codesign", plugin.name))


def test_every_command_is_described_with_its_options_and_there_is_no_other() -> None:
    found = {
        name: {option for part in command.params for option in part.opts if option.startswith("--")}
        for name, command in all_commands()
    }
    told = {name: set(first_column(text)) for name, text in chapters(DOCS["cli"]).items()}
    assert told == found


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return environment(Plugins(PLUGINS, builtin), tmp_path_factory.mktemp("own"), clock.now)


def visit_names() -> set[str]:
    """The keys of the dictionaries that visit_context and own_context return."""
    tree = ast.parse(Path(pages.__file__).read_text("utf-8"))
    makers = ("visit_context", "own_context")
    functions = [part for part in tree.body if isinstance(part, ast.FunctionDef) and part.name in makers]
    shown = [part.value for function in functions for part in function.body if isinstance(part, ast.Return)]
    keys = [key for each in shown if isinstance(each, ast.Dict) for key in each.keys]
    return {str(key.value) for key in keys if isinstance(key, ast.Constant)}


def heads(chapter: str) -> set[str]:
    """The first identifier of each row of a table."""
    return {re.split(r"\W", cell)[0] for cell in first_column(chapter)}


def test_every_name_that_every_template_knows_is_listed() -> None:
    assert heads(chapters(DOCS["templates"])["What every template knows"]) == visit_names()


def test_every_function_and_filter_of_templates_is_listed(env: Environment) -> None:
    told = chapters(DOCS["templates"])
    assert heads(told["Filters"]) == set(env.filters) - set(DEFAULT_FILTERS)
    own = set(env.globals) - set(DEFAULT_NAMESPACE) - {"npgettext", "pgettext"}
    assert names(told["Functions"]) >= own
    assert heads(told["Functions"]) <= own


def page_templates() -> dict[str, Path]:
    found = {
        prefix + path.relative_to(folder).as_posix(): path
        for prefix, folder in FOLDERS.items()
        for path in folder.rglob("*.html")
    }
    return {name: path for name, path in sorted(found.items()) if not path.name.startswith("_")}


def contexts() -> dict[str, str]:
    """Page -> its row in the tables of pages."""
    told = chapters(DOCS["templates"])
    tables = [text for name, text in told.items() if name.startswith("Pages of")]
    rows = [row for table in tables for row in re.findall(r"^\| `([\w/]+\.html)` \|(.*)\|$", table, re.MULTILINE)]
    assert len(rows) == len(dict(rows))
    return dict(rows)


def test_every_page_and_no_other_is_in_the_tables_of_pages() -> None:
    assert set(contexts()) == set(page_templates())


@pytest.mark.parametrize("name", page_templates())
def test_the_row_of_a_page_names_what_the_page_uses(env: Environment, name: str) -> None:
    tree = env.parse(page_templates()[name].read_text("utf-8"))
    imported = {part for node in tree.find_all(nodes.FromImport) for part in node.names}
    used = meta.find_undeclared_variables(tree) - imported - visit_names() - set(env.globals) - {"status"}
    assert used <= names(contexts()[name])


def test_the_parts_that_plugins_use_exist_with_the_macros_named() -> None:
    part = chapters(DOCS["templates"])["Parts that plugins use"]
    plain = Environment(loader=FileSystemLoader(paths.TEMPLATES), extensions=["jinja2.ext.i18n"], autoescape=True)
    for file, needs in re.findall(r"^\| `(_\w+\.html)` \|(.*)\|$", part, re.MULTILINE):
        tree = plain.parse((paths.TEMPLATES / file).read_text("utf-8"))
        told = {cell.split("(")[0] for cell in re.findall(r"`([^`]+)`", needs)}
        assert told <= {macro.name for macro in tree.find_all(nodes.Macro)}, file
    files = [path for path in re.findall(r"`(\w+/_\w+\.html)`", part) if not (paths.TEMPLATES / path).is_file()]
    assert files == []


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_of_a_document_leads_somewhere(paper: Path) -> None:
    text = FENCE.sub("", paper.read_text("utf-8"))
    links = [
        link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link and not link.startswith("mailto:")
    ]
    assert [link for link in links if not _leads(paper, link)] == []


def _leads(paper: Path, link: str) -> bool:
    path, _sign, part = link.partition("#")
    target = paper.parent / path if path else paper
    if not target.exists() or not part:
        return target.exists()
    titles = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE)
    return part in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_file_that_a_document_names_exists() -> None:
    named = {
        path
        for name in ("concepts", "hooks", "templates", "deploy")
        for path in re.findall(r"`((?:codesign|plugins|templates|static|tools)/[\w/.]+?)/?`", DOCS[name])
    }
    assert sorted(path for path in named if not (ROOT / path).exists()) == []
