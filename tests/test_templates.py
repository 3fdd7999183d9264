"""Every template, of the core and of each bundled plugin: it compiles, has a title, and holds nothing inline."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from codesign import builtin, clock
from codesign.paths import TEMPLATES
from codesign.plugins import Plugins, find_plugins
from codesign.web.templates import environment

PLUGINS = find_plugins()
FOLDERS = {"": TEMPLATES, **{f"{plugin.name}/": plugin.folder / "templates" for plugin in PLUGINS}}
FILES = {
    prefix + path.relative_to(folder).as_posix(): path
    for prefix, folder in FOLDERS.items()
    for path in sorted(folder.rglob("*"))
    if path.is_file()
}
PAGES = [name for name in FILES if name.endswith(".html") and not Path(name).name.startswith("_")]
BASES = {"base.html", "base_plain.html", "admin/base.html", "feedback/desk.html"}
ALONE = {"unavailable.html"}
"""Needs nothing that may be away."""
STYLED = {"mail/_letter.html"}
"""No page: mail programs know no style sheets. tests/test_html_letters.py looks after it."""
NAMED_LIKE_THE_SITE = {"home/index.html", "towns/index.html"}
INLINE = {
    "a style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "a script": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "a handler": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=|\shx-on\b", re.IGNORECASE),
    "a script as an address": re.compile(r"javascript:", re.IGNORECASE),
    "unescaped text": re.compile(r"\|\s*safe\b|\bautoescape\s+false\b"),
}


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return environment(Plugins(PLUGINS, builtin), tmp_path_factory.mktemp("own"), clock.now)


def tree(env: Environment, name: str) -> nodes.Template:
    return env.parse(FILES[name].read_text("utf-8"), name)


def test_every_file_in_a_template_folder_is_a_template_that_can_be_found(env: Environment) -> None:
    assert set(env.list_templates()) == set(FILES)
    assert {Path(name).suffix for name in FILES} == {".html", ".txt"}


@pytest.mark.parametrize("name", FILES)
def test_every_template_compiles(env: Environment, name: str) -> None:
    env.get_template(name)


@pytest.mark.parametrize("name", sorted(set(PAGES) - BASES - ALONE - NAMED_LIKE_THE_SITE))
def test_every_whole_page_has_a_title_of_its_own(env: Environment, name: str) -> None:
    blocks = {block.name for block in tree(env, name).find_all(nodes.Block)}
    assert "title" in blocks, "a page needs {% block title %}"


@pytest.mark.parametrize("name", sorted(set(PAGES) - BASES - ALONE))
def test_every_whole_page_extends_another_and_every_part_begins_with_an_underscore(env: Environment, name: str) -> None:
    assert list(tree(env, name).find_all(nodes.Extends)), "a part of a page is named _part.html"


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".html")])
def test_what_is_included_or_imported_is_named_as_a_part(env: Environment, name: str) -> None:
    found = tree(env, name).find_all((nodes.Include, nodes.Import, nodes.FromImport))
    named = [part.template.value for part in found if isinstance(part.template, nodes.Const)]
    assert [part for part in named if not Path(part).name.startswith("_")] == []
    assert [part for part in named if part not in FILES] == []


@pytest.mark.parametrize("name", sorted(set(FILES) - STYLED))
def test_no_template_holds_a_style_a_script_or_a_handler(name: str) -> None:
    source = FILES[name].read_text("utf-8")
    assert [what for what, sign in INLINE.items() if sign.search(source)] == []


@pytest.mark.parametrize(
    "name", [name for name in FILES if name.endswith(".txt") and not Path(name).name.startswith("_")]
)
def test_the_first_line_of_every_letter_is_its_subject(name: str) -> None:
    first = FILES[name].read_text("utf-8").split("\n")[0]
    assert first.startswith(("{{ _(", "{{ ngettext("))
    assert first.endswith(") }}")


@pytest.mark.parametrize("name", FILES)
def test_a_template_of_the_core_names_no_template_of_a_plugin(env: Environment, name: str) -> None:
    source = FILES[name].read_text("utf-8")
    own = name.partition("/")[0]
    others = [plugin.name for plugin in PLUGINS if plugin.name != own]
    assert [other for other in others if re.search(rf"[\"'/]{other}/", source)] == []
