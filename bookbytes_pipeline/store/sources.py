"""Attached books, `sources/<isbn>.epub`, and the corrections of their chapters, `sources/<isbn>.chapters.json`."""

from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from bookbytes_pipeline.domain.corrections import Correction
from bookbytes_pipeline.domain.errors import StoreUnavailable
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

    def read_correction(self, isbn: ISBN) -> Correction | None:
        """Return how people corrected the chapters of `isbn`, or None if nobody did."""
        content = self.files.read(_correction_key(isbn))
        try:
            return None if content is None else msgspec.json.decode(content, type=Correction)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            address = self.files.address(_correction_key(isbn))
            raise StoreUnavailable(
                f"{address} does not hold the chapters of a book. `bookbytes chapters {isbn} --reset` drops it."
            ) from error

    def write_correction(self, isbn: ISBN, correction: Correction) -> None:
        """Keep `correction` in place of the one before; it outlasts a new text, which it may no longer fit."""
        self.files.write(_correction_key(isbn), msgspec.json.format(msgspec.json.encode(correction), indent=1))

    def delete_correction(self, isbn: ISBN) -> None:
        """Drop the correction of `isbn`, if there is one."""
        self.files.delete(_correction_key(isbn))


def _key(isbn: ISBN) -> str:
    return f"sources/{isbn}.epub"


def _correction_key(isbn: ISBN) -> str:
    return f"sources/{isbn}.chapters.json"
