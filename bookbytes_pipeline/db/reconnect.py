"""Waiting for a database that is away: it is being restarted, or has not started yet."""

from typing import Any

from sqlalchemy import Engine, event
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_exponential, wait_fixed

from bookbytes_pipeline.db.outages import is_database_away

PATIENCE = 60.0
"""Seconds."""

retry_while_down = Retrying(
    stop=stop_after_delay(PATIENCE), wait=wait_fixed(1), retry=retry_if_exception(is_database_away), reraise=True
)
"""Call something until the database that it needs is there, for a minute at most; then its last error."""


def install_reconnect_hook() -> None:
    """From now on, let every connection to PostgreSQL that this process makes take a minute, if it must.

    For processes that execute runs: nobody waits for them, and a run had rather wait than fail. Dagster itself tries
    for 11 seconds. When its code server has then lost a run, and the database still is away, the thread that looks
    after runs dies, and nobody notices the end of a run there any more.
    """
    if not event.contains(Engine, "do_connect", _connected):
        event.listen(Engine, "do_connect", _connected)


def _connected(dialect: Any, _record: object, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    """A connection of the database's driver, or None to leave it to SQLAlchemy. Dagster asks six times."""
    if dialect.name != "postgresql":
        return None
    away = dialect.loaded_dbapi.OperationalError
    waiting = Retrying(
        stop=stop_after_delay(PATIENCE),
        wait=wait_exponential(multiplier=0.2, max=2),
        retry=retry_if_exception(lambda error: isinstance(error, away)),
        reraise=True,
    )
    return waiting(dialect.connect, *arguments, **keywords)
