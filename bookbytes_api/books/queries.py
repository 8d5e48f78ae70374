"""Queries of the library that only the API makes."""

import re

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import selectinload

from bookbytes_pipeline.domain.errors import InvalidISBN
from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.library import queries
from bookbytes_pipeline.library.models import BookISBNRow, BookRow, ChapterRow


def matching(q: str | None, language: str | None, *, latest: bool, needs_review: bool | None = None) -> Select[BookRow]:
    """Select the books whose title or author has each word of `q`, or the book with `q` as an ISBN, by title.

    Of their chapters only the durations are loaded: the summaries of a page of books take megabytes.
    """
    isbn = _isbn(q or "")
    query = queries.by_title().options(selectinload(BookRow.chapters).load_only(ChapterRow.duration))
    query = queries.latest(query) if latest and not isbn else query
    if needs_review is not None:
        query = query.where(BookRow.needs_review.is_(needs_review))
    if language:
        tag = func.lower(BookRow.language)
        query = query.where(or_(tag == language.lower(), tag.startswith(f"{language.lower()}-")))
    if isbn:
        return query.where(BookRow.id.in_(select(BookISBNRow.book_id).where(BookISBNRow.isbn == isbn)))
    for word in (q or "").split():
        part = f"(?i){re.escape(word)}"  # SQLite's LIKE distinguishes É and é; both databases support this
        query = query.where(or_(BookRow.title.regexp_match(part), BookRow.author.regexp_match(part)))
    return query


def _isbn(q: str) -> str | None:
    try:
        return parse_isbn(q)
    except InvalidISBN:
        return None
