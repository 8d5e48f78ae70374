"""SQLite: one file, made and migrated by whoever opens it first."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.orm import Session

from bookbytes_pipeline.db.migrations import is_current, migrate, version

_NOT_WRITING = ("SELECT", "PRAGMA", "BEGIN")


def connect(url: URL) -> Engine:
    """An engine that keeps no file open: opening one is cheap, and what is kept open nobody closes."""
    engine = create_engine(url, poolclass=NullPool, connect_args={"isolation_level": None})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "before_cursor_execute", _begin_before_writing)
    return engine


def require_tables(engine: Engine) -> None:
    """Make the file if there is none, and apply the migrations that it lacks, all of them or none."""
    Path(str(engine.url.database)).parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{engine.url.database}.lock", timeout=60):
        if not is_current(engine):
            _migrate(engine)


@contextmanager
def migrating(engine: Engine) -> Iterator[str | None]:
    """As opening does it; yields the version before. Whoever else asks for it meanwhile waits for the block."""
    Path(str(engine.url.database)).parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{engine.url.database}.migrating.lock", timeout=60):
        before = version(engine)
        require_tables(engine)
        yield before


def lock(session: Session, _names: Iterable[str]) -> None:
    """Be the only one who writes, whatever the names."""
    session.connection().exec_driver_sql("BEGIN IMMEDIATE")


def _prepare(connection: Any, _record: object) -> None:
    """Writers wait for each other, readers never wait, and foreign keys are kept: SQLite's defaults are otherwise."""
    connection.create_function("lower", 1, lambda text: text and text.lower(), deterministic=True)  # its own is ASCII's
    cursor = connection.cursor()
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_before_writing(connection: Connection, cursor: Any, statement: str, *_rest: object) -> None:
    """Begin the transaction at the first statement that may write, and wait there for the other writers.

    Begun at the first SELECT, it could not write any more once another process had: SQLite refuses that at once,
    whatever the busy timeout (two of three transactions of four threads that read, then wrote). Left to Python's
    driver, it would begin too late for savepoints and for CREATE TABLE. This way a SELECT before the first write
    sees what is committed at that moment, as on PostgreSQL.
    """
    if not cursor.connection.in_transaction and not statement.lstrip().upper().startswith(_NOT_WRITING):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(engine: Engine) -> None:
    """Foreign keys rest meanwhile: SQLite alters a table by replacing it, and dropping books would delete chapters."""
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        migrate(connection)
