"""Books as whole books are asked for: complete, with something to listen to."""

from uuid import UUID

from sqlalchemy.orm import Session

from bookbytes_api.errors import BookNotFinished, NoAudio, UnknownBook
from bookbytes_pipeline.library.models import BookRow


def complete_book(session: Session, book_id: UUID) -> BookRow:
    """Return the book, its summary and its chapters; raises `UnknownBook`, `BookNotFinished` or `NoAudio`."""
    row = session.get(BookRow, book_id)
    if row is None:
        raise UnknownBook(f"There is no book {book_id} in the library.")
    if row.is_partial:
        raise BookNotFinished(
            f"{row.title} is not finished: {len(row.chapters)} of {row.chapters_expected} chapters can be listened to, "
            "one by one. Ask for the whole book when it is; POST /api/v1/books/process continues one that failed."
        )
    chapters = [*row.chapters, *([row.book_summary] if row.book_summary else [])]
    if not any(chapter.audio_key for chapter in chapters):
        raise NoAudio(f"No chapter of {row.title} has audio.")
    return row
