"""What a store is made of, wherever it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file by its key, its size and when it was last written."""

    key: str
    bytes: int
    modified: datetime


class Files(Protocol):
    """Whole files by their keys (`sources/9780306406157.epub`), below one place. A reader sees all of one or none.

    A stream to be kept is seekable and is read from its beginning. Whatever keeps files from being used raises
    `StoreUnavailable`.
    """

    def read(self, key: str) -> bytes | None:
        """The content, or None where there is no such file."""
        ...

    def has(self, key: str) -> bool:
        """Whether there is such a file."""
        ...

    def write(self, key: str, content: bytes | BinaryIO) -> None:
        """Keep the content, in place of what was there."""
        ...

    def create(self, key: str, content: bytes | BinaryIO) -> bool:
        """Keep the content unless there is a file already; False where there is, also one of a moment ago."""
        ...

    def delete(self, key: str) -> None:
        """Drop a file; one that is gone already is no error."""
        ...

    def walk(self, folder: str = "") -> Iterator[StoredFile]:
        """Every whole file below `folder` (`sources`), in any order; none where there is no such folder."""
        ...

    def address(self, key: str = "") -> str:
        """Where a file, or everything, is: as people write it."""
        ...

    def require_room(self) -> None:
        """Raise `StoreUnavailable` unless a whole book can be written here."""
        ...

    def require_reachable(self) -> None:
        """Raise `StoreUnavailable` unless files can be read here; cheap enough to be asked every few seconds."""
        ...
