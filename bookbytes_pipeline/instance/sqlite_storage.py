"""Dagster's SQLite storage, with connections that stay open.

Dagster makes a new SQLAlchemy engine and a new connection for each transaction: each statement is compiled anew, and
SQLite merges its log into the file whenever the connection is closed. See docs/decisions/sqlite-connections.md.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from threading import RLock
from typing import Any, Self

import dagster as dg
from cachetools import LRUCache
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from sqlalchemy import Connection, Engine, create_engine

from bookbytes_pipeline.db.sqlite import CONNECTED_ONCE

BUSY_TIMEOUT_S = 30.0
MAX_OPEN_FILES = 8
"""Each run has a file of its own: as many as run at once on a machine of this kind, and the index."""


class EmbeddedStorage(DagsterSqliteStorage):
    """Everything that Dagster records, in the same files as Dagster's own storage: either can follow the other."""

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        super(DagsterSqliteStorage, self).__init__()  # type: ignore[no-untyped-call] # Dagster's, and without types
        self.base_dir = base_dir
        self._inst_data = inst_data
        self._run_storage = _Runs.from_local(str(Path(base_dir, "history")))
        self._event_log_storage = _EventLog(str(Path(base_dir, "history", "runs")))
        self._schedule_storage = _Schedules.from_local(str(Path(base_dir, "schedules")))

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> Self:
        """Return what `dagster.yaml` names.

        That of the project names no folder: then it is DAGSTER_HOME, or a temporary one for a command without.
        """
        folder = config_value["base_dir"] or os.environ.get("DAGSTER_HOME") or mkdtemp(prefix="dagster-")
        return cls(folder, inst_data)


class _OneFile:
    """A storage of Dagster's that is a single file: one engine instead of one for each transaction."""

    def __init__(self, conn_string: str, inst_data: Any = None) -> None:
        self._engine = _engine(conn_string)
        super().__init__(conn_string, inst_data)  # type: ignore[call-arg] # that of Dagster's storage beside this class

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with _transaction(self._engine) as connection:
            yield connection

    def dispose(self) -> None:
        self._engine.dispose()


class _Runs(_OneFile, SqliteRunStorage):
    pass


class _Schedules(_OneFile, SqliteScheduleStorage):
    pass


class _EventLog(SqliteEventLogStorage):
    """The first connection to a file is Dagster's, which creates its tables."""

    def __init__(self, base_dir: str) -> None:
        self._engines = _OpenFiles(MAX_OPEN_FILES)
        self._lock = RLock()
        self._tables: set[str] = set()
        super().__init__(base_dir)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._lock:
            engine = self._engines.get(shard)
            if engine is None:
                with super()._connect(shard):
                    pass
                engine = self._engines[shard] = _engine(self.conn_string_for_shard(shard))
            with _transaction(engine) as connection:
                yield connection

    def store_event(self, event: dg.EventLogEntry) -> None:
        super().store_event(event)
        os.utime(self.path_for_shard(event.run_id))  # the UI watches the file, which SQLite's log leaves alone

    def has_table(self, table_name: str) -> bool:
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def dispose(self) -> None:
        super().dispose()
        with self._lock:
            self._engines.clear()


class _OpenFiles(LRUCache[str, Engine]):
    """The engines of the files used last; the connections of others are closed."""

    def __delitem__(self, key: str) -> None:
        engine = self[key]
        super().__delitem__(key)
        engine.dispose()


def _engine(url: str) -> Engine:
    return create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        try:
            with connection.begin():
                yield connection
        finally:
            if CONNECTED_ONCE in connection.info:
                connection.invalidate()
