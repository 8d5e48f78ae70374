"""Step 3: the chapters, from the best source at hand."""

import dagster as dg

from bookbytes_pipeline.defs.asset_factory import afresh, book_asset, check
from bookbytes_pipeline.defs.resources import ModelChoice
from bookbytes_pipeline.domain.book import Book, BookText, ChapterList
from bookbytes_pipeline.writing.chapter_list import chapters_at_hand, listing_task, remembered_chapters
from bookbytes_pipeline.writing.checks import numbering_fault
from bookbytes_pipeline.writing.reports import chapters_report


@book_asset(kinds={"json"}, blocking=("numbered_without_gaps",))
async def chapter_list(
    context: dg.AssetExecutionContext,
    book_metadata: Book,
    book_text: BookText | None,
    language_model: dg.ResourceParam[ModelChoice],
) -> dg.MaterializeResult[ChapterList]:
    """The chapters of the attached text, else of the printed contents, else as the language model remembers them."""
    listed = chapters_at_hand(book_metadata, book_text)
    if listed is None:
        async with language_model.connect(afresh(context)) as model:
            answer = await model.write(listing_task(book_metadata))
        listed = remembered_chapters(book_metadata, answer.content, language_model.listing_recipe)
    return dg.MaterializeResult(
        value=listed,
        metadata={
            "chapters": dg.MetadataValue.md(chapters_report(listed.chapters)),
            "source": listed.source.value,
            "number_of_chapters": len(listed.chapters),
        },
        check_results=[check("numbered_without_gaps", numbering_fault(listed.chapters))],
    )
