"""Making a whole book into one file, keeping it in the store, and noting it in the library."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import BinaryIO
from uuid import UUID

from bookbytes_pipeline.covers.covers import make_cover, picture_in_text
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.book_file import BookFileContents, BookFileFormat, Presentation
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.execution.book_archives import write_archive
from bookbytes_pipeline.library.book_files import book_file_contents, note_file
from bookbytes_pipeline.library.models import BookFileRow, BookRow
from bookbytes_pipeline.store.clips import isbn_in
from bookbytes_pipeline.store.store import Store


class NoBookFile(BookBytesError):
    """The book cannot be made into a file: it is not finished, or has no clip. Processing the book helps."""

    code = "NO_BOOK_FILE"


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file of a whole book: its format, its key in the store, its size and its length. `reused` was there already."""

    format: BookFileFormat
    key: str
    bytes: int
    seconds: float
    reused: bool


def make_book_file(store: Store, database: Database, book_id: UUID, file_format: BookFileFormat) -> MadeFile:
    """Make the file unless there is one of the book as it is now; the one before is deleted.

    Of the clips one at a time is in memory; the file grows in the folder for temporary files. Raises `NoBookFile`,
    `UnusableAnswer`, `StoreUnavailable` and `LibraryUnavailable`.
    """
    with database.session() as session:
        row = session.get(BookRow, book_id)
        contents = _contents(row)
        known = session.get(BookFileRow, (book_id, file_format))
    digest = contents.digest(file_format)
    key = store.book_files.key(contents.isbn, digest, file_format)
    if known is not None and known.digest == digest and store.book_files.has(key):
        return MadeFile(file_format, key, known.bytes, known.seconds, reused=True)
    with TemporaryFile() as file:
        _write(file, store, contents, file_format)
        size = file.seek(0, 2)
        store.book_files.write(key, file)
    made = BookFileRow(
        format=file_format,
        key=key,
        bytes=size,
        seconds=contents.seconds,
        digest=digest,
        chapters=contents.marks,
    )
    with database.session("book files") as session:
        row = session.get(BookRow, book_id)
        replaced = key if row is None else note_file(session, row, made)  # deleted meanwhile
    if replaced is not None:
        store.book_files.delete(replaced)
    return MadeFile(file_format, key, size, contents.seconds, reused=False)


def _contents(row: BookRow | None) -> BookFileContents:
    if row is None:
        raise NoBookFile("The book is not in the library any more.")
    if row.is_partial:
        raise NoBookFile(f"{row.title} is not finished, and a file is made of the whole book. Process it first.")
    contents = book_file_contents(row)
    if not contents.chapters:
        raise NoBookFile(f"No chapter of {row.title} has audio, so there is nothing to make a file of.")
    return contents


def _write(file: BinaryIO, store: Store, contents: BookFileContents, file_format: BookFileFormat) -> None:
    made_for = isbn_in(contents.chapters[-1].key)  # another of the book's ISBNs, perhaps
    cover = make_cover(picture_in_text(store, made_for), contents.title, contents.author)
    has_sound = file_format in {"m4b", "mp3"}
    shown = Presentation(store.read_voice(made_for) or "", cover.tag if has_sound else cover.square)
    if file_format == "m4b":
        _write_m4b(file, store, contents, shown)
    elif file_format == "mp3":
        _write_mp3(file, store, contents, shown)
    else:
        write_archive(file, file_format, contents, shown, _clips(store, contents))


def _write_m4b(file: BinaryIO, store: Store, contents: BookFileContents, shown: Presentation) -> None:
    from bookbytes_pipeline.audio.m4b import write_m4b  # noqa: PLC0415 - FFmpeg, where there is a file to make

    with TemporaryDirectory() as folder:
        path = Path(folder, "book.m4b")
        write_m4b(str(path), contents, shown, _clips(store, contents), _rate(store, contents)[0])
        with path.open("rb") as written:
            shutil.copyfileobj(written, file)


def _write_mp3(file: BinaryIO, store: Store, contents: BookFileContents, shown: Presentation) -> None:
    from bookbytes_pipeline.audio.book_tags import book_id3  # noqa: PLC0415 - as above
    from bookbytes_pipeline.audio.joined_mp3 import join_clips  # noqa: PLC0415 - as above

    rate, bit_rate = _rate(store, contents)
    lengths = [chapter.seconds for chapter in contents.chapters]
    with TemporaryFile() as sound:
        join_clips(sound, _clips(store, contents), lengths, rate, bit_rate)
        sound.seek(0)
        file.write(book_id3(contents, shown))
        shutil.copyfileobj(sound, file)


def _rate(store: Store, contents: BookFileContents) -> tuple[int, int]:
    """Return the sample rate and the bit rate of the last chapter: the first clip may be older than the others."""
    from bookbytes_pipeline.audio.joined_mp3 import clip_rate  # noqa: PLC0415 - as above

    return clip_rate(_clip(store, contents, len(contents.chapters) - 1))


def _clips(store: Store, contents: BookFileContents) -> Iterator[bytes]:
    return (_clip(store, contents, position) for position in range(len(contents.chapters)))


def _clip(store: Store, contents: BookFileContents, position: int) -> bytes:
    chapter = contents.chapters[position]
    audio = store.clips.read(chapter.key)
    if audio is None:
        raise NoBookFile(
            f"The clip of chapter {chapter.number} ({chapter.title}) is missing from the store. Make it again: "
            f"bookbytes rerun {contents.isbn} --from chapter_audio."
        )
    return audio
