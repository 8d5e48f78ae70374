"""This process's connection to Dagster, opened when it is first needed and, where that fails, tried again later."""

from contextlib import ExitStack
from threading import Lock

import dagster as dg
from dagster_postgres.utils import DagsterPostgresException
from sqlalchemy.exc import SQLAlchemyError

from bookbytes_api.errors import DagsterUnavailable
from bookbytes_pipeline.instance.embedded import open_instance
from bookbytes_pipeline.settings import Settings

_STATEMENT_TIMEOUT_MS = 15_000
_MAX_OVERFLOW_CONNECTIONS = 10
_RECYCLE_CONNECTIONS_S = 3600

DATABASE_AWAY = (SQLAlchemyError, DagsterPostgresException, OSError)
"""What Dagster raises where its database does not answer; the second, after 11 seconds of trying to connect to it."""


class Connection:
    """The Dagster instance of these settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._opened = ExitStack()
        self._instance: dg.DagsterInstance | None = None

    @property
    def instance(self) -> dg.DagsterInstance:
        """The instance, with pooled connections; raises `DagsterUnavailable`."""
        with self._lock:
            if self._instance is None:
                self._instance = self._open()
            return self._instance

    def close(self) -> None:
        """Close the connections."""
        self._opened.close()

    def _open(self) -> dg.DagsterInstance:
        try:
            instance = self._opened.enter_context(open_instance(self._settings))
        except Exception as error:  # whatever is wrong with its configuration or database
            raise DagsterUnavailable(
                "Dagster's records cannot be opened. `bookbytes doctor` says why; try again when that is fixed."
            ) from error
        instance.optimize_for_webserver(
            statement_timeout=_STATEMENT_TIMEOUT_MS,
            pool_recycle=_RECYCLE_CONNECTIONS_S,
            max_overflow=_MAX_OVERFLOW_CONNECTIONS,
        )
        # Dagster makes these two on first use without a lock, so that a second thread could get one unfinished.
        _ = instance.run_coordinator, instance.run_launcher
        return instance
