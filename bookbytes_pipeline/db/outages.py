"""Which failures are nobody's fault: something of ours was away, and will be back."""

from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from bookbytes_pipeline.domain.errors import LibraryUnavailable, StoreUnavailable

_DATABASE_AWAY = (OperationalError, InterfaceError, NoFreeConnection)


def is_outage(error: BaseException | None) -> bool:
    """Whether the store, the library or Dagster's database was away. A provider that is away was asked long enough."""
    if is_database_away(error):
        return True
    led = list(causes(error))
    is_fault = any(isinstance(one, DBAPIError) for one in led)  # a statement that will not be right the next time
    return not is_fault and any(isinstance(one, (StoreUnavailable, LibraryUnavailable)) for one in led)


def is_database_away(error: BaseException | None) -> bool:
    """Whether a database did not answer, wherever in the error's causes it says so."""
    return any(isinstance(one, _DATABASE_AWAY) for one in causes(error))


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and everything that led to it, groups with all their members."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
