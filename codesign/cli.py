"""The command line: what an operator does. Exit codes: 0 done, 1 refused with a sentence, 2 wrong usage."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from codesign import __version__
from codesign.settings import Settings
from codesign.types import Invalid, NotFound, Refused

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
municipality = typer.Typer(no_args_is_help=True, help="Municipalities: create and list them.")
plugins = typer.Typer(no_args_is_help=True, help="Plugins: what is installed, and what is on in a municipality.")
user = typer.Typer(no_args_is_help=True, help="People with a role.")
app.add_typer(municipality, name="municipality")
app.add_typer(plugins, name="plugins")
app.add_typer(user, name="user")

Slug = Annotated[str, typer.Option("--municipality", help="Short name of the municipality.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")]


def main() -> None:
    """The entry point: refusals are sentences on the error stream, never traces."""
    from sqlalchemy.exc import OperationalError, ProgrammingError

    try:
        _add_commands_of_plugins(sys.argv[1:2])
        app()
    except (Refused, Invalid, NotFound) as error:
        _refuse(str(error))
    except OperationalError as error:
        _refuse(f"The database does not answer, or was not prepared by `codesign migrate`: {error.orig}")
    except ProgrammingError as error:
        _refuse(f"The database was not prepared. Run `codesign migrate` first. ({error.orig})")


def _add_commands_of_plugins(asked: list[str]) -> None:
    """`codesign <plugin> ...`: plugins are loaded only when one of them is meant, or the list of commands is."""
    ours = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    if asked and asked[0] in ours | {group.name for group in app.registered_groups}:
        return
    from codesign import builtin
    from codesign.plugins import Plugins, find_plugins

    installed = Plugins(find_plugins(), builtin)
    for name, plugin in installed.by_name.items():
        if hasattr(plugin.module, "commands"):
            group = typer.Typer(no_args_is_help=True, help=installed.about(name).description)
            plugin.module.commands(app=group)
            app.add_typer(group, name=name)


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence.strip(), err=True)
    sys.exit(1)


@contextmanager
def _site() -> Iterator[Any]:
    from codesign.app import make_site

    site = make_site(Settings.from_env())
    try:
        yield site
    finally:
        site.registry.close()


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


@app.command()
def serve(
    host: str = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer requests.")] = 1,
) -> None:
    """Serve every municipality. One process also sends the mail; with more, run `codesign worker` beside them."""
    from codesign.serving import run

    Settings.from_env()
    run(host, port, workers)


@app.command()
def demo(port: Port = 8000) -> None:
    """Build three example towns, print how to sign in, and serve them on this machine."""
    from codesign.demo import build, greeting
    from codesign.serving import claim, run_app

    settings = Settings.from_env()
    claim("127.0.0.1", port)
    password = build(settings)
    typer.echo(greeting(settings, port, password))
    run_app(settings, "127.0.0.1", port, development=True)


@app.command()
def worker() -> None:
    """Send the mail of every municipality until stopped."""
    import signal

    from codesign.worker import run

    stop = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stop.set())
    with _site() as site:
        run(site, stop)


@app.command()
def migrate() -> None:
    """Bring the registry and every municipality's store up to date. Stopped anywhere, run it again."""
    from codesign.migrate import upgrade_all

    with _site() as site:
        upgrade_all(site.registry, site.plugins, lambda name: typer.echo(f"migrating {name}"))


@municipality.command("create")
def create_municipality(
    slug: str,
    title: Annotated[str, typer.Option(help="Name of the site.")],
    locale: Annotated[str, typer.Option(help="Main language: en, kk, ru, es, et, ka or mn.")] = "en",
    plugins: Annotated[str, typer.Option(help="Plugins to switch on, with commas between.")] = "",
    host: Annotated[list[str] | None, typer.Option(help="A host name of its own; may be given again.")] = None,
    zone: Annotated[str, typer.Option(help="Time zone, for example Europe/Madrid.")] = "UTC",
) -> None:
    """Enter a municipality, make its store and switch plugins on."""
    from codesign.municipalities import create

    wanted = [name.strip() for name in plugins.split(",") if name.strip()]
    with _site() as site:
        create(site, slug, title, locale, wanted, tuple(host or ()), zone)
    typer.echo(f"{title} answers at {slug}.{Settings.from_env().host}")


@municipality.command("list")
def list_municipalities() -> None:
    """Print every municipality: short name, title, hosts."""
    with _site() as site:
        for entry in site.registry.entries().values():
            typer.echo("\t".join([entry.slug, entry.title, ",".join(entry.hosts)]))


@plugins.command("list")
def list_plugins(municipality: Slug) -> None:
    """Print every installed plugin, and whether it is on in this municipality."""
    from codesign.core.settings import chosen

    with _site() as site:
        with site.registry.store(municipality).read() as db:
            enabled = chosen(db).enabled
        for name, about in site.plugins.each("about"):
            typer.echo(f"{name}\t{'on' if name in enabled else 'off'}\t{about.title}")


@plugins.command("enable")
def enable_plugin(municipality: Slug, name: str) -> None:
    """Switch a plugin on in one municipality, from the next request on."""
    from codesign.municipalities import switch_plugin

    with _site() as site:
        switch_plugin(site, municipality, name, True)
    typer.echo(f"{name} is on in {municipality}.")


@plugins.command("disable")
def disable_plugin(municipality: Slug, name: str) -> None:
    """Switch a plugin off in one municipality. Its data stay."""
    from codesign.municipalities import switch_plugin

    with _site() as site:
        switch_plugin(site, municipality, name, False)
    typer.echo(f"{name} is off in {municipality}.")


@user.command("create")
def create_user(
    email: str,
    municipality: Slug,
    name: Annotated[str, typer.Option(help="The name shown beside what the person writes.")],
    role: Annotated[str, typer.Option(help="resident, moderator, official or administrator.")] = "resident",
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")] = False,
) -> None:
    """Create a person whose address needs no confirmation."""
    from codesign.municipalities import create_person

    if not password_stdin:
        raise Refused(
            "Give the password on standard input and say --password-stdin, so that no list of processes shows it."
        )
    password = sys.stdin.readline().rstrip("\r\n")
    with _site() as site:
        create_person(site, municipality, email, name, role, password)
    typer.echo(f"{email} can sign in.")


@app.command("import")
def import_data(
    kind: Annotated[str, typer.Argument(help="What wrote the files, for example consul.")],
    path: Annotated[Path, typer.Argument(help="A folder or a file.")],
    municipality: Slug,
) -> None:
    """Read data of another platform. A second run changes nothing; a stopped one goes on."""
    from codesign.municipalities import import_from, report_lines

    with _site() as site, progress_bars() as progress:
        report = import_from(site, kind, path, municipality, progress)
    for line in report_lines(report):
        typer.echo(line)


def progress_bars() -> Any:
    """A bar for each noun on a terminal; silence elsewhere. A context manager that gives `progress(noun, done, total)`."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    @contextmanager
    def bars() -> Any:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True)) as shown:
            tasks: dict[str, Any] = {}

            def advance(noun: str, done: int, total: int) -> None:
                if noun not in tasks:
                    tasks[noun] = shown.add_task(noun, total=total or None)
                shown.update(tasks[noun], completed=done, total=total or None)

            yield advance

    return bars()
