"""Plugins: how they are found, asked, put in order and blamed."""

import sys
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy
import pytest

from codesign import builtin, hookspecs
from codesign.hookspecs import INSTALLED, hookimpl
from codesign.plugins import GROUP, Plugin, Plugins, find_plugins, ordered
from codesign.types import About, Link

ROOT = Path(__file__).resolve().parents[1]
HOOKS = [name for name, value in vars(hookspecs).items() if hasattr(value, "codesign_spec")]
WHOLE = """
from codesign.kit import About, hookimpl

@hookimpl
def about() -> About:
    return About("Choirs", "Sing together.", "Residents can sing.")
"""


def plugin(name: str, **hooks: Callable[..., Any]) -> Plugin:
    module = ModuleType(f"codesign_{name}")
    for hook, function in {"about": lambda: About(name.title(), "", ""), **hooks}.items():
        setattr(module, hook, hookimpl(function))
    return Plugin(name, module)


def linking(*weights: int) -> Callable[..., list[Link]]:
    def links(slot: str) -> list[Link]:
        return [Link(f"{weight}", "/", weight=weight) for weight in weights]

    return links


def labels(plugins: Plugins, *enabled: str) -> list[tuple[str, int]]:
    answers = plugins.hooks(frozenset(enabled)).links(slot="somewhere", subject=None, actor=None)
    return [(link.label, link.weight) for link in ordered(answers)]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of plugins with one in it, forgotten afterwards."""
    (tmp_path / "codesign_choirs").mkdir()
    (tmp_path / "codesign_choirs" / "__init__.py").write_text(WHOLE)
    (tmp_path / "codesign_empty").mkdir()
    (tmp_path / "notes.txt").write_text("no plugin")
    path = list(sys.path)
    yield tmp_path
    sys.path[:] = path
    sys.modules.pop("codesign_choirs", None)


def test_a_folder_beside_the_bundled_plugins_is_found_without_installing_anything(folder: Path) -> None:
    found = {plugin.name: plugin for plugin in find_plugins(folder)}
    assert set(found) == {"choirs", *(point.name for point in entry_points(group=GROUP))}
    assert found["choirs"].folder == folder / "codesign_choirs"
    assert Plugins(found.values(), builtin).about("choirs").title == "Choirs"


def test_every_folder_of_the_checkout_is_an_installed_plugin_too() -> None:
    installed = {point.name: point.value for point in entry_points(group=GROUP)}
    folders = [path.parent.name for path in (ROOT / "plugins").glob("*/__init__.py")]
    assert installed == {name.removeprefix("codesign_"): name for name in folders}


def test_an_installed_plugin_is_found_by_its_entry_point(folder: Path) -> None:
    sys.path.insert(0, str(folder))
    metadata = folder / "choirs-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: choirs\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[{GROUP}]\nsinging = codesign_choirs\n")
    found = {plugin.name: plugin.module.__name__ for plugin in find_plugins(folder / "nothing here")}
    assert found["singing"] == "codesign_choirs"


def test_answers_are_in_order_of_weight_and_then_of_the_plugins_name() -> None:
    made = [plugin(name, links=linking(5, 1)) for name in ("cedar", "aspen", "birch")]
    plugins = Plugins(made, builtin)
    answers = plugins.hooks(frozenset({"aspen", "birch", "cedar"})).links(slot="x", subject=None, actor=None)
    assert [[link.weight for link in answer] for answer in answers] == [[], [5, 1], [5, 1], [5, 1]]
    named = [plugin(n, links=lambda slot, n=n: [Link(n, "/", weight=1)]) for n in ("cedar", "aspen", "birch")]
    assert labels(Plugins(named, builtin), "aspen", "birch", "cedar") == [("aspen", 1), ("birch", 1), ("cedar", 1)]
    assert labels(plugins, "aspen", "birch", "cedar") == [("1", 1)] * 3 + [("5", 5)] * 3


def test_a_plugin_that_is_off_is_never_called() -> None:
    plugins = Plugins([plugin("aspen", links=linking(1)), plugin("birch", links=linking(2))], builtin)
    assert labels(plugins, "birch") == [("2", 2)]
    assert labels(plugins) == []
    assert labels(plugins, "aspen", "birch", "gone") == [("1", 1), ("2", 2)]


def test_a_relay_is_made_once_for_each_set_of_plugins() -> None:
    plugins = Plugins([plugin("aspen"), plugin("birch")], builtin)
    assert plugins.hooks(frozenset({"aspen"})) is plugins.hooks(frozenset({"aspen"}))
    assert plugins.hooks(frozenset({"aspen"})) is not plugins.hooks(frozenset({"birch"}))


def test_what_a_plugin_imports_is_no_hook_of_its_own() -> None:
    made = plugin("aspen")
    made.module.gettext = made.module.links = lambda: 1 / 0  # type: ignore[attr-defined]
    assert labels(Plugins([made], builtin), "aspen") == []


def test_a_misspelt_hook_is_refused_with_the_name_of_its_plugin() -> None:
    with pytest.raises(pluggy.PluginValidationError) as refused:
        Plugins([plugin("aspen", lniks=lambda slot: [])], builtin)
    assert "aspen" in str(refused.value)
    assert "lniks" in str(refused.value)


def test_a_misspelt_argument_of_a_hook_is_refused() -> None:
    with pytest.raises(pluggy.PluginValidationError, match="aspen"):
        Plugins([plugin("aspen", links=lambda slto: [])], builtin)


def broken(slot: str) -> list[Link]:
    raise ZeroDivisionError("the choir is out of tune")


def test_a_hook_that_fails_fails_loudly_and_names_its_plugin() -> None:
    plugins = Plugins([plugin("aspen", links=linking(1)), plugin("birch", links=broken)], builtin)
    with pytest.raises(ZeroDivisionError) as failed:
        labels(plugins, "aspen", "birch")
    assert failed.value.__notes__ == ["In the hook links of the plugin birch."]


def test_a_hook_of_installed_plugins_that_fails_names_its_plugin() -> None:
    plugins = Plugins([plugin("birch", kinds=lambda: 1 // 0)], builtin)
    with pytest.raises(ZeroDivisionError) as failed:
        plugins.each("kinds")
    assert failed.value.__notes__ == ["In the hook kinds of the plugin birch."]


def test_two_packages_cannot_define_one_permission(tmp_path: Path) -> None:
    from codesign.app import make_site
    from codesign.settings import Settings

    made = plugin("aspen", permissions=lambda: {"comments.post": lambda actor, thing, now: True})
    made.module.__file__ = str(tmp_path / "__init__.py")
    with pytest.raises(ValueError, match=r"comments\.post"):
        make_site(Settings(data=tmp_path), plugins=[made])


def test_hooks_of_enabled_plugins_are_not_asked_of_installed_ones() -> None:
    with pytest.raises(ValueError, match="links"):
        Plugins([], builtin).each("links")


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_bundled_implementation(hook: str) -> None:
    modules = [builtin, *(found.module for found in find_plugins())]
    assert [module for module in modules if hasattr(getattr(module, hook, None), "codesign_impl")]


def test_every_hook_is_documented_in_a_sentence_and_takes_no_positional_arguments() -> None:
    assert set(HOOKS) >= INSTALLED
    for hook in HOOKS:
        said = (getattr(hookspecs, hook).__doc__ or "").strip()
        assert said.endswith(".")
        assert len(said.splitlines()) == 1
