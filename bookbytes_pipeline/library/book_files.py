"""The files of whole books in the library: which there are, and whether they are those of the book as it is now."""

from sqlalchemy.orm import Session

from bookbytes_pipeline.domain.book_file import BookFileChapter, BookFileContents, BookFileFormat
from bookbytes_pipeline.library.models import BookFileRow, BookRow


def book_file_contents(row: BookRow) -> BookFileContents:
    """Return what a file of this book is made of: the summary of the whole, then the chapters, if they have a clip."""
    chapters = [*([row.book_summary] if row.book_summary else []), *row.chapters]
    return BookFileContents(
        isbn=row.isbn,
        title=row.title,
        author=row.author,
        language=row.language,
        date=str(row.publish_year or ""),
        chapters=tuple(
            BookFileChapter(chapter.chapter_number, chapter.title, chapter.audio_key, chapter.duration or 0.0)
            for chapter in chapters
            if chapter.audio_key
        ),
    )


def current_files(row: BookRow) -> list[BookFileRow]:
    """Return the files that are of the book as it is now; of a partial book there are none."""
    if row.is_partial or not row.files:
        return []
    contents = book_file_contents(row)
    return [file for file in row.files if file.digest == contents.digest(_format(file))]


def note_file(session: Session, row: BookRow, file: BookFileRow) -> str | None:
    """Put a file in the place of the one before; returns the key of that, to be deleted after the transaction."""
    before = session.get(BookFileRow, (row.id, file.format))
    file.book_id = row.id
    replaced = before.key if before is not None and before.key != file.key else None
    session.merge(file)
    return replaced


def _format(file: BookFileRow) -> BookFileFormat:
    name: BookFileFormat = file.format  # type: ignore[assignment] # only `note_file` writes it
    return name
