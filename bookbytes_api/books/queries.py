"""Queries of the library that only the API makes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, selectinload

from bookbytes_pipeline.domain.errors import InvalidISBN
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn
from bookbytes_pipeline.domain.search_words import Word, query_words
from bookbytes_pipeline.library import queries
from bookbytes_pipeline.library.models import BookISBNRow, BookRow, ChapterRow
from bookbytes_pipeline.library.search import find_books

PRINTABLE = r"^[^\x00-\x1f]*$"
"""What the words of a query may be."""


@dataclass(frozen=True, slots=True)
class BookFilter:
    """Which books are listed: those in a language and its regions, the latest editions, those that need review."""

    language: str | None = None
    latest: bool = True
    needs_review: bool | None = None

    @property
    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Those on a book alone."""
        if self.needs_review is not None:
            yield BookRow.needs_review.is_(self.needs_review)
        if self.language:
            tag = func.lower(BookRow.language)
            yield or_(tag == self.language.lower(), tag.startswith(f"{self.language.lower()}-"))


def list_page(session: Session, q: str, chosen: BookFilter, offset: int, size: int) -> tuple[Sequence[BookRow], int]:
    """Return a page of the books with every word of `q`, or of the one with `q` as an ISBN, and how many there are.

    The best matches come first, else they are in the order of their titles. Of their chapters only the durations are
    loaded: the summaries of a page of books take megabytes.
    """
    listed = queries.by_title().options(selectinload(BookRow.chapters).load_only(ChapterRow.duration))
    if isbn := _isbn(q):
        listed = listed.where(BookRow.id.in_(select(BookISBNRow.book_id).where(BookISBNRow.isbn == isbn)))
    elif words := query_words(q):
        return _found_page(session, listed, words, chosen, offset, size)
    elif chosen.latest:
        listed = queries.latest(listed)
    listed = listed.where(*chosen.conditions)
    total = session.scalar(select(func.count()).select_from(listed.order_by(None).subquery())) or 0
    return session.scalars(listed.offset(offset).limit(size)).all(), total


def count_by_language(session: Session) -> dict[str, int]:
    """Return how many books there are in each language (a BCP 47 tag), the latest editions alone; most books first."""
    newest = queries.latest(select(BookRow.id)).subquery()
    counted = select(BookRow.language, func.count()).where(BookRow.id.in_(select(newest.c.id)))
    by_language = counted.group_by(BookRow.language).order_by(func.count().desc(), BookRow.language)
    return dict(session.execute(by_language).all())


def _found_page(
    session: Session, listed: Select[BookRow], words: Sequence[Word], chosen: BookFilter, offset: int, size: int
) -> tuple[Sequence[BookRow], int]:
    found = find_books(session, words, *chosen.conditions, latest=chosen.latest, offset=offset, size=size)
    rows = {row.id: row for row in session.scalars(listed.where(BookRow.id.in_(found.ids)))}
    return [rows[book_id] for book_id in found.ids if book_id in rows], found.total


def _isbn(q: str) -> ISBN | None:
    try:
        return parse_isbn(q)
    except InvalidISBN:
        return None
