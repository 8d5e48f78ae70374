"""Rows for tests that need a library with content."""

from bookbytes_pipeline.library.models import BookRow


def book_row(isbn: str = "9780306406157") -> BookRow:
    """A book with the required columns only."""
    return BookRow(
        isbn=isbn,
        title="On Rivers",
        author="Ada Ford",
        language="en",
        work="on rivers / ada ford",
        contents_source="epub",
        recipe="recipe",
    )
