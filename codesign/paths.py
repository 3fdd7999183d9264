"""Where files are: inside the package (installed wheel) or beside it (checkout)."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder `templates` or `static` of the core, wherever this installation keeps it."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


TEMPLATES = folder("templates")
STATIC = folder("static")
CHECKOUT_PLUGINS = PACKAGE.parent / "plugins"
