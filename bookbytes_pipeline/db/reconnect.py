"""Waiting for a database that is down: it is being restarted, or has not started yet."""

from typing import Any

from sqlalchemy import Engine, event
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_exponential, wait_fixed

from bookbytes_pipeline.db.outages import is_database_down

RECONNECT_TIMEOUT_S = 60.0

retry_while_down = Retrying(
    stop=stop_after_delay(RECONNECT_TIMEOUT_S),
    wait=wait_fixed(1),
    retry=retry_if_exception(is_database_down),
    reraise=True,
)
"""Call a function until the database that it needs is up, for a minute at most; then raise its last error."""


def install_reconnect_hook() -> None:
    """From now on, retry every connection of this process to PostgreSQL for up to a minute.

    For processes that execute runs: nobody waits for them, and it is better for a run to wait than to fail. Dagster
    itself tries for 11 seconds.
    """
    if not event.contains(Engine, "do_connect", _connect_with_retry):
        event.listen(Engine, "do_connect", _connect_with_retry)


def _connect_with_retry(dialect: Any, _record: object, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    """Return a connection of the database's driver, or None to leave it to SQLAlchemy. Dagster asks six times."""
    if dialect.name != "postgresql":
        return None
    database_down = dialect.loaded_dbapi.OperationalError
    retrying = Retrying(
        stop=stop_after_delay(RECONNECT_TIMEOUT_S),
        wait=wait_exponential(multiplier=0.2, max=2),
        retry=retry_if_exception(lambda error: isinstance(error, database_down)),
        reraise=True,
    )
    return retrying(dialect.connect, *arguments, **keywords)
