"""Step 8, on request: the whole book as one file, with chapters."""

from uuid import UUID

import dagster as dg

from bookbytes_pipeline.constants import FORMATS_TAG
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.defs.asset_factory import book_asset
from bookbytes_pipeline.defs.book_file_formats import BookFileFormats
from bookbytes_pipeline.execution.book_files import MadeFile, make_book_file
from bookbytes_pipeline.store.store import Store


@book_asset(kinds={"mp3"})
def book_file(
    context: dg.AssetExecutionContext,
    published_book: str,
    store: dg.ResourceParam[Store],
    database: dg.ResourceParam[Database],
    book_file_formats: dg.ResourceParam[BookFileFormats],
) -> dg.MaterializeResult[list[MadeFile]]:
    """The whole book as one file in each format that the run's tag names; without one, in those of BOOK_FILES."""
    store.require_room()
    formats = book_file_formats.of_run(context.run.tags.get(FORMATS_TAG))
    made = [make_book_file(store, database, UUID(published_book), name) for name in formats]
    sizes = {f"{file.format}_bytes": file.bytes for file in made}
    return dg.MaterializeResult(value=made, metadata={"formats": ", ".join(formats) or "none", **sizes})
