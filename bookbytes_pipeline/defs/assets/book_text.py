"""Step 2: the text of the book, if an EPUB is attached."""

from io import BytesIO

import dagster as dg

from bookbytes_pipeline.defs.asset_factory import Check, book_asset
from bookbytes_pipeline.defs.language_models import LanguageModelResource
from bookbytes_pipeline.domain.book import BookText
from bookbytes_pipeline.domain.errors import TextNeeded
from bookbytes_pipeline.epub.reader import read_epub
from bookbytes_pipeline.store.store import Store
from bookbytes_pipeline.writing.reports import text_report

TEXT_IS_COVERED = Check(
    "text_is_covered", "The body text of the attached EPUB lies in chapters; what does not is named."
)


@book_asset(kinds={"epub", "json"}, checks=(TEXT_IS_COVERED,))
def book_text(
    context: dg.AssetExecutionContext,
    store: dg.ResourceParam[Store],
    language_model: dg.ResourceParam[LanguageModelResource],
) -> dg.MaterializeResult[BookText | None]:
    """The chapters' text from the attached EPUB. Empty if none is attached and the language model knows the book."""
    isbn = context.partition_key
    epub = store.sources.read(isbn)
    text = None if epub is None else read_epub(BytesIO(epub))
    if text is None and language_model.needs_text:
        raise TextNeeded(
            f"There is no text of {isbn} and no language model that knows books: set OPENAI_API_KEY, "
            f"or attach the book with `bookbytes attach {isbn} FILE`."
        )
    report = dg.MetadataValue.md(text_report(text) if text else "No book is attached.")
    fault = " ".join(text.warnings) if text else ""
    return dg.MaterializeResult(
        value=text,
        metadata={"text": report, "coverage": text.coverage if text else 0.0},
        check_results=[TEXT_IS_COVERED.result(fault or None)],
    )
