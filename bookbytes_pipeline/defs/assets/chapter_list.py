"""Step 3: the chapters, from the best source available."""

from dataclasses import asdict, replace

import dagster as dg

from bookbytes_pipeline.defs.asset_factory import Check, book_asset
from bookbytes_pipeline.defs.force import ForceConfig, call_scope, force_token
from bookbytes_pipeline.defs.language_models import LanguageModelResource
from bookbytes_pipeline.domain.book import Book, BookText, ChapterList
from bookbytes_pipeline.domain.corrections import (
    ChosenChapters,
    Correction,
    choose_chapters,
    correction_fingerprint,
    text_identity,
)
from bookbytes_pipeline.domain.digest import digest
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.resemblance import wrong_book
from bookbytes_pipeline.store.store import Store
from bookbytes_pipeline.writing.chapter_list import chapter_list_request, chapters_at_hand, chapters_from_memory
from bookbytes_pipeline.writing.checks import numbering_fault
from bookbytes_pipeline.writing.reports import chapters_report, correction_report

NUMBERED = Check("numbered_without_gaps", "The book has chapters, numbered from 1 without gaps.", blocking=True)
AS_CHOSEN = Check("chapters_are_as_chosen", "A correction of the chapters fits the text; none were joined unasked.")

RIGHT_BOOK = Check("text_is_of_this_book", "The attached EPUB's title or author resembles what the catalogue says.")


@book_asset(kinds={"json"}, checks=(NUMBERED, AS_CHOSEN, RIGHT_BOOK))
async def chapter_list(
    context: dg.AssetExecutionContext,
    config: ForceConfig,
    book_metadata: Book,
    book_text: BookText | None,
    store: dg.ResourceParam[Store],
    language_model: dg.ResourceParam[LanguageModelResource],
) -> dg.MaterializeResult[ChapterList]:
    """The chapters, from the EPUB, else from the printed contents, else as the language model remembers them."""
    isbn = context.partition_key
    correction = store.sources.read_correction(isbn)
    chosen = _chosen(store, isbn, book_text, correction)
    listed = chapters_at_hand(book_metadata, chosen)
    if listed is None:
        async with language_model.connect(call_scope(context, force_token(context, config))) as model:
            answer = await model.write(chapter_list_request(book_metadata))
        listed = chapters_from_memory(book_metadata, answer.content, language_model.chapter_list_fingerprint)
    listed = replace(listed, correction=correction_fingerprint(correction))
    return dg.MaterializeResult(
        value=listed,
        data_version=dg.DataVersion(digest([asdict(listed)])),
        metadata={
            "chapters": dg.MetadataValue.md(chapters_report(listed.chapters)),
            "source": listed.source.value,
            "number_of_chapters": len(listed.chapters),
            "corrected": bool(chosen and chosen.corrected),
            "correction": dg.MetadataValue.md(correction_report(book_text, chosen)),
        },
        check_results=[
            NUMBERED.result(numbering_fault(listed.chapters)),
            AS_CHOSEN.result(" ".join(chosen.warnings) or None if chosen else None),
            RIGHT_BOOK.result(wrong_book(book_metadata, book_text) if book_text else None),
        ],
    )


def _chosen(store: Store, isbn: ISBN, text: BookText | None, correction: Correction | None) -> ChosenChapters | None:
    if text is None:
        return None
    identity = text_identity(store.sources.read(isbn) or b"", text) if correction else ""
    return choose_chapters(text, correction, identity)
