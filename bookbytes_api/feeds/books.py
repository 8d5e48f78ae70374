"""Books as feeds need them: with all that there is to hear of them, in as many statements for one as for many."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bookbytes_api.errors import UnknownBook
from bookbytes_pipeline.library.models import BookRow


def books_to_hear(session: Session, ids: Collection[UUID]) -> Sequence[BookRow]:
    """Return these books with their chapters, their summaries and their files."""
    loaded = selectinload(BookRow.chapters), selectinload(BookRow.book_summary), selectinload(BookRow.files)
    return session.scalars(select(BookRow).where(BookRow.id.in_(ids)).options(*loaded)).all()


def book_to_hear(session: Session, book_id: UUID) -> BookRow:
    """Return one book like that; raises `UnknownBook`."""
    books = books_to_hear(session, [book_id])
    if not books:
        raise UnknownBook(f"There is no book {book_id} in the library.")
    return books[0]
