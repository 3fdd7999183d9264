"""Finding plugins and calling their hooks: one manager for each application, one relay for each set of plugins."""

import re
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, TypeVar

import pluggy

from codesign import hookspecs
from codesign.hookspecs import INSTALLED
from codesign.paths import CHECKOUT_PLUGINS
from codesign.types import About, Refused

GROUP = "codesign.plugins"
PREFIX = "codesign_"
NAME = re.compile("[a-z][a-z0-9_]{1,30}")
RESERVED = frozenset(
    [
        "accounts",
        "admin",
        "areas",
        "authorities",
        "codesign",
        "comments",
        "contributions",
        "core",
        "favicon",
        "feed",
        "files",
        "follow",
        "home",
        "language",
        "mail",
        "mailbox",
        "moderation",
        "notices",
        "residents",
        "search",
        "settings",
        "situations",
        "static",
        "subscribing",
        "tags",
        "threads",
        "topics",
        "towns",
        "users",
    ]
)
"""First parts of the core's own URLs and templates, which a plugin of that name would hide."""


class Weighted(Protocol):
    @property
    def weight(self) -> int: ...


Item = TypeVar("Item", bound=Weighted)


@dataclass(frozen=True)
class Plugin:
    """An installed plugin: `name` prefixes its URLs, tables, templates, settings, permissions and events."""

    name: str
    module: ModuleType

    @property
    def folder(self) -> Path:
        return Path(str(self.module.__file__)).parent


class Hooks:
    """The hooks of one municipality: a plugin that is off there is never called."""

    def __init__(self, manager: pluggy.PluginManager, disabled: Iterable[ModuleType]) -> None:
        self._manager = manager
        self._disabled = list(disabled)

    def __getattr__(self, name: str) -> Any:
        caller = self._manager.subset_hook_caller(name, self._disabled)

        def call(**arguments: Any) -> Any:
            try:
                return caller(**arguments)
            except Exception as error:
                culprits = {impl.function.__code__: impl.plugin_name for impl in caller.get_hookimpls()}
                passed = (culprits.get(frame.f_code) for frame, _line in traceback.walk_tb(error.__traceback__))
                _blame(error, name, next(filter(None, passed), "core"))
                raise

        setattr(self, name, call)
        return call


def _blame(error: Exception, hook: str, plugin: str) -> None:
    """Let the log name the plugin whose hook failed."""
    error.add_note(f"In the hook {hook} of the plugin {plugin}.")


class Plugins:
    """Every installed plugin of one application, and the relays to those that are enabled somewhere."""

    def __init__(self, plugins: Iterable[Plugin], builtin: ModuleType) -> None:
        self.manager = pluggy.PluginManager("codesign")
        self.manager.add_hookspecs(hookspecs)
        self.builtin = builtin
        plugins = list(plugins)
        _check(plugins)
        self.by_name = {plugin.name: plugin for plugin in sorted(plugins, key=lambda plugin: plugin.name)}
        # pluggy calls the last registered first, so that the core is asked first, then "a...".
        for plugin in reversed(self.by_name.values()):
            self.manager.register(plugin.module, name=plugin.name)
        self.manager.register(builtin, name="core")
        self.manager.check_pending()
        self._relays: dict[frozenset[str], Hooks] = {}

    def hooks(self, enabled: frozenset[str]) -> Hooks:
        """The relay for a set of enabled plugins; names that are not installed are passed over."""
        if enabled not in self._relays:
            off = [plugin.module for plugin in self.by_name.values() if plugin.name not in enabled]
            self._relays[enabled] = Hooks(self.manager, off)
        return self._relays[enabled]

    def each(self, hook: str) -> list[tuple[str, Any]]:
        """Ask an installed-plugin hook of every package by itself: (package name, answer), the core first."""
        if hook not in INSTALLED:
            raise ValueError(f"{hook} is a hook of enabled plugins.")
        packages = [("core", self.builtin), *((name, plugin.module) for name, plugin in self.by_name.items())]
        asked = [(name, getattr(module, hook, None)) for name, module in packages]
        return [(name, _ask(name, hook, found)) for name, found in asked if found is not None]

    def about(self, name: str) -> About:
        return dict(self.each("about"))[name]  # type: ignore[no-any-return]


def _check(plugins: list[Plugin]) -> None:
    """Raises Refused when a plugin cannot live here under its name."""
    for plugin in plugins:
        if plugin.name in RESERVED or not NAME.fullmatch(plugin.name):
            raise Refused(f"A plugin cannot be called {plugin.name!r}: use small letters, not a word of the core.")
        if not hasattr(plugin.module, "about"):
            raise Refused(f"The plugin {plugin.name} does not say what it is: it has no `about` hook.")


def _ask(plugin: str, hook: str, implementation: Callable[[], Any]) -> Any:
    try:
        return implementation()
    except Exception as error:
        _blame(error, hook, plugin)
        raise


def ordered(answers: Iterable[Iterable[Item]]) -> list[Item]:
    """The answers of a hook as one list: by weight, then by the name of the plugin that gave them."""
    return sorted((item for answer in answers for item in answer), key=lambda item: item.weight)


def find_plugins(folder: Path = CHECKOUT_PLUGINS) -> list[Plugin]:
    """Installed entry points, and in a checkout every folder of `plugins/`, so that a new one is found at once."""
    found = {point.name: point.value for point in entry_points(group=GROUP)}
    if folder.is_dir():
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
        folders = [path.name for path in sorted(folder.iterdir()) if (path / "__init__.py").exists()]
        found |= {name.removeprefix(PREFIX): name for name in folders}
    return [Plugin(name, import_module(module)) for name, module in sorted(found.items())]
