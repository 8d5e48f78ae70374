"""Questions about the library that only listeners ask."""

from sqlalchemy import Select, or_, select

from bookbytes_pipeline.library.models import BookISBNRow, BookRow
from bookbytes_pipeline.library.queries import all_editions, latest_editions


def matching(q: str | None, language: str | None, *, latest: bool) -> Select[BookRow]:
    """Books whose title or author contains `q`, or that have it as an ISBN, in `language`, by title."""
    wanted = latest_editions() if latest else all_editions()
    if language:
        wanted = wanted.where(BookRow.language == language)
    if q:
        named = or_(BookRow.title.icontains(q, autoescape=True), BookRow.author.icontains(q, autoescape=True))
        isbn = select(BookISBNRow.book_id).where(BookISBNRow.isbn == q.replace("-", ""))
        wanted = wanted.where(or_(named, BookRow.id.in_(isbn)))
    return wanted
