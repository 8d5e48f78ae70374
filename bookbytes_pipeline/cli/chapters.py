"""`bookbytes chapters`: what is in a book and what is out, and the correction of both."""

import json
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bookbytes_pipeline.domain.chapter_edits import Edits, edited
from bookbytes_pipeline.domain.corrections import (
    ChosenChapters,
    Correction,
    choose_chapters,
    chosen_by,
    text_identity,
)
from bookbytes_pipeline.domain.errors import InvalidCorrection, InvalidISBN, NoText
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn
from bookbytes_pipeline.epub.folder import open_epub
from bookbytes_pipeline.epub.reader import read_epub
from bookbytes_pipeline.settings import load_settings
from bookbytes_pipeline.store.sources import SourceStore
from bookbytes_pipeline.store.store import open_store


@click.command
@click.argument("book", metavar="ISBN|FILE")
@click.option("--skip", type=int, multiple=True, metavar="N", help="Leave out chapter N.")
@click.option("--keep", multiple=True, metavar="TITLE", help="Make a chapter of what is left out: title or section.")
@click.option("--rename", type=(int, str), multiple=True, metavar="N TITLE", help="Give chapter N another title.")
@click.option("--merge", type=(int, int), multiple=True, metavar="N M", help="Make one chapter of chapters N to M.")
@click.option("--reset", is_flag=True, help="Drop all corrections that were made before.")
def chapters(
    book: str,
    skip: tuple[int, ...],
    keep: tuple[str, ...],
    rename: tuple[tuple[int, str], ...],
    merge: tuple[tuple[int, int], ...],
    reset: bool,
) -> None:
    """Show the chapters of an EPUB, and what is left out and why; correct those of an attached book.

    \b
    What a file would become:          bookbytes chapters book.epub
    What an attached book becomes:     bookbytes chapters 9780306406157
    Without the second chapter:        bookbytes chapters 9780306406157 --skip 2
    With the preface after all:        bookbytes chapters 9780306406157 --keep "Preface"
    Another title:                     bookbytes chapters 9780306406157 --rename 3 "The Storm"
    Chapters 4 to 6 as one:            bookbytes chapters 9780306406157 --merge 4 6
    As it was read, but for one:       bookbytes chapters 9780306406157 --reset --skip 1

    Options can be repeated and combined; numbers are those of the list as it is shown before. The correction is kept
    beside the book's text, and the next run follows it: it makes only what has changed.

    On a terminal both lists are tables. Otherwise the chapters are JSON on stdout, and what is left out and warnings
    are sentences on stderr.
    """  # noqa: D301 - click's \b keeps the examples on lines of their own
    edits = Edits(skip, keep, rename, merge)
    if Path(book).exists():
        if reset or edits != Edits():
            raise click.UsageError(
                "Only the chapters of an attached book can be corrected: `bookbytes attach ISBN FILE`, then "
                "`bookbytes chapters ISBN` with these options."
            )
        _show(_of_file(Path(book)))
        return
    isbn = _parsed(book)
    sources = open_store(load_settings().store_config).sources
    if not reset and edits == Edits():
        _show(_attached(sources, isbn))
        return
    _show(_corrected(sources, isbn, edits, reset=reset))
    click.echo(f"The next run follows this: bookbytes process {isbn}", err=True)


def _parsed(book: str) -> ISBN:
    try:
        return parse_isbn(book)
    except InvalidISBN as error:
        raise click.UsageError(f"{book!r} is no file, and no ISBN either: {error}") from error


def _of_file(file: Path) -> ChosenChapters:
    with open_epub(file) as epub:
        text = read_epub(epub)
    _warn(text.warnings)
    return choose_chapters(text)


def _attached(sources: SourceStore, isbn: ISBN) -> ChosenChapters:
    epub = _epub(sources, isbn)
    text = read_epub(BytesIO(epub))
    _warn(text.warnings)
    chosen = choose_chapters(text, sources.read_correction(isbn), text_identity(epub, text))
    if chosen.corrected:
        click.echo("bookbytes: These chapters are corrected; --reset drops the correction.", err=True)
    return chosen


def _corrected(sources: SourceStore, isbn: ISBN, edits: Edits, *, reset: bool) -> ChosenChapters:
    epub = _epub(sources, isbn)
    text = read_epub(BytesIO(epub))
    identity = text_identity(epub, text)
    kept = None if reset else sources.read_correction(isbn)
    current = choose_chapters(text, kept, identity)
    if edits == Edits():
        sources.delete_correction(isbn)
        return current
    try:
        correction = Correction(identity, edited(current, edits))
        chosen = chosen_by(text, correction.chapters)
    except InvalidCorrection as error:
        raise InvalidCorrection(f"The chapters of {text.title!r} ({isbn}) stay as they were. {error}") from error
    sources.write_correction(isbn, correction)
    replaces_unfit = kept is not None and not current.corrected
    return replace(chosen, warnings=current.warnings) if replaces_unfit else chosen


def _epub(sources: SourceStore, isbn: ISBN) -> bytes:
    epub = sources.read(isbn)
    if epub is None:
        raise NoText(f"No text is attached to {isbn}. Attach its EPUB: bookbytes attach {isbn} FILE.")
    return epub


def _show(chosen: ChosenChapters) -> None:
    _warn(chosen.warnings)
    if sys.stdout.isatty():
        console = Console()
        console.print(in_table(chosen))
        if chosen.left_out:
            console.print("\nLeft out:", out_table(chosen), sep="\n")
        return
    for part in chosen.left_out:
        section = f", section {part.section}" if part.section else ""
        click.echo(f"bookbytes: left out: “{part.title}” ({part.words} words{section}): {part.reason}.", err=True)
    rows = [{"number": row.number, "title": row.title, "words": row.words} for row in chosen.chapters]
    click.echo(json.dumps(rows, ensure_ascii=False, indent=2))


def in_table(chosen: ChosenChapters) -> Table:
    """Return the chapters as a table for the terminal."""
    table = Table("No.", "Chapter", "Words", box=None, pad_edge=False)
    for chapter in chosen.chapters:
        table.add_row(str(chapter.number), escape(chapter.title), str(chapter.words))
    return table


def out_table(chosen: ChosenChapters) -> Table:
    """Return what is in no chapter as a table for the terminal; notes belong to a chapter and have no section."""
    table = Table("Section", "Title", "Words", "Why", box=None, pad_edge=False)
    for part in chosen.left_out:
        table.add_row(str(part.section or ""), escape(part.title), str(part.words), part.reason)
    return table


def _warn(warnings: tuple[str, ...]) -> None:
    for warning in warnings:
        click.echo(f"bookbytes: {warning}", err=True)


commands = {"chapters": chapters}
