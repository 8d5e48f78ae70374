"""What else has to be known to show a job: its book in the library, and how long earlier books took."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from bookbytes_api.jobs.paces import BookTimes
from bookbytes_api.jobs.queries import measured_jobs, published_books
from bookbytes_api.jobs.schemas import PublishedBook
from bookbytes_api.jobs.titles import BookTitle
from bookbytes_pipeline.domain.isbn import ISBN


def find_published(session: Session, isbns: Iterable[ISBN]) -> dict[str, PublishedBook]:
    """Return the books of the library that these ISBNs lead to, by ISBN. One query."""
    return {
        isbn: PublishedBook(book_id, BookTitle(title, (author,) if author else ()))
        for isbn, book_id, title, author in session.execute(published_books(isbns))
    }


def last_book_times(session: Session) -> list[BookTimes]:
    """Return how long the last books took. One query, of a few rows however many jobs there are."""
    return [
        BookTimes(run_id, ended_at, chapters or 0, seconds or {})
        for run_id, ended_at, chapters, seconds in session.execute(measured_jobs())
        if run_id and ended_at
    ]
