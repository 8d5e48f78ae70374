"""In which language a book is summarised and spoken."""

from bookbytes_pipeline.domain.book import Book, BookText

FALLBACK = "en"


def spoken_language(book: Book, text: BookText | None) -> str:
    """The BCP 47 tag of the book's language: its text knows best, then its metadata; English where nobody says."""
    return (text.language if text else None) or book.language or FALLBACK
