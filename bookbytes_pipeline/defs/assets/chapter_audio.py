"""Step 5: a clip of every summary."""

import dagster as dg

from bookbytes_pipeline.defs.asset_factory import advice, book_asset, force_token
from bookbytes_pipeline.defs.resources import NarratorResource
from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.clip import ClipManifest
from bookbytes_pipeline.domain.summary import BookSummaries
from bookbytes_pipeline.execution.chapters import for_each_chapter
from bookbytes_pipeline.execution.clip_producer import CORES, ClipProducer
from bookbytes_pipeline.providers.response_cache import cache_for_run
from bookbytes_pipeline.store.store import Store
from bookbytes_pipeline.writing.checks import implausible_clips, missing_clips, silent_clips
from bookbytes_pipeline.writing.reports import clips_report, total_seconds


@book_asset(kinds={"mp3"}, advisory=("every_chapter_has_a_clip", "length_fits_the_words", "can_be_heard"))
async def chapter_audio(
    context: dg.AssetExecutionContext,
    book_metadata: Book,
    chapter_summaries: BookSummaries,
    store: dg.ResourceParam[Store],
    narrator: dg.ResourceParam[NarratorResource],
) -> dg.MaterializeResult[ClipManifest]:
    """One MP3 for every chapter that the language model knows."""
    store.require_room()  # a run that is retried begins here
    known = [summary for summary in chapter_summaries.summaries if summary.known]
    cover = store.sources.cover(context.partition_key)
    token = force_token(context)
    made_clips = cache_for_run(store.responses, token)
    async with narrator.connect(token) as voice:
        producer = ClipProducer(voice, made_clips, store.clips, book_metadata, chapter_summaries, cover)
        at_once = narrator.max_concurrent_calls + CORES
        clips = await for_each_chapter(context, known, producer.produce, at_once=at_once)
    return dg.MaterializeResult(
        value=ClipManifest(narrator.name, voice.voice, narrator.fingerprint, tuple(clips)),
        metadata={
            "clips": dg.MetadataValue.md(clips_report(clips)),
            "seconds": total_seconds(clips),
            "narrator": narrator.name,
            "voice": voice.voice,
        },
        check_results=[
            advice("every_chapter_has_a_clip", missing_clips(chapter_summaries.summaries, clips)),
            advice("length_fits_the_words", implausible_clips(known, clips)),
            advice("can_be_heard", silent_clips(clips)),
        ],
    )
