"""Step 5: the book in three minutes, as text and as a clip."""

from typing import Any

import dagster as dg

from bookbytes_pipeline.defs.asset_factory import Check, book_asset
from bookbytes_pipeline.defs.clip_production import ClipProduction
from bookbytes_pipeline.defs.clips import chosen_voice, open_clip_producer
from bookbytes_pipeline.defs.force import ForceConfig, call_scope, force_token
from bookbytes_pipeline.defs.language_models import LanguageModelResource
from bookbytes_pipeline.defs.narrators import NarratorResource
from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.clip import Clip
from bookbytes_pipeline.domain.errors import PoorSummary, Refused, UnusableAnswer
from bookbytes_pipeline.domain.pace import SummaryLength
from bookbytes_pipeline.domain.pronunciations import Pronunciations
from bookbytes_pipeline.domain.summary import BookSummaries, BookSummary, Summary, TokenUsage
from bookbytes_pipeline.execution.summary_writer import SummaryWriter
from bookbytes_pipeline.store.store import Store
from bookbytes_pipeline.writing.book_summary import MIN_CHAPTERS, MINUTES
from bookbytes_pipeline.writing.checks import faulty_summaries
from bookbytes_pipeline.writing.reports import clips_report, summaries_report

HAS_SUMMARY = Check("book_has_a_summary", "The book as a whole has a summary, and nothing was found wrong with it.")


@book_asset(kinds={"json", "mp3"}, checks=(HAS_SUMMARY,))
async def book_summary(
    context: dg.AssetExecutionContext,
    config: ForceConfig,
    book_metadata: Book,
    chapter_summaries: BookSummaries,
    store: dg.ResourceParam[Store],
    language_model: dg.ResourceParam[LanguageModelResource],
    narrator: dg.ResourceParam[NarratorResource],
    pronunciations: dg.ResourceParam[Pronunciations],
    summary_length: dg.ResourceParam[SummaryLength],
    clip_production: dg.ResourceParam[ClipProduction],  # noqa: ARG001 - its loop, in which clips of chapters go on
) -> dg.MaterializeResult[BookSummary]:
    """The whole book in three minutes, made of the summaries of its chapters, and its clip."""
    store.require_room()  # a run that is retried begins here
    voice = chosen_voice(context, store, narrator)
    known = sum(summary.known for summary in chapter_summaries.summaries)
    if not summary_length.of_book:
        return _without("BOOK_SUMMARY is false.", fault=None)
    if known < MIN_CHAPTERS:
        return _without(f"Of {known} chapters there is nothing to sum up.", fault=None)
    full_length = summary_length.words(chapter_summaries.language, MINUTES)
    scope = call_scope(context, force_token(context, config))
    async with language_model.connect(scope) as model:
        writer = SummaryWriter(
            model,
            book_metadata,
            chapter_summaries.language,
            full_length,
            language_model.context_tokens,
            context.log.info,
        )
        try:
            summary, spent = await writer.write_book(chapter_summaries)
        except (Refused, PoorSummary, UnusableAnswer) as error:  # the chapters are good without it
            return _without(str(error), fault=f"the book has no summary: {error}")
    if not summary.known:
        reason = "The language model could not make one summary of the chapters."
        return _without(reason, fault=reason)
    async with open_clip_producer(
        context,
        store,
        narrator,
        book_metadata,
        chapter_summaries.language,
        len(chapter_summaries.summaries),
        pronunciations,
        voice,
        scope.force_token,
    ) as producer:
        clip = await producer.produce(summary)
    return dg.MaterializeResult(
        value=BookSummary(summary, clip),
        metadata=_metadata(summary, clip, spent.usage),
        check_results=[HAS_SUMMARY.result(_faults(summary))],
    )


def _without(reason: str, *, fault: str | None) -> dg.MaterializeResult[BookSummary]:
    return dg.MaterializeResult(
        value=BookSummary(reason=reason), metadata={"summary": reason}, check_results=[HAS_SUMMARY.result(fault)]
    )


def _metadata(summary: Summary, clip: Clip, usage: TokenUsage) -> dict[str, Any]:
    return {
        "summary": dg.MetadataValue.md(summaries_report([summary])),
        "clip": dg.MetadataValue.md(clips_report([clip])),
        "words": summary.words,
        "calls": usage.calls,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
    }


def _faults(summary: Summary) -> str | None:
    return faulty_summaries([summary])
