"""What an operator may ask for, and what is refused before anything is made."""

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from codesign.app import make_site
from codesign.hookspecs import hookimpl
from codesign.municipalities import import_from, merged, report_lines, switch_plugin
from codesign.plugins import Plugin
from codesign.testing import World
from codesign.types import About, Importer, ImportJob, ImportReport, Refused
from codesign.web.site import Site


@pytest.fixture
def site(world: World, tmp_path: Path) -> Site:
    """The site of the world with two plugins, which read nothing but say so. One leaves to the other what it takes."""
    plugins = [reading(tmp_path, "reader", 1, ("a holds ants",)), reading(tmp_path, "writer", 2, ())]
    return make_site(world.settings, plugins, world.clock.now)


def reading(folder: Path, name: str, number: int, passed_over: tuple[str, ...]) -> Plugin:
    module = ModuleType(name)
    module.__file__ = str(folder / name / "__init__.py")

    def read(job: ImportJob) -> ImportReport:
        return ImportReport({"things": number}, {}, (), (), passed_over)

    module.about = hookimpl(lambda: About(name.title(), "Reads.", "Nothing."))  # type: ignore[attr-defined]
    module.importers = hookimpl(lambda: [Importer("things", "Things", read)])  # type: ignore[attr-defined]
    return Plugin(name, module)


def test_a_host_belongs_to_one_town_however_it_is_written(site: Site) -> None:
    site.registry.create("ash", "Ash", site.now(), ("ash.example",))
    with pytest.raises(Refused, match=r"Another municipality answers at ash\.example\."):
        site.registry.create("oak", "Oak", site.now(), ("ASH.example",))
    assert site.registry.slugs() == ["alder", "ash", "birch"]
    site.registry.close()


def test_a_host_given_twice_is_entered_once(site: Site) -> None:
    site.registry.create("ash", "Ash", site.now(), ("ash.example", "Ash.Example"))
    assert site.registry.entries()["ash"].hosts == ("ash.example",)
    site.registry.close()


def test_nothing_is_imported_where_the_plugin_is_off_and_the_operator_reads_what_to_do(
    site: Site, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match=r"reader or writer is off in alder\. Run `codesign plugins enable"):
        import_from(site, "things", tmp_path, "alder", lambda *_: None)
    switch_plugin(site, "alder", "reader", True)
    assert import_from(site, "things", tmp_path, "alder", lambda *_: None).imported == {"things": 1}
    site.registry.close()


def report(skipped: Sequence[str], notes: Sequence[str], passed_over: Sequence[str], **imported: int) -> ImportReport:
    return ImportReport(imported, {"comments": 2}, skipped, notes, passed_over)


def test_reports_on_the_same_files_become_one_that_tells_everything_once() -> None:
    first = report(["line 1", "line 2", "line 3"], ["few"], ["a holds ants", "b holds bees"], ants=1, people=2)
    second = report(["line 2", "line 9"], ["few", "many"], ["b holds bees", "c holds cats"], people=3)
    both = merged([first, second])
    assert (both.imported, both.unchanged) == ({"ants": 1, "people": 5}, {"comments": 4})
    assert (list(both.skipped), len(both.skipped)) == (["line 1", "line 2", "line 3", "line 9"], 4)
    assert list(both.notes) == ["few", "many", "b holds bees; nothing that is switched on here takes them."]
    assert list(report_lines(both))[:4] == [
        "imported: 1 ants, 5 people", "already there: 4 comments", "skipped: 4", "  line 1",
    ]  # fmt: skip


def test_what_the_only_importer_leaves_to_others_is_told() -> None:
    alone = merged([report(["line 1"], [], ["b holds bees"])])
    assert (list(alone.skipped), len(alone.skipped), len(alone.notes)) == (["line 1"], 1, 1)
    assert list(alone.notes) == ["b holds bees; nothing that is switched on here takes them."]


def test_every_importer_of_that_name_reads_where_its_plugin_is_on(site: Site, tmp_path: Path) -> None:
    for name in ("reader", "writer"):
        switch_plugin(site, "alder", name, True)
        done = import_from(site, "things", tmp_path, "alder", lambda *_: None)
    assert (done.imported, list(done.notes)) == ({"things": 3}, [])
    site.registry.close()
