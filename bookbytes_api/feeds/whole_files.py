"""Which file of a whole book is an episode."""

from collections.abc import Mapping

from bookbytes_pipeline.library.book_files import current_files
from bookbytes_pipeline.library.models import BookFileRow, BookRow

PLAYED_TYPES: Mapping[str, str] = {"mp3": "audio/mpeg", "m4b": "audio/x-m4a"}
"""The formats that podcast apps play, the preferred one first, as feeds call their types."""
_ENDINGS: Mapping[str, str] = {"mp3": "mp3", "m4b": "m4a"}
"""The ends of their addresses: Apple's list has no `.m4b`."""


def whole_file(book: BookRow) -> BookFileRow | None:
    """Return the file of a book that podcast apps play; None if there is none of the book as it is now."""
    files = {file.format: file for file in current_files(book)}
    return next((files[file_format] for file_format in PLAYED_TYPES if file_format in files), None)


def whole_file_name(file: BookFileRow) -> str:
    """Return the last part of its address. A file that is made anew has another digest."""
    return f"{file.digest}.{_ENDINGS[file.format]}"
