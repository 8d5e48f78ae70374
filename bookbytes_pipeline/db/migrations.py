"""The version of a database's tables, and bringing it up to date."""

from threading import Lock

from sqlalchemy import Connection, Engine, inspect, text

from bookbytes_pipeline.db.url import redacted_url
from bookbytes_pipeline.domain.errors import LibraryUnavailable
from bookbytes_pipeline.project_files import project_file

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""All of `migrations/versions`, oldest first. Alembic would take a third of a second at every start to list them, so
a test compares the two."""

_MIGRATION_LOCK = Lock()
"""Alembic keeps what it works on in its modules: of two threads, the first to end would stop the other halfway."""


def is_current(engine: Engine) -> bool:
    """Return whether the newest migration has been applied.

    Raises `LibraryUnavailable` for tables that only a newer BookBytes knows.
    """
    applied = version(engine)
    if applied and applied not in REVISIONS:
        raise LibraryUnavailable(
            f"The tables at {redacted_url(engine.url)} belong to a newer BookBytes, or to Dagster: update this one, or "
            "give the library a database of its own."
        )
    return applied == REVISIONS[-1]


def apply_migrations(connection: Connection) -> None:
    """Apply every migration that is missing, in the connection's transaction."""
    from alembic import command  # noqa: PLC0415 - half a second that only the one who opens the library needs
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(project_file("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    with _MIGRATION_LOCK:
        command.upgrade(config, "head")


def version(engine: Engine) -> str | None:
    """Return the migration that was applied last; None for a database without tables."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        applied: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return applied
