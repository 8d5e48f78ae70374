"""The library's database, whichever it is: opening it, and transactions in it."""

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
from bookbytes_pipeline.db.url import parsed, shown
from bookbytes_pipeline.domain.errors import LibraryUnavailable


class _Database(Protocol):
    """What differs between databases."""

    def connect(self, url: URL) -> Engine: ...
    def require_tables(self, engine: Engine) -> None: ...
    def migrating(self, engine: Engine) -> AbstractContextManager[str | None]: ...
    def lock(self, session: Session, names: Iterable[str]) -> None: ...


_DATABASES: Mapping[str, _Database] = {"sqlite": sqlite, "postgresql": postgresql}


class Database:
    """The library in a SQLite file or in a PostgreSQL database, for all threads of a process.

    It is opened when it is first used. A SQLite file is made and migrated by itself; PostgreSQL is not, because its
    operator decides when. Raises `InvalidSettings` for a `url` that cannot be read.
    """

    def __init__(self, url: str) -> None:
        self.url = parsed(url)
        self._database = _DATABASES[self.url.get_backend_name()]

    @property
    def address(self) -> str:
        """The URL without what must not be seen."""
        return shown(self.url)

    @cached_property
    def engine(self) -> Engine:
        """The open database; raises `LibraryUnavailable`."""
        try:
            self._database.require_tables(self._engine)
        except (OSError, SQLAlchemyError) as error:
            raise LibraryUnavailable(self._explained(error)) from error
        return self._engine

    def check(self) -> None:
        """Raise `LibraryUnavailable` unless the library can be used now."""
        with self.session() as session:
            session.connection()

    @contextmanager
    def session(self, *locks: str) -> Iterator[Session]:
        """One transaction: committed when the block ends, rolled back when it fails.

        While it lasts, no other transaction that asks for one of the same `locks` is let in, on any machine: they
        wait. So what is read can be relied on when it is written upon: count, then add; look, then take. A lock is
        any name (`"user 17"`); those who ask for none are not kept from anything, in particular not from reading.
        Name them all here: taking them one after the other can end in two transactions waiting for each other.
        SQLite has one writer at a time anyway; there all locks are the same one.
        """
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                if locks:
                    self._database.lock(session, locks)
                yield session
        except (DBAPIError, NoFreeConnection) as error:
            raise LibraryUnavailable(self._explained(error)) from error

    @contextmanager
    def migrating(self) -> Iterator[str | None]:
        """Bring the tables up to date, whatever the database; yields the version that they had, None for no tables.

        Until the block ends nobody else is let in here, on any machine. Raises `LibraryUnavailable`.
        """
        try:
            with self._database.migrating(self._engine) as before:
                yield before
        except (OSError, SQLAlchemyError) as error:
            raise LibraryUnavailable(self._explained(error)) from error

    @property
    def version(self) -> str | None:
        """The migration that was applied last; None for a database without tables."""
        return version(self._engine)

    def close(self) -> None:
        """End the connections that are kept; they are made again when needed."""
        self._engine.dispose()

    @cached_property
    def _engine(self) -> Engine:
        """The database, perhaps without tables. A library that nobody closed closes when nobody uses it any more."""
        engine = self._database.connect(self.url)
        finalize(self, engine.dispose)
        return engine

    def _explained(self, error: Exception) -> str:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return f"The library at {self.address} cannot be used: {cause}."
