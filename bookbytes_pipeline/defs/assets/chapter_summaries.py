"""Step 4: a summary of every chapter."""

from dataclasses import replace

import dagster as dg

from bookbytes_pipeline.defs.asset_factory import Check, book_asset, force_token
from bookbytes_pipeline.defs.resources import LanguageModelResource
from bookbytes_pipeline.domain.book import Book, BookText, Chapter, ChapterList
from bookbytes_pipeline.domain.corrections import as_read
from bookbytes_pipeline.domain.summary import BookSummaries, Summary
from bookbytes_pipeline.domain.writing_request import Answer
from bookbytes_pipeline.execution.chapters import for_each_chapter
from bookbytes_pipeline.store.store import Store
from bookbytes_pipeline.writing.chapter_summary import collected, read_summary, summary_request, summary_words
from bookbytes_pipeline.writing.checks import empty_summaries, odd_lengths, unsupported_claims
from bookbytes_pipeline.writing.language import spoken_language
from bookbytes_pipeline.writing.reports import summaries_report

NO_EMPTY_SUMMARY = Check("no_empty_summary", "Every chapter that the model knows has a summary.", blocking=True)
SUPPORTED = Check("supported_by_the_text", "The names and numbers in a summary are found in its chapter's text.")
AS_LONG_AS_ASKED = Check("as_long_as_asked", "A summary is between half and one and a half times as long as asked for.")

LANGUAGE_IS_CLEAR = Check("language_is_clear", "Text, file and catalogue agree about the language that is spoken.")


@book_asset(kinds={"json"}, checks=(NO_EMPTY_SUMMARY, SUPPORTED, AS_LONG_AS_ASKED, LANGUAGE_IS_CLEAR))
async def chapter_summaries(
    context: dg.AssetExecutionContext,
    book_metadata: Book,
    book_text: BookText | None,
    chapter_list: ChapterList,
    store: dg.ResourceParam[Store],
    language_model: dg.ResourceParam[LanguageModelResource],
) -> dg.MaterializeResult[BookSummaries]:
    """A summary of every chapter, in the book's language, each marked with its grounding."""
    store.require_room()  # a run that is retried begins here
    choice = spoken_language(book_metadata, book_text)
    language = choice.tag
    async with language_model.connect(force_token(context)) as model:

        async def summarised(chapter: Chapter) -> tuple[Summary, Answer]:
            in_book, text = as_read(book_text, chapter)
            answer = await model.write(summary_request(book_metadata, in_book, text, language))
            summary = read_summary(in_book, text, answer.content)
            return replace(summary, number=chapter.number, title=chapter.title), answer

        at_once = language_model.max_concurrent_calls
        written = await for_each_chapter(context, chapter_list.chapters, summarised, at_once=at_once)
    asked = {chapter.number: summary_words(chapter.words) for chapter in chapter_list.chapters}
    book = collected(book_metadata, language, written, language_model.name, language_model.fingerprint)
    return dg.MaterializeResult(
        value=book,
        metadata={
            "summaries": dg.MetadataValue.md(summaries_report(book.summaries)),
            "words": sum(summary.words for summary in book.summaries),
            "language": f"{language}: {choice.reason}",
            "grounding": book.summaries[0].grounding.value,
            "provider": book.provider,
            "model": book.model,
            "calls": book.usage.calls,
            "input_tokens": book.usage.input_tokens,
            "output_tokens": book.usage.output_tokens,
        },
        check_results=[
            NO_EMPTY_SUMMARY.result(empty_summaries(book.summaries)),
            SUPPORTED.result(unsupported_claims(book.summaries)),
            AS_LONG_AS_ASKED.result(odd_lengths(book.summaries, asked)),
            LANGUAGE_IS_CLEAR.result(choice.reason if choice.doubtful else None),
        ],
    )
