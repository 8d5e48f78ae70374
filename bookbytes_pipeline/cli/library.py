"""`bookbytes list` and `bookbytes show`: the library on the terminal."""

import sys

import click
import msgspec
from rich.console import Console
from rich.table import Table

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import NotInLibrary
from bookbytes_pipeline.domain.evidence import SentenceEvidence
from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.domain.summary import Grounding
from bookbytes_pipeline.library.models import BookRow
from bookbytes_pipeline.library.queries import book_by_isbn, latest_editions
from bookbytes_pipeline.settings import load_settings
from bookbytes_pipeline.store.store import Store, open_store
from bookbytes_pipeline.writing.reports import minutes


@click.command(name="list")
def list_books() -> None:
    """List the library: the latest edition of every book in every language."""
    with Database(load_settings().library_url).session() as session:
        books = session.scalars(latest_editions()).all()
        if not books:
            click.echo("The library is empty. Add a book with `bookbytes demo` or `bookbytes process ISBN`.")
            return
        table = Table("ISBN", "Title", "Author", "Language", "Chapters", "Length", box=None, pad_edge=False)
        for book in books:
            length = minutes(sum(chapter.duration or 0 for chapter in book.chapters))
            table.add_row(book.isbn, book.title, book.author, book.language, str(len(book.chapters)), length)
        _print(table)


@click.command
@click.argument("isbn")
@click.option("--evidence", is_flag=True, help="Show the passages of the chapters that the summaries rest on, instead.")
def show(isbn: str, evidence: bool) -> None:
    """Show one book of the library: its chapters, their lengths and the folder of their clips.

    With --evidence, every sentence of its summaries with its passages. These were found by their wording: they show
    where to look, and verify nothing.
    """
    parsed, settings = parse_isbn(isbn), load_settings()
    with Database(settings.library_url).session() as session:
        book = session.scalar(book_by_isbn(parsed))
        if book is None:
            raise NotInLibrary(f"{parsed} is not in the library. Add it with `bookbytes process {parsed}`.")
        if evidence:
            print_evidence(book)
        else:
            print_book(book, open_store(settings.store_config))


def print_evidence(book: BookRow) -> None:
    """Print the sentences of a book's summaries with the passages that they rest on."""
    for chapter in book.chapters:
        click.echo(f"{chapter.chapter_number}. {chapter.title}\n")
        found = msgspec.convert(chapter.evidence.sentences if chapter.evidence else [], list[SentenceEvidence])
        if not found:
            reason = "from memory" if chapter.grounding == Grounding.MODEL_MEMORY else "made by an older version"
            click.echo(f"  No passages: {reason}.\n" if chapter.summary else "  Not known to the language model.\n")
        for sentence in found:
            click.echo(f"  {sentence.sentence}  [{sentence.support:.0%}]")
            for span in sentence.spans:
                click.echo(f"    {span.start}-{span.end}: {' '.join(span.quote.split())}")
            click.echo()


def print_book(book: BookRow, store: Store) -> None:
    """Print a book with its chapters."""
    click.echo(f"{book.title}\n{book.author or 'author unknown'}, {book.language}\n")
    table = Table("No.", "Chapter", "Length", "Words", "From", "", box=None, pad_edge=False)
    summaries = (*([book.book_summary] if book.book_summary else []), *book.chapters)
    for chapter in summaries:
        length = minutes(chapter.duration) if chapter.duration else "no audio"
        grounding = chapter.grounding.replace("_", " ")
        review = "needs review" if chapter.review_reasons else ""
        table.add_row(str(chapter.chapter_number), chapter.title, length, str(chapter.word_count), grounding, review)
    _print(table)
    for chapter in summaries:
        name = f"Chapter {chapter.chapter_number}" if chapter.chapter_number else "The summary of the book"
        for reason in chapter.review_reasons:
            click.echo(f"\n{name} needs review: {reason}")
    clips = [chapter.audio_key for chapter in book.chapters if chapter.audio_key]
    if clips:
        click.echo(f"\nClips: {store.files.address(clips[0]).rpartition('/')[0]}")


def _print(table: Table) -> None:
    Console(width=None if sys.stdout.isatty() else 160).print(table)


commands = {"list": list_books, "show": show}
