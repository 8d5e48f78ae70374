"""What else has to be known to show a job: its book in the library, and how long earlier books took."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy.orm import Session

from bookbytes_api.jobs.paces import BookTimes
from bookbytes_api.jobs.queries import measured_jobs, published_books, published_chapters
from bookbytes_api.jobs.schemas import PublishedBook, PublishedChapter
from bookbytes_api.jobs.titles import BookTitle
from bookbytes_pipeline.domain.isbn import ISBN


def find_published(session: Session, isbns: Iterable[ISBN]) -> dict[str, PublishedBook]:
    """Return the books of the library that these ISBNs lead to, by ISBN. Two queries."""
    books = session.execute(published_books(isbns)).all()
    chapters = defaultdict(list)
    for book_id, number, title, chapter_id, key in session.execute(published_chapters(row.book_id for row in books)):
        chapters[book_id].append(PublishedChapter(number, title, chapter_id if key else None))
    return {
        isbn: PublishedBook(book_id, BookTitle(title, (author,) if author else ()), tuple(chapters[book_id]))
        for isbn, book_id, title, author in books
    }


def last_book_times(session: Session) -> list[BookTimes]:
    """Return how long the last books took. One query, of a few rows however many jobs there are."""
    return [
        BookTimes(run_id, ended_at, chapters or 0, seconds or {})
        for run_id, ended_at, chapters, seconds in session.execute(measured_jobs())
        if run_id and ended_at
    ]
