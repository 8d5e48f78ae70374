"""Step 3: the chapters, from the best source available."""

import dagster as dg

from bookbytes_pipeline.defs.asset_factory import Check, book_asset, force_token
from bookbytes_pipeline.defs.resources import LanguageModelResource
from bookbytes_pipeline.domain.book import Book, BookText, ChapterList
from bookbytes_pipeline.writing.chapter_list import chapter_list_request, chapters_at_hand, chapters_from_memory
from bookbytes_pipeline.writing.checks import numbering_fault
from bookbytes_pipeline.writing.reports import chapters_report

NUMBERED = Check("numbered_without_gaps", "The book has chapters, numbered from 1 without gaps.", blocking=True)


@book_asset(kinds={"json"}, checks=(NUMBERED,))
async def chapter_list(
    context: dg.AssetExecutionContext,
    book_metadata: Book,
    book_text: BookText | None,
    language_model: dg.ResourceParam[LanguageModelResource],
) -> dg.MaterializeResult[ChapterList]:
    """The chapters, from the EPUB, else from the printed contents, else as the language model remembers them."""
    listed = chapters_at_hand(book_metadata, book_text)
    if listed is None:
        async with language_model.connect(force_token(context)) as model:
            answer = await model.write(chapter_list_request(book_metadata))
        listed = chapters_from_memory(book_metadata, answer.content, language_model.chapter_list_fingerprint)
    return dg.MaterializeResult(
        value=listed,
        metadata={
            "chapters": dg.MetadataValue.md(chapters_report(listed.chapters)),
            "source": listed.source.value,
            "number_of_chapters": len(listed.chapters),
        },
        check_results=[NUMBERED.result(numbering_fault(listed.chapters))],
    )
