"""Attached books: `sources/<isbn>.epub`."""

import os
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from bookbytes_pipeline.domain.book import BookText
from bookbytes_pipeline.domain.errors import UnreadableBook
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.epub.reader import read_cover, read_epub
from bookbytes_pipeline.store.files import Files

LARGEST = 50 * 1024 * 1024
"""Bytes. Illustrated books stay below this; text alone is rarely above 5 MB."""


@dataclass(frozen=True)
class SourceStore:
    """The EPUBs that people attached to ISBNs."""

    files: Files

    def attach(self, isbn: ISBN, epub: BinaryIO) -> BookText:
        """Keep `epub` as the text of `isbn` and return what it holds; raises `UnreadableBook` and keeps nothing."""
        text = self.check(epub)
        self.keep(isbn, epub)
        return text

    def check(self, epub: BinaryIO) -> BookText:
        """What `epub`, a seekable binary stream, holds; raises `UnreadableBook` if it cannot be attached."""
        size = epub.seek(0, os.SEEK_END)
        if size > LARGEST:
            raise UnreadableBook(f"The file has {size:,} bytes; {LARGEST:,} (50 MB) is the most.")
        return read_epub(epub)

    def keep(self, isbn: ISBN, epub: BinaryIO) -> None:
        """Keep `epub`, which has been checked, as the text of `isbn`."""
        epub.seek(0)
        self.files.write(_key(isbn), epub)

    def keep_first(self, isbn: ISBN, epub: BinaryIO) -> bool:
        """Keep `epub`, which has been checked, unless `isbn` has a text; False where it has."""
        epub.seek(0)
        return self.files.create(_key(isbn), epub)

    def text(self, isbn: ISBN) -> BookText | None:
        """The text of the book attached to `isbn`, or None if there is none."""
        epub = self.files.read(_key(isbn))
        return read_epub(BytesIO(epub)) if epub is not None else None

    def cover(self, isbn: ISBN) -> bytes | None:
        """The cover image (JPEG or PNG) of the attached book, if it has one."""
        epub = self.files.read(_key(isbn))
        return read_cover(BytesIO(epub)) if epub is not None else None

    def has(self, isbn: ISBN) -> bool:
        """Whether a book is attached to `isbn`."""
        return self.files.has(_key(isbn))


def _key(isbn: ISBN) -> str:
    return f"sources/{isbn}.epub"
