"""Step 1: the facts about the book."""

import asyncio

import dagster as dg

from bookbytes_pipeline.constants import AUTHORS, TITLE
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.defs.asset_factory import Check, book_asset
from bookbytes_pipeline.defs.language_models import LanguageModelResource
from bookbytes_pipeline.defs.resources import MetadataResource
from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.language_detection import load_model
from bookbytes_pipeline.store.store import Store
from bookbytes_pipeline.writing.checks import several_books
from bookbytes_pipeline.writing.reports import book_report

ONE_BOOK = Check("is_one_book", "The catalogue's record is of one book, and not of a boxed set.")


@book_asset(kinds={"json"}, checks=(ONE_BOOK,))
async def book_metadata(
    context: dg.AssetExecutionContext,
    store: dg.ResourceParam[Store],
    database: dg.ResourceParam[Database],
    metadata_source: dg.ResourceParam[MetadataResource],
    language_model: dg.ResourceParam[LanguageModelResource],
) -> dg.MaterializeResult[Book]:
    """Title, author, language and printed contents of this edition, from Open Library or the attached EPUB."""
    store.require_room()
    database.check()
    async with metadata_source.connect() as source:
        loading = asyncio.create_task(asyncio.to_thread(_load_for, context.partition_key, store, language_model))
        book = await source.find(context.partition_key)
        await loading
    context.log_event(
        dg.AssetObservation(
            asset_key=context.asset_key,
            partition=context.partition_key,
            metadata={TITLE: book.title, AUTHORS: list(book.authors)},
        )
    )
    return dg.MaterializeResult(
        value=book,
        metadata={"book": dg.MetadataValue.md(book_report(book))},
        check_results=[ONE_BOOK.result(several_books(book))],
    )


def _load_for(isbn: ISBN, store: Store, language_model: LanguageModelResource) -> None:
    """Load what judges summaries while the catalogue is asked; what asks for them, unless they are in the cache."""
    load_model()
    if not store.has_summaries(isbn):
        language_model.load()
