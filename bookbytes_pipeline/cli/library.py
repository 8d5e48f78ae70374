"""`bookbytes list` and `bookbytes show`: the library on the terminal."""

import sys
from collections.abc import Iterable, Mapping

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.evidence import SentenceEvidence
from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.domain.summary import Grounding
from bookbytes_pipeline.library.models import BookRow
from bookbytes_pipeline.library.queries import all_editions, latest_editions, published_book
from bookbytes_pipeline.settings import load_settings
from bookbytes_pipeline.store.store import Store, open_store
from bookbytes_pipeline.writing.reports import minutes


@click.command(name="list")
@click.option("--all", "hidden_too", is_flag=True, help="Also books of whose text there is a later edition, and which.")
def list_books(hidden_too: bool) -> None:
    """List the library: the latest edition of every book in every language."""
    with Database(load_settings().library_url).session() as session:
        latest = session.scalars(latest_editions()).all()
        if not latest:
            click.echo("The library is empty. Add a book with `bookbytes demo` or `bookbytes process ISBN`.")
            return
        books = session.scalars(all_editions()).all() if hidden_too else latest
        _print(books_table(books, {(book.work, book.language): book for book in latest}, hidden_too=hidden_too))


def books_table(
    books: Iterable[BookRow], latest: Mapping[tuple[str, str], BookRow], *, hidden_too: bool = False
) -> Table:
    """Return the books as a table for the terminal; `latest` are the latest editions by work and language."""
    later = ["Later edition"] if hidden_too else []
    table = Table("ISBN", "Title", "Author", "Language", "Chapters", "Length", *later, box=None, pad_edge=False)
    for book in books:
        length = minutes(sum(chapter.duration or 0 for chapter in book.chapters))
        newest = latest.get((book.work, book.language), book)
        hidden_by = [newest.isbn if newest.id != book.id else ""] if hidden_too else []
        title, author = escape(book.title), escape(book.author)
        table.add_row(book.isbn, title, author, book.language, _chapters(book), length, *hidden_by)
    return table


def _chapters(book: BookRow) -> str:
    made = len(book.chapters)
    return f"{made} of {book.chapters_expected}" if book.is_partial else str(made)


@click.command
@click.argument("isbn")
@click.option("--evidence", is_flag=True, help="Show the passages of the chapters that the summaries rest on, instead.")
@click.option("--summaries", is_flag=True, help="Show the text of the summaries, instead.")
def show(isbn: str, evidence: bool, summaries: bool) -> None:
    """Show one book of the library: its chapters, their lengths and the folder of their clips.

    With --evidence, every sentence of its summaries with its passages. These were found by their wording: they show
    where to look, and verify nothing.
    """
    if evidence and summaries:
        raise click.UsageError("--evidence shows the sentences of the summaries already: leave out --summaries.")
    parsed, settings = parse_isbn(isbn), load_settings()
    with Database(settings.library_url).session() as session:
        book = published_book(session, parsed)
        if evidence:
            print_evidence(book)
        elif summaries:
            print_summaries(book)
        else:
            print_book(book, open_store(settings.store_config))


def print_summaries(book: BookRow) -> None:
    """Print the summary of a book, if there is one, and those of its chapters."""
    for chapter in (*([book.book_summary] if book.book_summary else []), *book.chapters):
        text = chapter.summary or "Not known to the language model."
        click.echo(f"{chapter.chapter_number}. {chapter.title}\n\n{text}\n")


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
    if book.is_partial:
        click.echo(f"\n{_chapters(book)} chapters are finished. The others: bookbytes process {book.isbn}")
    if clips:
        click.echo(f"\nClips: {store.files.address(clips[0]).rpartition('/')[0]}")


def _print(table: Table) -> None:
    Console(width=None if sys.stdout.isatty() else 160).print(table)


commands = {"list": list_books, "show": show}
