"""What an operator may ask for, and what is refused before anything is made."""

from pathlib import Path
from types import ModuleType

import pytest

from codesign.app import make_site
from codesign.hookspecs import hookimpl
from codesign.municipalities import import_from, switch_plugin
from codesign.plugins import Plugin
from codesign.testing import World
from codesign.types import About, Importer, ImportJob, ImportReport, Refused
from codesign.web.site import Site


@pytest.fixture
def site(world: World, tmp_path: Path) -> Site:
    """The site of the world with one plugin, which reads nothing but says so."""
    module = ModuleType("reader")
    module.__file__ = str(tmp_path / "reader" / "__init__.py")

    def read(job: ImportJob) -> ImportReport:
        return ImportReport({"things": 1}, {}, ())

    module.about = hookimpl(lambda: About("Reader", "Reads.", "Nothing."))  # type: ignore[attr-defined]
    module.importers = hookimpl(lambda: [Importer("things", "Things", read)])  # type: ignore[attr-defined]
    return make_site(world.settings, [Plugin("reader", module)], world.clock.now)


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
    with pytest.raises(Refused, match=r"reader is off in alder\. Run `codesign plugins enable"):
        import_from(site, "things", tmp_path, "alder", lambda *_: None)
    switch_plugin(site, "alder", "reader", True)
    assert import_from(site, "things", tmp_path, "alder", lambda *_: None).imported == {"things": 1}
    site.registry.close()
