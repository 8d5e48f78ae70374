"""When episodes were published, as apps are told: in the order in which they are to be heard."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from bookbytes_pipeline.library.models import BookRow

_APART = timedelta(minutes=1)
_EARLIER = timedelta(days=1)
"""Apps show no episode of the future, and the last chapters of a book that is new would be some."""


def chapter_date(first: datetime, chapter_number: int) -> datetime:
    """Return the date of a chapter in a book whose summary, with the number 0, has the date `first`."""
    return first + chapter_number * _APART


def whole_file_date(first: datetime, book: BookRow) -> datetime:
    """Return the date of the file of this whole book, which comes after its chapters."""
    return chapter_date(first, _last_number(book) + 1)


def first_dates(books: Iterable[tuple[BookRow, datetime]]) -> Iterator[datetime]:
    """Yield the date of the first episode of each of these books, each with the time when it was added, oldest first.

    A book begins after the one before it has ended, though both were made at the same time: an app that sorts by date
    would mix their chapters. A chapter that is made later finds its place free.
    """
    free_from = None
    for book, added in books:
        begins = (added - _EARLIER).replace(microsecond=0)
        first = begins if free_from is None else max(begins, free_from)
        free_from = whole_file_date(first, book) + _APART
        yield first


def _last_number(book: BookRow) -> int:
    numbers = (chapter.chapter_number for chapter in book.chapters)
    return max(book.chapters_expected or 0, *numbers, 0)
