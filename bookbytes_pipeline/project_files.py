"""The project's files that are no Python modules: `dagster.yaml`, and `migrations`, which Alembic loads by path."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_IN_WHEEL = _PACKAGE / "_project"


def serve_command() -> str:
    """Return what people type to serve: only a checkout has the Makefile, and its commands are not in the PATH."""
    return "bookbytes serve" if _IN_WHEEL.exists() else "make serve"


def project_file(name: str) -> Path:
    """Return where this file or folder is: in a wheel inside the package, in a checkout and in the image beside it."""
    packaged = _IN_WHEEL / name
    return packaged if packaged.exists() else _PACKAGE.parent / name
