"""Locks between the processes that share a home. The kernel frees them however a process ends."""

from contextlib import AbstractContextManager
from pathlib import Path

from filelock import FileLock, Timeout

from bookbytes_pipeline.domain.errors import StoreUnavailable


def home_lock(home: Path, name: str, timeout_s: float) -> AbstractContextManager[object]:
    """Take the lock `name` of this home; raises `filelock.Timeout`, and `StoreUnavailable` if it cannot be written."""
    try:
        (home / "locks").mkdir(parents=True, exist_ok=True)
        return FileLock(home / "locks" / f"{name}.lock").acquire(timeout=timeout_s)
    except Timeout:  # an OSError too
        raise
    except OSError as error:
        raise unusable(home, error.strerror) from error


def unusable(home: Path, reason: str | None) -> StoreUnavailable:
    """Return the error for people whose home cannot be written."""
    return StoreUnavailable(f"{home} cannot be used: {reason}. Check BOOKBYTES_HOME and who may write there.")
