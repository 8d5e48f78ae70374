"""Books as they are read from the library for these apps."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session, selectinload

from bookbytes_api.errors import UnknownBook
from bookbytes_pipeline.library.models import BookRow, ChapterRow
from bookbytes_pipeline.library.queries import latest

MAX_ITEMS = 1_000
"""As many as are sent where an app asks for all."""


@dataclass(frozen=True, slots=True)
class Track:
    """A chapter that can be heard: `number` from 1 as tracks are counted, `start` in seconds of the book."""

    number: int
    chapter: ChapterRow
    start: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.chapter.duration or 0.0

    @property
    def end(self) -> float:
        """Where the next one starts."""
        return round(self.start + self.seconds, 3)


@dataclass(frozen=True)
class ShelvedBook:
    """A book with its tracks, which are those of its chapters that have a clip."""

    row: BookRow

    @cached_property
    def tracks(self) -> list[Track]:
        """In the order in which they are heard."""
        tracks: list[Track] = []
        for chapter in self.row.chapters:
            if chapter.audio_key is not None:
                start = tracks[-1].end if tracks else 0.0
                tracks.append(Track(len(tracks) + 1, chapter, start))
        return tracks

    @property
    def seconds(self) -> float:
        """How long all tracks are together."""
        return self.tracks[-1].end if self.tracks else 0.0


def shelved_book(session: Session, book_id: UUID) -> ShelvedBook:
    """Return this book; raises `UnknownBook`."""
    found = shelved_books(session, [book_id])
    if not found:
        raise UnknownBook(f"There is no book {book_id} in the library.")
    return found[0]


def shelved_books(session: Session, ids: Sequence[UUID]) -> list[ShelvedBook]:
    """Return those of these books that are in the library, in the order of their ids."""
    rows = {row.id: row for row in session.scalars(_with_tracks(select(BookRow)).where(BookRow.id.in_(ids)))}
    return [ShelvedBook(rows[book_id]) for book_id in ids if book_id in rows]


def books_page(
    session: Session, offset: int, size: int, condition: ColumnElement[bool], key: ColumnElement[Any]
) -> list[ShelvedBook]:
    """Return a page of the latest editions that satisfy a condition, sorted by a key."""
    listed = _listed(condition).order_by(key, BookRow.id)
    return [ShelvedBook(row) for row in session.scalars(_with_tracks(listed).offset(offset).limit(size))]


def newest_books(session: Session, size: int) -> list[ShelvedBook]:
    """Return the latest editions, the newest first."""
    return books_page(session, 0, size, true(), BookRow.created_at.desc())


def count_books(session: Session, condition: ColumnElement[bool]) -> int:
    """Return how many books all pages have together."""
    return session.scalar(select(func.count()).select_from(_listed(condition).subquery())) or 0


def library_times(session: Session) -> tuple[datetime | None, datetime | None]:
    """Return when the first book came into the library, and when a book last changed."""
    first, last = session.execute(select(func.min(BookRow.created_at), func.max(BookRow.updated_at))).one()
    return first, last


def languages_and_authors(session: Session) -> tuple[Collection[str], Collection[str]]:
    """Return those of the books that are listed, for the filters of an app."""
    languages, authors = (
        session.scalars(_listed(true()).with_only_columns(column).distinct().order_by(column).limit(MAX_ITEMS)).all()
        for column in (BookRow.language, BookRow.author)
    )
    return languages, authors


def _listed(condition: ColumnElement[bool]) -> Select[BookRow]:
    """Leave out books of which nothing can be heard."""
    return latest(select(BookRow)).where(BookRow.chapters.any(ChapterRow.audio_key.is_not(None)), condition)


def _with_tracks(books: Select[BookRow]) -> Select[BookRow]:
    """Without the summaries of the chapters, which take megabytes for a page of books."""
    heard = ChapterRow.chapter_number, ChapterRow.title, ChapterRow.audio_key, ChapterRow.duration
    return books.options(
        selectinload(BookRow.chapters).load_only(*heard, ChapterRow.created_at, ChapterRow.updated_at),
        selectinload(BookRow.book_summary).load_only(ChapterRow.summary),
    )
