"""Step 4: a summary of every chapter."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import dagster as dg

from bookbytes_pipeline.defs.asset_factory import Check, book_asset
from bookbytes_pipeline.defs.clip_production import ClipProduction, SpokenBook
from bookbytes_pipeline.defs.force import ChaptersForceConfig, call_scope, force_chapters
from bookbytes_pipeline.defs.language_models import LanguageModelResource
from bookbytes_pipeline.domain.book import Book, BookText, Chapter, ChapterList
from bookbytes_pipeline.domain.corrections import as_read
from bookbytes_pipeline.domain.language import LanguageChoice
from bookbytes_pipeline.domain.language_detection import load_model
from bookbytes_pipeline.domain.pace import SummaryLength, summary_words
from bookbytes_pipeline.domain.summary import BookSummaries, Summary, TokenUsage
from bookbytes_pipeline.execution.chapters import for_each_chapter
from bookbytes_pipeline.execution.checked_answers import Spending
from bookbytes_pipeline.execution.summary_writer import SummaryWriter
from bookbytes_pipeline.run_tags import choices_in
from bookbytes_pipeline.store.store import Store
from bookbytes_pipeline.writing.chapter_summary import require_known
from bookbytes_pipeline.writing.checks import (
    empty_summaries,
    faulty_summaries,
    odd_lengths,
    unsupported_claims,
    unsupported_sentences,
)
from bookbytes_pipeline.writing.language import spoken_language
from bookbytes_pipeline.writing.reports import evidence_report, summaries_report

NO_EMPTY_SUMMARY = Check("no_empty_summary", "Every chapter that the model knows has a summary.", blocking=True)
NOTHING_TO_REVIEW = Check(
    "nothing_to_review", "Every summary has passed the text gate, at the latest when asked again."
)
SUPPORTED = Check("supported_by_the_text", "The names and numbers in a summary are found in its chapter's text.")
SHOWS_PASSAGES = Check("shows_its_passages", "The sentences of a summary have passages in their chapter.")
AS_LONG_AS_ASKED = Check("as_long_as_asked", "A summary is between half and one and a half times as long as asked for.")
LANGUAGE_IS_CLEAR = Check("language_is_clear", "Text, file and catalogue agree about the language that is spoken.")


@book_asset(
    kinds={"json"},
    checks=(NO_EMPTY_SUMMARY, NOTHING_TO_REVIEW, SUPPORTED, SHOWS_PASSAGES, AS_LONG_AS_ASKED, LANGUAGE_IS_CLEAR),
)
async def chapter_summaries(
    context: dg.AssetExecutionContext,
    config: ChaptersForceConfig,
    book_metadata: Book,
    book_text: BookText | None,
    chapter_list: ChapterList,
    store: dg.ResourceParam[Store],
    language_model: dg.ResourceParam[LanguageModelResource],
    summary_length: dg.ResourceParam[SummaryLength],
    clip_production: dg.ResourceParam[ClipProduction],
) -> dg.MaterializeResult[BookSummaries]:
    """A summary of every chapter, in the book's language, each with its grounding and its passages."""
    store.require_room()  # a run that is retried begins here
    choice = spoken_language(book_metadata, book_text)
    minutes = choices_in(context.run.tags).minutes or store.read_chosen_minutes(context.partition_key)
    full_length = summary_length.words(choice.tag, minutes)
    texts = {chapter.number: as_read(book_text, chapter) for chapter in chapter_list.chapters}
    force = force_chapters(context, config, texts)
    spoken = SpokenBook(book_metadata, chapter_list, choice.tag)
    async with (
        language_model.connect(call_scope(context)) as model,
        clip_production.ahead(context, spoken) as begin_clip,
    ):
        loading = asyncio.create_task(asyncio.to_thread(load_model))  # written summaries are judged by it
        writer = SummaryWriter(
            model, book_metadata, choice.tag, full_length, language_model.context_tokens, context.log.info
        )

        forced = replace(writer, model=model.forced(force.token))

        async def summarised(chapter: Chapter) -> tuple[Summary, Spending]:
            chosen = forced if chapter.number in force.chapters else writer
            written, spent = await chosen.write(*texts[chapter.number])
            summary = replace(written, number=chapter.number, title=chapter.title)
            begin_clip(summary)
            return summary, spent

        at_once = language_model.max_concurrent_calls
        written = await for_each_chapter(
            context, chapter_list.chapters, summarised, at_once=at_once, is_reused=lambda answer: answer[1].is_reused
        )
        await loading
    asked = {chapter.number: summary_words(chapter.words, full_length) for chapter in chapter_list.chapters}
    book = BookSummaries(
        language=choice.tag,
        provider=language_model.name,
        model=written[0][1].model,
        recipe=language_model.fingerprint,
        usage=sum((spent.usage for _, spent in written), TokenUsage()),
        summaries=tuple(summary for summary, _ in written),
        minutes=minutes,
    )
    require_known(book_metadata, book.summaries)
    lengths = {number: len(text) for number, (_, text) in texts.items()}
    return dg.MaterializeResult(
        value=book, metadata=_metadata(book, choice, lengths), check_results=_check_results(book, choice, asked)
    )


def _metadata(book: BookSummaries, choice: LanguageChoice, lengths: Mapping[int, int]) -> dict[str, Any]:
    """What the asset's page shows; `lengths` are those of the chapters' texts, in characters."""
    return {
        "summaries": dg.MetadataValue.md(summaries_report(book.summaries)),
        "evidence": dg.MetadataValue.md(evidence_report(book.summaries, lengths)),
        "needs_review": sum(summary.needs_review for summary in book.summaries),
        "words": sum(summary.words for summary in book.summaries),
        "language": f"{choice.tag}: {choice.reason}",
        "grounding": book.summaries[0].grounding.value,
        "provider": book.provider,
        "model": book.model,
        "calls": book.usage.calls,
        "input_tokens": book.usage.input_tokens,
        "output_tokens": book.usage.output_tokens,
    }


def _check_results(book: BookSummaries, choice: LanguageChoice, asked: Mapping[int, int]) -> list[dg.AssetCheckResult]:
    """The outcome of every check; `asked` are the words that each chapter's summary was to have."""
    return [
        NO_EMPTY_SUMMARY.result(empty_summaries(book.summaries)),
        NOTHING_TO_REVIEW.result(faulty_summaries(book.summaries)),
        SUPPORTED.result(unsupported_claims(book.summaries)),
        SHOWS_PASSAGES.result(unsupported_sentences(book.summaries)),
        AS_LONG_AS_ASKED.result(odd_lengths(book.summaries, asked)),
        LANGUAGE_IS_CLEAR.result(choice.reason if choice.doubtful else None),
    ]
