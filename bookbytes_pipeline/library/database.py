"""The library's database: opening it, and bringing the embedded one up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import URL, Engine, NullPool, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from bookbytes_pipeline.domain.errors import LibraryUnavailable

_PROJECT = Path(__file__).parents[2]


class Library:
    """The library in one SQLite file, made, opened and migrated when it is first used."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)

    @cached_property
    def engine(self) -> Engine:
        """The open database; raises `LibraryUnavailable`."""
        try:
            Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True)
            engine = _sqlite_engine(self.url)
            with FileLock(f"{self.url.database}.lock", timeout=60):
                if not _is_current(engine):
                    _migrate(engine)
        except (OSError, SQLAlchemyError) as error:
            raise LibraryUnavailable(self._explained(error)) from error
        return engine

    def require_open(self) -> None:
        """Raise `LibraryUnavailable` unless the library can be used."""
        with self.session():
            pass

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: committed when the block ends, rolled back when it fails."""
        try:
            with Session(self.engine) as session, session.begin():
                yield session
        except DBAPIError as error:
            raise LibraryUnavailable(self._explained(error)) from error

    def _explained(self, error: Exception) -> str:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return f"The library at {self.url.render_as_string(hide_password=True)} cannot be used: {cause}."


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(url, poolclass=NullPool)  # opening a file is cheap, and what is kept open nobody closes
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Writers wait for each other, readers never wait, and foreign keys are kept: SQLite's defaults are otherwise."""
    cursor = connection.cursor()
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _is_current(engine: Engine) -> bool:
    """Whether the newest migration has been applied; Alembic would take a third of a second to say so."""
    newest = max((_PROJECT / "migrations" / "versions").glob("*.py")).name.partition("_")[0]
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return bool(connection.scalar(text("SELECT version_num FROM alembic_version")) == newest)


def _migrate(engine: Engine) -> None:
    from alembic import command  # noqa: PLC0415 - half a second that only the one who opens the library needs
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config(toml_file=_PROJECT / "pyproject.toml")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
