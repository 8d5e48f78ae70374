"""SQLite: one file, made and migrated by whoever opens it first."""

import errno
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from filelock import FileLock
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.orm import Session

from bookbytes_pipeline.db.migrations import apply_migrations, is_current, version

_READ_ONLY_STATEMENTS = ("SELECT", "PRAGMA", "BEGIN")
_FILE_LOCK_TIMEOUT_S = 60
_BUSY_TIMEOUT_MS = 30_000
_CANNOT_WRITE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
"""What SQLite says on a full disk, depending on which of its files it could not write; and of a read-only one."""
CONNECTED_ONCE = "bookbytes_connected_once"
"""The note on a connection that must not be used for another transaction, in its `info`."""
_FULL_BYTES = 1024 * 1024
"""With less than this free, a file that cannot be written is taken to have no space."""


def open_engine(url: URL) -> Engine:
    """Return an engine that keeps no file open: opening one is cheap, and nobody would close it."""
    _install_read_fallback()
    engine = create_engine(url, poolclass=NullPool, connect_args={"isolation_level": None})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "before_cursor_execute", _begin_before_writing)
    return engine


def ensure_current(engine: Engine) -> None:
    """Create the file if there is none, and apply the migrations that it lacks, all of them or none."""
    if _file(engine.url).exists() and is_current(engine):  # without the lock, whose file could not be written
        return
    _file(engine.url).parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{engine.url.database}.lock", timeout=_FILE_LOCK_TIMEOUT_S):
        if not is_current(engine):
            _migrate(engine)


@contextmanager
def migrate(engine: Engine) -> Iterator[str | None]:
    """Migrate as opening the file does; yield the version before. Other callers wait until the block ends."""
    _file(engine.url).parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{engine.url.database}.migrating.lock", timeout=_FILE_LOCK_TIMEOUT_S):
        before = version(engine)
        ensure_current(engine)
        yield before


def lock(session: Session, _names: Iterable[str]) -> None:
    """Take the one lock that SQLite has, whatever the names: that of the writer."""
    session.connection().exec_driver_sql("BEGIN IMMEDIATE")


def is_full(error: BaseException, url: URL) -> bool:
    """Return whether it was the lack of space that made SQLite, or the lock beside it, fail."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOSPC
    code = getattr(error, "sqlite_errorcode", None)
    if code is None or code & 0xFF not in _CANNOT_WRITE:
        return False
    return code == sqlite3.SQLITE_FULL or shutil.disk_usage(_file(url).parent).free < _FULL_BYTES


def _install_read_fallback() -> None:
    """From now on, open SQLite files of this process, Dagster's too, for reading where nothing can be written."""
    if not event.contains(Engine, "do_connect", _connect_or_read):
        event.listen(Engine, "do_connect", _connect_or_read)


def _connect_or_read(dialect: Any, record: Any, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    """Return a connection that can at least read, or None to leave it to SQLAlchemy, as for other databases.

    Even a reader writes two files beside the database, which it cannot on a full disk. Without them SQLite reads only
    what it is told that nobody changes: nobody can, there, and such a connection lives for one transaction.
    """
    if dialect.name != "sqlite" or not arguments or not Path(arguments[0]).is_file():
        return None
    path = arguments[0]
    try:
        return _readable(sqlite3.connect(path, **keywords))
    except sqlite3.OperationalError as error:
        unmerged = Path(f"{path}-wal")
        if error.sqlite_errorcode & 0xFF not in _CANNOT_WRITE or (unmerged.exists() and unmerged.stat().st_size):
            raise
        record.info[CONNECTED_ONCE] = True
        try:
            return _readable(sqlite3.connect(f"file:{quote(path)}?immutable=1", **keywords | {"uri": True}))
        except sqlite3.Error:
            raise error from None


def _readable(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Read a little, which opens the files beside the database."""
    try:
        connection.execute("SELECT 1 FROM sqlite_schema")
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: Any, _record: object) -> None:
    """Make writers wait for each other, readers never, and enforce foreign keys: SQLite's defaults are otherwise."""
    # SQLite's own `lower` changes ASCII letters only
    connection.create_function("lower", 1, lambda text: text and text.lower(), deterministic=True)
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={_BUSY_TIMEOUT_MS}", "journal_mode=WAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _file(url: URL) -> Path:
    return Path(str(url.database))


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
