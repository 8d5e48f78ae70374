"""A lock that one process of this machine holds at a time."""

from contextlib import AbstractContextManager
from pathlib import Path

from filelock import FileLock, Timeout

from bookbytes_pipeline.domain.errors import BookBytesError, StoreUnavailable


def single_instance(home: Path, name: str, already_running: BookBytesError) -> AbstractContextManager[object]:
    """Take the lock `name` of this home, or raise `already_running`. The kernel frees it however the process ends.

    Raises `StoreUnavailable` where the home cannot be written.
    """
    try:
        (home / "locks").mkdir(parents=True, exist_ok=True)
        return FileLock(home / "locks" / f"{name}.lock").acquire(timeout=0)
    except Timeout:
        raise already_running from None
    except OSError as error:
        raise StoreUnavailable(
            f"{home} cannot be used: {error.strerror}. Check BOOKBYTES_HOME and who may write there."
        ) from error
