"""`bookbytes export`: the clips of a book as files with readable names, and a playlist."""

from collections.abc import Iterator
from pathlib import Path

import click

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.domain.file_names import book_name, clip_name, file_name
from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.domain.playlist import PLAYLIST, playlist
from bookbytes_pipeline.library.models import BookRow, ChapterRow
from bookbytes_pipeline.library.queries import published_book
from bookbytes_pipeline.settings import load_settings
from bookbytes_pipeline.store.clips import ClipStore
from bookbytes_pipeline.store.store import open_store


class NotExported(BookBytesError):
    """The clips, or some of them, could not be copied. Trying again helps once the reason in the message is gone."""

    code = "NOT_EXPORTED"
    try_again = True


@click.command
@click.argument("isbn")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def export(isbn: str, folder: Path) -> None:
    """Copy the clips of the book ISBN into the folder DIR, with a playlist.

    The files are called by number and title: `03 The Wheel That Hesitates.mp3`. Those of an earlier export are
    replaced. Give each book a folder of its own.
    """
    parsed, settings = parse_isbn(isbn), load_settings()
    with Database(settings.library_url).session() as session:
        book = published_book(session, parsed)
    clips = open_store(settings.store_config).clips
    if book.is_partial:
        finished = f"{len(book.chapters)} of {book.chapters_expected} chapters"
        click.echo(f"bookbytes: warning: {book.title} is not finished: {finished}.", err=True)
    for chapter in book.chapters:
        if chapter.audio_key is None:
            click.echo(f"bookbytes: warning: Chapter {_titled(chapter)} has no audio.", err=True)
    for file in export_book(book, clips, folder):
        click.echo(file)


def export_book(book: BookRow, clips: ClipStore, folder: Path) -> Iterator[Path]:
    """Write the clips, then the playlist, and yield each file once it is complete.

    Raises `NotExported`: before anything is written, if a clip is missing or the folder is another book's.
    """
    chapters = [*([book.book_summary] if book.book_summary else []), *book.chapters]
    spoken = [(chapter, chapter.audio_key) for chapter in chapters if chapter.audio_key]
    if not spoken:
        raise NotExported(f"No chapter of {book.title} ({book.isbn}) has audio, so there is nothing to export.")
    if missing := [chapter for chapter, key in spoken if not clips.has(key)]:
        raise _missing(missing[0])
    list_file = folder / file_name(book_name(book.title), PLAYLIST)
    _prepare(folder, list_file)
    names = {chapter: file_name(clip_name(chapter.chapter_number, chapter.title), ".mp3") for chapter, _ in spoken}
    for chapter, key in spoken:
        audio = clips.read(key)
        if audio is None:  # deleted meanwhile
            raise _missing(chapter)
        yield _written(folder / names[chapter], audio)
    listed = [(chapter.duration or 0, chapter.title, names[chapter]) for chapter, _ in spoken]
    yield _written(list_file, playlist(book.title, listed).encode())


def _missing(chapter: ChapterRow) -> NotExported:
    return NotExported(
        f"The clip of chapter {_titled(chapter)} is missing from the store. Make it again: "
        "bookbytes rerun ISBN --from chapter_audio."
    )


def _titled(chapter: ChapterRow) -> str:
    return f"{chapter.chapter_number} ({chapter.title})"


def _prepare(folder: Path, list_file: Path) -> None:
    """Create the folder; two books in one would replace each other's `01 Introduction.mp3`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = [file.name for file in folder.glob(f"*{PLAYLIST}") if file.name != list_file.name]
    except OSError as error:
        raise _not_written(folder, error) from error
    if others:
        raise NotExported(f"{folder} has another playlist, {others[0]}. Choose a folder for each book, or delete that.")


def _written(file: Path, content: bytes) -> Path:
    """Write the file under a temporary name first: under its own name it is always whole."""
    partial = file.with_name(f".{file.name}.partial")
    try:
        try:
            partial.write_bytes(content)
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise _not_written(file, error) from error
    return file


def _not_written(file: Path, error: OSError) -> NotExported:
    reason = error.strerror or type(error).__name__
    return NotExported(f"{file} cannot be written: {reason}. Choose another folder, or try again once that is fixed.")


commands = {"export": export}
