"""PostgreSQL: a server that many machines share, migrated by its operator."""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.orm import Session

from bookbytes_pipeline.db.migrations import apply_migrations, is_current, version
from bookbytes_pipeline.db.url import redacted_url
from bookbytes_pipeline.domain.errors import LibraryUnavailable

_STATEMENT_TIMEOUT_S = 15
"""Also for a lock, and for a free connection of the pool."""
_DISK_FULL = "53100"
_MIGRATION_TIMEOUT = "30min"
_KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
_CLIENT_OPTIONS = {"connect_timeout": 5, "tcp_user_timeout": 60_000, **_KEEPALIVES}
"""Keepalives, because by default a machine that vanished is waited for, and its locks are kept, for two hours."""
_SERVER_KEEPALIVES = "; ".join(f"SET tcp_{name} = {value}" for name, value in _KEEPALIVES.items())
_POOLER_OPTIONS = {"autocommit": True, "prepare_threshold": None}
"""PgBouncer gives each transaction another connection to the server: nothing may be prepared on one, or set in the
startup message. So transactions begin with their limits, in one message, and the driver begins none by itself."""


def open_engine(url: URL) -> Engine:
    """Return an engine of up to ten connections, two of them kept; each is checked before it is used again.

    An operator can set a longer `statement_timeout` in the `options` of the URL's query, though not behind PgBouncer.
    """
    engine = create_engine(
        url,
        pool_size=2,
        max_overflow=8,
        pool_timeout=_STATEMENT_TIMEOUT_S,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args=_CLIENT_OPTIONS | _POOLER_OPTIONS | {"application_name": "bookbytes"},
    )
    event.listen(engine, "connect", _keep_alive)
    event.listen(engine, "begin", _begin)
    return engine


def _keep_alive(connection: Any, _record: object) -> None:
    connection.execute(_SERVER_KEEPALIVES)


def _begin(connection: Connection) -> None:
    limits = "SET LOCAL timezone = 'UTC'"
    if "options" not in connection.engine.url.query:
        limits += f"; SET LOCAL statement_timeout = '{_STATEMENT_TIMEOUT_S}s'"
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(f"BEGIN; {limits}")


def ensure_current(engine: Engine) -> None:
    """Raise `LibraryUnavailable` unless every migration has been applied."""
    if not is_current(engine):
        url = redacted_url(engine.url)
        raise LibraryUnavailable(f"The tables of the library at {url} are not up to date: run `bookbytes migrate`.")


def is_full(error: BaseException, _url: URL) -> bool:
    """Return whether the server's disk is full."""
    return getattr(error, "sqlstate", None) == _DISK_FULL


def lock(session: Session, names: Iterable[str]) -> None:
    """Hold these names until the transaction ends; taken in one order, so that no two transactions can deadlock."""
    for name in sorted(set(names)):
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


@contextmanager
def migrate(engine: Engine) -> Iterator[str | None]:
    """Apply every migration that is missing; yield the version before.

    Other callers, on any machine, wait until the block ends. The lock has a transaction of its own, which outlasts the
    migrations'.
    """
    with engine.begin() as lock_holder:
        _extend_timeouts(lock_holder)
        lock_holder.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("bookbytes migrate", 0))))
        before = version(engine)
        if not is_current(engine):
            with engine.begin() as connection:
                _extend_timeouts(connection)
                apply_migrations(connection)
        yield before


def _extend_timeouts(connection: Connection) -> None:
    """Allow for a migration that rewrites a table, as no request does. The lock's transaction is idle meanwhile."""
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {limit} = '{_MIGRATION_TIMEOUT}'"))
