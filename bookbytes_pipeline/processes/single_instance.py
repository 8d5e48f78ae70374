"""A lock that one process of this machine holds at a time."""

from contextlib import AbstractContextManager
from pathlib import Path

from filelock import Timeout

from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.instance.home_lock import home_lock


def single_instance(home: Path, name: str, already_running: BookBytesError) -> AbstractContextManager[object]:
    """Take the lock `name` of this home, or raise `already_running`; raises `StoreUnavailable` as `home_lock` does."""
    try:
        return home_lock(home, name, 0)
    except Timeout:
        raise already_running from None
