"""Square covers: `covers/<isbn>.jpg`."""

import re
from dataclasses import dataclass

from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.store.files import Files

_ISBN = re.compile(r"[0-9]{13}")


@dataclass(frozen=True)
class CoverStore:
    """The covers of books as pages and feeds show them: made with a book's clips, or when somebody asks for one."""

    files: Files

    def read(self, isbn: ISBN) -> bytes | None:
        """Return the cover, or None where it has not been made."""
        return self.files.read(_key(isbn))

    def write(self, isbn: ISBN, jpeg: bytes) -> None:
        """Keep the cover in place of the one before, unless it is the same."""
        if self.read(isbn) != jpeg:
            self.files.write(_key(isbn), jpeg)

    def delete(self, isbn: ISBN) -> None:
        """Drop the cover; one that is gone already is no error."""
        self.files.delete(_key(isbn))


def _key(isbn: ISBN) -> str:
    if not _ISBN.fullmatch(isbn):
        raise ValueError(f"{isbn!r} is no ISBN-13")
    return f"covers/{isbn}.jpg"
