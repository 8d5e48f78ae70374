"""Rows to fill a library with."""

from bookbytes_pipeline.library.models import BookRow


def book_row(isbn: str = "9780306406157") -> BookRow:
    """A book, as short as the tables allow."""
    return BookRow(
        isbn=isbn,
        title="On Rivers",
        author="Ada Ford",
        language="en",
        work="on rivers / ada ford",
        contents_source="epub",
        recipe="recipe",
    )
