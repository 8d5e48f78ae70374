"""PostgreSQL: a server that many machines share, migrated by its operator."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, create_engine, func, select, text
from sqlalchemy.orm import Session

from bookbytes_pipeline.db.migrations import is_current, migrate, version
from bookbytes_pipeline.db.url import shown
from bookbytes_pipeline.domain.errors import LibraryUnavailable

_PATIENCE = 15
"""Seconds that a statement, a lock or a free connection is waited for."""
_LONGEST_MIGRATION = "30min"
_KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
_SERVER_SIDE = " ".join(
    (
        f"-c statement_timeout={_PATIENCE}s -c timezone=UTC",
        *(f"-c tcp_{name}={value}" for name, value in _KEEPALIVES.items()),
    )
)
_CLIENT_SIDE = {"connect_timeout": 5, "tcp_user_timeout": 60_000, **_KEEPALIVES}
"""Keepalives, because by default a machine that vanished is waited for, and its locks are kept, for two hours."""


def connect(url: URL) -> Engine:
    """An engine of up to ten connections, two of them kept; each is checked before it is used again.

    `options` in the URL's query are kept and come last, so that an operator can have more patience.
    """
    options = f"{_SERVER_SIDE} {url.query.get('options', '')}"
    return create_engine(
        url,
        pool_size=2,
        max_overflow=8,
        pool_timeout=_PATIENCE,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args=_CLIENT_SIDE | {"options": options, "application_name": "bookbytes"},
    )


def require_tables(engine: Engine) -> None:
    """Raise `LibraryUnavailable` unless every migration has been applied."""
    if not is_current(engine):
        where = shown(engine.url)
        raise LibraryUnavailable(f"The tables of the library at {where} are not up to date: run `bookbytes migrate`.")


def lock(session: Session, names: Iterable[str]) -> None:
    """Hold these names until the transaction ends; taken in one order, lest two transactions wait for each other."""
    for name in sorted(set(names)):
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


@contextmanager
def migrating(engine: Engine) -> Iterator[str | None]:
    """Apply every migration that is missing; yields the version before.

    Whoever else asks for it meanwhile, on any machine, waits for the block. That lock has a transaction of its own,
    which outlasts the migrations'.
    """
    with engine.begin() as alone:
        _take_time(alone)
        alone.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("bookbytes migrate", 0))))
        before = version(engine)
        if not is_current(engine):
            with engine.begin() as connection:
                _take_time(connection)
                migrate(connection)
        yield before


def _take_time(connection: Connection) -> None:
    """A migration may rewrite a table; no request does. The lock's transaction is idle meanwhile."""
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {limit} = '{_LONGEST_MIGRATION}'"))
