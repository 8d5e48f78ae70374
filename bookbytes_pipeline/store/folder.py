"""A store in a folder of this machine."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from bookbytes_pipeline.domain.errors import StoreFull, StoreUnavailable
from bookbytes_pipeline.store.files import StoredFile

MIN_FREE_BYTES = 100 * 1024 * 1024
"""Room for a book. Thirty chapters of five minutes at 64 kbit/s are 72 MB; the rest is text and remembered answers."""
_FULL = {errno.ENOSPC, errno.EDQUOT}
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


@dataclass(frozen=True)
class Folder:
    """Files below `base`. Each is written under a temporary name and renamed when it is complete and on the disk."""

    base: Path
    min_free_bytes: int = MIN_FREE_BYTES

    def read(self, key: str) -> bytes | None:
        """The content, or None where there is no such file."""
        path = self.path(key)
        with store_errors(path):
            try:
                return path.read_bytes()
            except FileNotFoundError:
                return None

    def has(self, key: str) -> bool:
        """Whether there is such a file."""
        path = self.path(key)
        with store_errors(path):
            return path.is_file()

    def write(self, key: str, content: bytes | BinaryIO) -> None:
        """Keep the content, in place of what was there."""
        path = self.path(key)
        with store_errors(path), _written_beside(path, content) as whole:
            whole.replace(path)

    def create(self, key: str, content: bytes | BinaryIO) -> bool:
        """Keep the content unless there is a file already; on a file system without hard links the last one wins."""
        path = self.path(key)
        with store_errors(path), _written_beside(path, content) as whole:
            try:
                os.link(whole, path)
            except FileExistsError:
                return False
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                whole.replace(path)
        return True

    def delete(self, key: str) -> None:
        """Drop a file, and its folder with the last one."""
        path = self.path(key)
        with store_errors(path):
            path.unlink(missing_ok=True)
        with suppress(OSError):  # not the last one
            path.parent.rmdir()

    def walk(self, folder: str = "") -> Iterator[StoredFile]:
        """Every whole file below `folder`; what is being written has a name that begins with a dot."""
        path = self.path(folder)
        with store_errors(path), suppress(FileNotFoundError), os.scandir(path) as entries:
            for entry in entries:
                key = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    yield from self.walk(key)
                elif not entry.name.startswith("."):
                    with suppress(FileNotFoundError):  # deleted meanwhile
                        found = entry.stat()
                        yield StoredFile(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def address(self, key: str = "") -> str:
        """The path."""
        return str(self.path(key))

    def path(self, key: str) -> Path:
        """Where the file lies, to be opened or streamed."""
        return self.base / key

    def require_room(self) -> None:
        """Write a little, and look at what is free."""
        with store_errors(self.base), _written_beside(self.base / "probe", b"room?"):
            if shutil.disk_usage(self.base).free < self.min_free_bytes:
                raise OSError(errno.ENOSPC, "No space left on device")

    def require_reachable(self) -> None:
        """Look into the folder, and create it where it is missing: what is in it can be read when the disk is full."""
        with store_errors(self.base):
            if not self.base.is_dir():
                self.base.mkdir(parents=True)
            os.scandir(self.base).close()


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turn what the file system says into `StoreUnavailable`, naming the place and the way out."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreFull(
                f"There is no space left for {path}. Free some, or point LOCAL_STORAGE_PATH elsewhere; nothing made so "
                "far is lost."
            ) from error
        raise StoreUnavailable(
            f"The store cannot use {path}: {error.strerror or type(error).__name__}. Check BOOKBYTES_HOME and "
            "LOCAL_STORAGE_PATH, and who may write there."
        ) from error


@contextmanager
def _written_beside(path: Path, content: bytes | BinaryIO) -> Iterator[Path]:
    """A file in the same folder that holds the whole content; gone when the block ends, unless it was renamed."""
    source = BytesIO(content) if isinstance(content, bytes) else content
    source.seek(0)
    partial = path.with_name(f".{path.name}.{uuid4().hex}.partial")
    try:
        with _opened(partial) as file:
            shutil.copyfileobj(source, file)
            file.flush()
            os.fsync(file.fileno())  # else a power cut can leave the new name on an empty file
        yield partial
    finally:
        partial.unlink(missing_ok=True)


def _opened(partial: Path) -> BinaryIO:
    """The new file, and its folder if need be: whoever deletes the last file of a folder takes that away, too."""
    partial.parent.mkdir(parents=True, exist_ok=True)
    try:
        return partial.open("xb")
    except FileNotFoundError:
        partial.parent.mkdir(parents=True, exist_ok=True)
        return partial.open("xb")
