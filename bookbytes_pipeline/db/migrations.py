"""The version of a database's tables, and bringing it up to date."""

import re
from importlib.metadata import version as installed_version
from threading import Lock

from sqlalchemy import Connection, Engine, MetaData, Table, inspect, text
from sqlalchemy.schema import SetTableComment

from bookbytes_pipeline.db.url import redacted_url
from bookbytes_pipeline.domain.errors import LibraryUnavailable
from bookbytes_pipeline.project_files import project_file

REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0014",
    "0015",
    "0016",
    "0017",
)
"""All of `migrations/versions`, oldest first. Alembic would take a third of a second at every start to list them, so
a test compares the two."""

ALEMBIC_LOCK = Lock()
"""Alembic keeps what it works on in its modules: of two threads, the first to end would stop the other halfway."""


def is_current(engine: Engine) -> bool:
    """Return whether the newest migration has been applied.

    Raises `LibraryUnavailable` for tables that only a newer BookBytes knows.
    """
    applied = version(engine)
    if applied and applied not in REVISIONS:
        release = _migrated_by(engine)
        owner, remedy = (
            (release, "Use that release or a later one")
            if release
            else ("a newer BookBytes, or to Dagster", "Update this one")
        )
        raise LibraryUnavailable(
            f"The tables at {redacted_url(engine.url)} belong to {owner}; this is {_installed()}. {remedy}, or give "
            "the library a database of its own."
        )
    return applied == REVISIONS[-1]


def apply_migrations(connection: Connection) -> None:
    """Apply every migration that is missing, in the connection's transaction."""
    from alembic import command  # noqa: PLC0415 - half a second that only the one who opens the library needs
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(project_file("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    with ALEMBIC_LOCK:
        command.upgrade(config, "head")
    note_release(connection, _installed())


def version(engine: Engine) -> str | None:
    """Return the migration that was applied last; None for a database without tables."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        applied: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return applied


def note_release(connection: Connection, release: str) -> None:
    """Note in the database which release (`BookBytes 0.4.0`) migrated it: an older one can then say what it takes.

    In a comment on Alembic's table; a file of SQLite, which has no comments, has a number for it (4000).
    """
    if connection.dialect.name == "sqlite":
        major, minor, patch = re.findall(r"\d+", release)[:3]
        connection.exec_driver_sql(f"PRAGMA user_version = {int(major) * 10**6 + int(minor) * 10**3 + int(patch)}")
    else:
        connection.execute(SetTableComment(Table("alembic_version", MetaData(), comment=release)))


def _migrated_by(engine: Engine) -> str | None:
    """Return the release that migrated the database; None if none noted that."""
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            number = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            return f"BookBytes {number // 10**6}.{number // 10**3 % 10**3}.{number % 10**3}" if number else None
        return inspect(connection).get_table_comment("alembic_version")["text"]


def _installed() -> str:
    return f"BookBytes {installed_version('bookbytes')}"
