"""When the runs of a code server were last compared with its processes: kept in Dagster's storage, for readiness."""

import time

import dagster as dg

from bookbytes_pipeline.instance.orphaned_runs import CodeServerAddress


def record_check(instance: dg.DagsterInstance, address: CodeServerAddress) -> None:
    """Record that the runs of this code server have been checked now."""
    instance.daemon_cursor_storage.set_cursor_values({_key(address): str(time.time())})


def seconds_since_check(instance: dg.DagsterInstance, address: CodeServerAddress) -> float | None:
    """Return how long ago they were checked; None if they never were."""
    key = _key(address)
    checked_at = instance.daemon_cursor_storage.get_cursor_values({key}).get(key)
    return None if checked_at is None else time.time() - float(checked_at)


def _key(address: CodeServerAddress) -> str:
    return f"bookbytes_run_monitor/{address.host}:{address.port}"
