"""Attached books: `sources/<isbn>.epub`."""

from dataclasses import dataclass
from typing import BinaryIO

from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.store.files import Files


@dataclass(frozen=True)
class SourceStore:
    """The EPUBs that people attached to ISBNs, as bytes: whoever attaches one has validated it."""

    files: Files

    def read(self, isbn: ISBN) -> bytes | None:
        """Return the EPUB attached to `isbn`, or None if there is none."""
        return self.files.read(_key(isbn))

    def has(self, isbn: ISBN) -> bool:
        """Return whether an EPUB is attached to `isbn`."""
        return self.files.has(_key(isbn))

    def write(self, isbn: ISBN, epub: bytes | BinaryIO) -> None:
        """Attach `epub` to `isbn`, in place of the one that was attached before."""
        self.files.write(_key(isbn), epub)

    def create(self, isbn: ISBN, epub: bytes | BinaryIO) -> bool:
        """Attach `epub` unless `isbn` has an EPUB already; return False if it has."""
        return self.files.create(_key(isbn), epub)


def _key(isbn: ISBN) -> str:
    return f"sources/{isbn}.epub"
