"""The books that people listen to: as much of them as places and bookmarks need."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bookbytes_api.errors import UnknownBook, UnknownChapter
from bookbytes_api.listening.places import Place, Timeline
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.library.models import BookRow, ChapterRow


@dataclass(frozen=True, slots=True)
class HeardChapter:
    """A chapter of a book. `audio_key` is None where there is no clip."""

    id: UUID
    number: int
    title: str
    audio_key: str | None


@dataclass(frozen=True, slots=True)
class HeardBook:
    """A book of the library with its chapters by number and their times. The summary of the whole is none of them."""

    id: UUID
    isbn: ISBN
    title: str
    author: str
    language: str
    chapters: Mapping[int, HeardChapter]
    timeline: Timeline

    def checked(self, place: Place) -> Place:
        """Return the place, at the chapter's end at most; raises `UnknownChapter` if the book has no such chapter."""
        if place.chapter_number not in self.chapters:
            raise UnknownChapter(f"{self.title} has no chapter {place.chapter_number}.")
        return self.timeline.nearest(place)


def find_book(session: Session, book_id: UUID) -> HeardBook:
    """Return a book of the library; raises `UnknownBook`."""
    book = books_by_id(session, [book_id]).get(book_id)
    if book is None:
        raise UnknownBook(f"There is no book {book_id} in the library.")
    return book


def books_by_id(session: Session, ids: Collection[UUID]) -> dict[UUID, HeardBook]:
    """Return those of these books that are in the library: two statements, however many they are."""
    return {book.id: book for book in _books(session, BookRow.id.in_(ids))}


def books_by_isbn(session: Session, isbns: Collection[ISBN]) -> dict[ISBN, HeardBook]:
    """Return those of these books that are in the library, by the ISBN under which they are published."""
    return {book.isbn: book for book in _books(session, BookRow.isbn.in_(isbns))}


def _books(session: Session, condition: ColumnElement[bool]) -> list[HeardBook]:
    columns = BookRow.id, BookRow.isbn, BookRow.title, BookRow.author, BookRow.language, BookRow.chapters_expected
    rows = session.execute(select(*columns).where(condition)).all()
    heard = ChapterRow.book_id, ChapterRow.id, ChapterRow.chapter_number, ChapterRow.title, ChapterRow.audio_key
    of_books = select(*heard, ChapterRow.duration).where(
        ChapterRow.book_id.in_([row.id for row in rows]), ChapterRow.chapter_number > 0
    )
    chapters: dict[UUID, dict[int, HeardChapter]] = {row.id: {} for row in rows}
    lengths: dict[UUID, dict[int, float]] = {row.id: {} for row in rows}
    for book_id, chapter_id, number, title, audio_key, duration in session.execute(
        of_books.order_by(ChapterRow.chapter_number)
    ):
        chapters[book_id][number] = HeardChapter(chapter_id, number, title, audio_key)
        lengths[book_id][number] = duration or 0.0
    return [
        HeardBook(
            row.id,
            row.isbn,
            row.title,
            row.author,
            row.language,
            chapters[row.id],
            Timeline(lengths[row.id], is_complete=row.chapters_expected is None),
        )
        for row in rows
    ]
