"""Metadata from the attached EPUB's own package document."""

from collections.abc import Callable

from bookbytes_pipeline.domain.book import Book, PackageMetadata
from bookbytes_pipeline.domain.errors import BookNotFound
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.resemblance import EPUB_SOURCE


class PackageDocument:
    """Knows the books that somebody attached."""

    name = EPUB_SOURCE

    def __init__(self, metadata_of: Callable[[ISBN], PackageMetadata | None]) -> None:
        self._metadata_of = metadata_of

    async def find(self, isbn: ISBN) -> Book:
        """The book as its own EPUB describes it."""
        found = self._metadata_of(isbn)
        if found is None:
            raise BookNotFound(
                f"Open Library is switched off (OPENLIBRARY_BASE_URL is empty) and no EPUB of {isbn} is attached: "
                f"bookbytes attach {isbn} FILE."
            )
        return described_by_itself(isbn, found)


def described_by_itself(isbn: ISBN, found: PackageMetadata) -> Book:
    """The book `isbn` as its package document describes it."""
    return Book(
        isbn=isbn,
        title=found.title,
        source=EPUB_SOURCE,
        authors=found.authors,
        language=found.language,
        publisher=found.publisher,
        publish_date=found.publish_date,
        description=found.description,
        isbns=tuple(other for other in found.isbns if other != isbn),
    )
