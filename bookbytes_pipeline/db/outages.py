"""Which failures are outages of our own services, which end by themselves."""

from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from bookbytes_pipeline.domain.errors import LibraryUnavailable, StoreUnavailable, StoreUnsuitable

_DATABASE_DOWN = (OperationalError, InterfaceError, NoFreeConnection)


def is_outage(error: BaseException | None) -> bool:
    """Return whether the store, the library or Dagster's database was down. Providers have retries of their own."""
    if is_database_down(error):
        return True
    chain = list(causes(error))
    # a wrong statement stays wrong when retried, and a store that lacks something goes on lacking it
    is_final = any(isinstance(cause, (DBAPIError, StoreUnsuitable)) for cause in chain)
    return not is_final and any(isinstance(cause, (StoreUnavailable, LibraryUnavailable)) for cause in chain)


def is_database_down(error: BaseException | None) -> bool:
    """Return whether a database did not answer, wherever in the error's causes it says so."""
    return any(isinstance(cause, _DATABASE_DOWN) for cause in causes(error))


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and everything that led to it, groups with all their members."""
    pending, seen = [error], set[int]()
    while pending:
        cause = pending.pop(0)
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        pending += [cause.__cause__, cause.__context__]
        if isinstance(cause, BaseExceptionGroup):
            pending += cause.exceptions


def root_cause(error: BaseException) -> str:
    """Return the first line of the error's root cause; Dagster and SQLAlchemy say more than anybody reads."""
    *_, root = causes(error)
    return (str(root).strip().splitlines() or [type(root).__name__])[0].rstrip(".")
