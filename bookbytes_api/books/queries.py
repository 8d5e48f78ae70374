"""Questions about the library that only listeners ask."""

import re

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import selectinload

from bookbytes_pipeline.domain.errors import InvalidISBN
from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.library import queries
from bookbytes_pipeline.library.models import BookISBNRow, BookRow, ChapterRow


def matching(q: str | None, language: str | None, *, latest: bool) -> Select[BookRow]:
    """Books in whose title or author each word of `q` occurs, or the one that has it as an ISBN, by title.

    Of their chapters only the durations are loaded: the summaries of a page of books are megabytes.
    """
    isbn = _isbn(q or "")
    wanted = queries.by_title().options(selectinload(BookRow.chapters).load_only(ChapterRow.duration))
    wanted = queries.latest(wanted) if latest and not isbn else wanted
    if language:
        tag = func.lower(BookRow.language)
        wanted = wanted.where(or_(tag == language.lower(), tag.startswith(f"{language.lower()}-")))
    if isbn:
        return wanted.where(BookRow.id.in_(select(BookISBNRow.book_id).where(BookISBNRow.isbn == isbn)))
    for word in (q or "").split():
        part = f"(?i){re.escape(word)}"  # SQLite's LIKE tells É from é; both databases understand this
        wanted = wanted.where(or_(BookRow.title.regexp_match(part), BookRow.author.regexp_match(part)))
    return wanted


def _isbn(q: str) -> str | None:
    try:
        return parse_isbn(q)
    except InvalidISBN:
        return None
