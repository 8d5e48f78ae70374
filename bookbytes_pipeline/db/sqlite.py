"""SQLite: one file, made and migrated by whoever opens it first."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.orm import Session

from bookbytes_pipeline.db.migrations import apply_migrations, is_current, version

_READ_ONLY_STATEMENTS = ("SELECT", "PRAGMA", "BEGIN")
_FILE_LOCK_TIMEOUT_S = 60
_BUSY_TIMEOUT_MS = 30_000


def open_engine(url: URL) -> Engine:
    """Return an engine that keeps no file open: opening one is cheap, and nobody would close it."""
    engine = create_engine(url, poolclass=NullPool, connect_args={"isolation_level": None})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "before_cursor_execute", _begin_before_writing)
    return engine


def ensure_current(engine: Engine) -> None:
    """Create the file if there is none, and apply the migrations that it lacks, all of them or none."""
    Path(str(engine.url.database)).parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{engine.url.database}.lock", timeout=_FILE_LOCK_TIMEOUT_S):
        if not is_current(engine):
            _migrate(engine)


@contextmanager
def migrate(engine: Engine) -> Iterator[str | None]:
    """Migrate as opening the file does; yield the version before. Other callers wait until the block ends."""
    Path(str(engine.url.database)).parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{engine.url.database}.migrating.lock", timeout=_FILE_LOCK_TIMEOUT_S):
        before = version(engine)
        ensure_current(engine)
        yield before


def lock(session: Session, _names: Iterable[str]) -> None:
    """Take the one lock that SQLite has, whatever the names: that of the writer."""
    session.connection().exec_driver_sql("BEGIN IMMEDIATE")


def _prepare(connection: Any, _record: object) -> None:
    """Make writers wait for each other, readers never, and enforce foreign keys: SQLite's defaults are otherwise."""
    # SQLite's own `lower` changes ASCII letters only
    connection.create_function("lower", 1, lambda text: text and text.lower(), deterministic=True)
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={_BUSY_TIMEOUT_MS}", "journal_mode=WAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_before_writing(connection: Connection, cursor: Any, statement: str, *_rest: object) -> None:
    """Begin the transaction at the first statement that may write, and wait there for the other writers.

    Begun at the first SELECT, it could not write any more once another process had: SQLite refuses that at once,
    whatever the busy timeout (two of three transactions of four threads that read, then wrote). Left to Python's
    driver, it would begin too late for savepoints and for CREATE TABLE. This way a SELECT before the first write
    sees what is committed at that moment, as on PostgreSQL.
    """
    if not cursor.connection.in_transaction and not statement.lstrip().upper().startswith(_READ_ONLY_STATEMENTS):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(engine: Engine) -> None:
    """Switch foreign keys off: SQLite alters a table by replacing it, and dropping books would delete chapters."""
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        apply_migrations(connection)
