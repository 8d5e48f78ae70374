"""What the embedded Dagster keeps of each run beside its row: a SQLite file of events, and a folder of output."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, cast

import dagster as dg

PAGE_BYTES = 1024
"""Dagster's 25 tables and indexes take a page each, however empty: a quarter of SQLite's usual size is enough."""
_BUSY_TIMEOUT_S = 5.0


def compact_run(instance: dg.DagsterInstance, run_id: str, kept_kinds: Sequence[str]) -> int:
    """Delete the output of a run and its events of other kinds, and give the space back; returns how many events.

    Raises `sqlite3.Error`, for example while somebody reads the file; nothing is lost, and the next night does it.
    """
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    instance.event_log_storage.dispose()  # it keeps files open
    file = _events_file(instance, run_id)
    if not file.exists():
        return 0
    with closing(sqlite3.connect(file, timeout=_BUSY_TIMEOUT_S, isolation_level=None)) as database:
        kinds = ", ".join("?" * len(kept_kinds))
        deleted = database.execute(
            f"DELETE FROM event_logs WHERE coalesce(dagster_event_type, '') NOT IN ({kinds})",  # noqa: S608 - our kinds
            kept_kinds,
        ).rowcount
        if deleted or database.execute("PRAGMA page_size").fetchone() != (PAGE_BYTES,):
            with suppress(sqlite3.OperationalError):  # another process keeps it open; then the size of pages stays
                database.execute("PRAGMA journal_mode=DELETE")  # with the other one the size cannot change
            database.execute(f"PRAGMA page_size={PAGE_BYTES}")
            database.execute("VACUUM")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return deleted


def delete_run(instance: dg.DagsterInstance, run_id: str) -> None:
    """Delete a run with everything that Dagster keeps of it; on SQLite Dagster itself leaves its empty file."""
    instance.delete_run(run_id)
    if instance.event_log_storage.is_run_sharded:
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        for suffix in ("", "-wal", "-shm"):
            Path(f"{_events_file(instance, run_id)}{suffix}").unlink(missing_ok=True)


def _events_file(instance: dg.DagsterInstance, run_id: str) -> Path:
    """Return the file; Dagster documents no way to it, and `tests/defs/test_event_retention.py` tests this one."""
    return Path(cast("Any", instance.event_log_storage).path_for_shard(run_id))
