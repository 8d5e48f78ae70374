"""One database, whichever it is: opening it, and transactions in it."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from typing import Protocol
from weakref import finalize

from sqlalchemy import URL, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.orm import Session

from bookbytes_pipeline.db import postgresql, sqlite
from bookbytes_pipeline.db.migrations import version
from bookbytes_pipeline.db.url import parse_url, redacted_url
from bookbytes_pipeline.domain.errors import LibraryFull, LibraryUnavailable


class _Backend(Protocol):
    """What differs between databases."""

    def open_engine(self, url: URL) -> Engine: ...
    def ensure_current(self, engine: Engine) -> None: ...
    def migrate(self, engine: Engine) -> AbstractContextManager[str | None]: ...
    def is_full(self, error: BaseException, url: URL) -> bool: ...
    def lock(self, session: Session, names: Iterable[str]) -> None: ...


_FILE_ERRORS = {"unable to open database file", "attempt to write a readonly database"}
"""What SQLite says where permissions are missing, or a folder."""
_BACKENDS: Mapping[str, _Backend] = {"sqlite": sqlite, "postgresql": postgresql}


class Database:
    """A SQLite file or a PostgreSQL database, for all threads of a process.

    It is opened when it is first used. A SQLite file is created and migrated automatically; PostgreSQL is not, because
    its operator decides when. Raises `InvalidSettings` for a `url` that cannot be read.
    """

    def __init__(self, url: str) -> None:
        self.url = parse_url(url)
        self._backend = _BACKENDS[self.url.get_backend_name()]

    @property
    def address(self) -> str:
        """The URL without its secrets."""
        return redacted_url(self.url)

    @cached_property
    def engine(self) -> Engine:
        """The open database with current tables; raises `LibraryUnavailable`."""
        try:
            self._backend.ensure_current(self._engine)
        except (OSError, SQLAlchemyError) as error:
            raise self._unavailable(error) from error
        return self._engine

    def check(self) -> None:
        """Raise `LibraryUnavailable` unless the library can be used now."""
        with self.session() as session:
            session.connection()

    @contextmanager
    def session(self, *locks: str) -> Iterator[Session]:
        """One transaction: committed when the block ends, rolled back when it fails.

        Transactions that name one of the same `locks` run one after the other, on any machine, so that a decision can
        be based on what was read: count, then insert. A lock is any name (`"user 17"`); a transaction without locks
        waits for nobody. Name all locks here: taking them one by one can end in a deadlock. SQLite has a single writer
        anyway; there all locks are the same.
        """
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                if locks:
                    self._backend.lock(session, locks)
                yield session
        except (DBAPIError, NoFreeConnection) as error:
            raise self._unavailable(error) from error

    @contextmanager
    def migrate(self) -> Iterator[str | None]:
        """Bring the tables up to date, whatever the database; yield the version that they had, None for no tables.

        Other callers, on any machine, wait until the block ends. Raises `LibraryUnavailable`.
        """
        try:
            with self._backend.migrate(self._engine) as before:
                yield before
        except (OSError, SQLAlchemyError) as error:
            raise self._unavailable(error) from error

    @property
    def version(self) -> str | None:
        """The migration that was applied last; None for a database without tables."""
        return version(self._engine)

    def close(self) -> None:
        """Close the pooled connections; new ones are opened when needed."""
        self._engine.dispose()

    @cached_property
    def _engine(self) -> Engine:
        """The database, perhaps without tables; closed with the last reference to this object, if nobody closed it."""
        engine = self._backend.open_engine(self.url)
        finalize(self, engine.dispose)
        return engine

    def _unavailable(self, error: Exception) -> LibraryUnavailable:
        original = getattr(error, "orig", None) or error
        if self._backend.is_full(original, self.url):
            return LibraryFull(
                f"There is no space left for the library at {self.address}. Free some; what is in it can still be read."
            )
        cause = getattr(error, "strerror", None) or str(original).strip().splitlines()[0]
        of_a_file = isinstance(error, OSError) or cause in _FILE_ERRORS
        remedy = " Check BOOKBYTES_HOME or DATABASE_URL, and who may write there." if of_a_file else ""
        return LibraryUnavailable(f"The library at {self.address} cannot be used: {cause}.{remedy}")
