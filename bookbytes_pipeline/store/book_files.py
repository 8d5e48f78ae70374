"""Whole books as files: `book_files/<isbn>/<digest>.<format>`."""

import re
from dataclasses import dataclass
from typing import BinaryIO

from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.store.files import Files

_KEY = re.compile(r"book_files/[0-9]{13}/[0-9a-f]{32}\.[0-9a-z]{2,10}")


@dataclass(frozen=True)
class BookFileStore:
    """The files of whole books. The digest is one of all that a file is made of; a key that is none raises."""

    files: Files

    def key(self, isbn: ISBN, digest: str, file_format: str) -> str:
        """The place of a file in the store."""
        return checked_book_file(f"book_files/{isbn}/{digest}.{file_format}")

    def has(self, key: str) -> bool:
        """Whether the file is there."""
        return self.files.has(checked_book_file(key))

    def write(self, key: str, content: BinaryIO) -> None:
        """Keep a finished file, which is read bit by bit."""
        self.files.write(checked_book_file(key), content)

    def delete(self, key: str) -> None:
        """Drop a file; one that is gone already is no error."""
        self.files.delete(checked_book_file(key))


def checked_book_file(key: str) -> str:
    """The key of a whole book's file; raises `ValueError` for any other, which might lead elsewhere."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no book file's key")
    return key
