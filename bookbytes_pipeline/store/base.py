"""Reading and writing whole files under the store's base, whatever the base is."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from upath import UPath

from bookbytes_pipeline.domain.errors import StoreUnavailable

ROOM_FOR_A_BOOK = 100 * 1024 * 1024
"""Bytes. Thirty chapters of five minutes at 64 kbit/s are 72 MB; the rest is text and remembered answers."""


def write_whole(path: UPath, content: bytes | BinaryIO) -> None:
    """Write `content` to `path` so that a reader sees all of it or none, also if this process dies halfway."""
    source = BytesIO(content) if isinstance(content, bytes) else content
    with store_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(path, Path):
            with path.open("wb") as whole:  # an object store shows an object only once it is complete
                shutil.copyfileobj(source, whole)
            return
        partial = path.with_name(f".{path.name}.{uuid4().hex}.partial")
        try:
            with partial.open("wb") as file:
                shutil.copyfileobj(source, file)
                file.flush()
                os.fsync(file.fileno())  # else a power cut can leave the new name on an empty file
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def read_whole(path: UPath) -> bytes | None:
    """The content of `path`, or None where there is no such file."""
    with store_errors(path):
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None


def require_room(base: UPath) -> None:
    """Make sure that a book can be written under `base`, before anything is paid for; raises `StoreUnavailable`."""
    probe = base / f".probe-{uuid4().hex}"
    with store_errors(base):
        base.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"room?")
        probe.unlink()
        if isinstance(base, Path) and shutil.disk_usage(base).free < ROOM_FOR_A_BOOK:
            raise OSError(errno.ENOSPC, "No space left on device")


@contextmanager
def store_errors(path: UPath | Path) -> Iterator[None]:
    """Turn what the file system or bucket says into `StoreUnavailable`, naming the place and the way out."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StoreUnavailable(f"The store cannot use {path}: {reason}. {_remedy(error)}") from error


def _remedy(error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "Free some space or point LOCAL_STORAGE_PATH elsewhere; nothing made so far is lost."
    return "Check BOOKBYTES_HOME and LOCAL_STORAGE_PATH, and who may write there."
