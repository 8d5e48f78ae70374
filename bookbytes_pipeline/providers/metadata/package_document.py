"""Metadata from the attached EPUB's own package document."""

from collections.abc import Callable

from bookbytes_pipeline.domain.book import Book, BookText
from bookbytes_pipeline.domain.errors import BookNotFound
from bookbytes_pipeline.domain.isbn import ISBN


class PackageDocument:
    """Knows the books that somebody attached."""

    name = "epub"

    def __init__(self, text_of: Callable[[ISBN], BookText | None]) -> None:
        self._text_of = text_of

    async def find(self, isbn: ISBN) -> Book:
        """The book as its own EPUB describes it."""
        text = self._text_of(isbn)
        if text is None:
            raise BookNotFound(
                f"Open Library is switched off (OPENLIBRARY_BASE_URL is empty) and no EPUB of {isbn} is attached: "
                f"bookbytes attach {isbn} FILE."
            )
        return Book(
            isbn=isbn,
            title=text.title,
            source=self.name,
            authors=text.authors,
            language=text.language,
            publisher=text.publisher,
            publish_date=text.publish_date,
            description=text.description,
            isbns=tuple(other for other in text.isbns if other != isbn),
        )
