"""Step 5: a clip of every summary."""

from io import BytesIO

import dagster as dg

from bookbytes_pipeline.defs.asset_factory import advice, book_asset, force_token
from bookbytes_pipeline.defs.resources import NarratorResource
from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.clip import Clip, ClipManifest
from bookbytes_pipeline.domain.summary import BookSummaries, Summary
from bookbytes_pipeline.epub.reader import read_cover
from bookbytes_pipeline.execution.chapters import for_each_chapter
from bookbytes_pipeline.execution.clip_producer import CORES, ClipProducer
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
    epub = store.sources.read(context.partition_key)
    cover = None if epub is None else read_cover(BytesIO(epub))
    async with narrator.connect() as voice:
        token = force_token(context)
        producer = ClipProducer(voice, narrator.cache(token), store, book_metadata, chapter_summaries, cover, token)

        async def recorded(summary: Summary) -> Clip:
            return await producer.produce(summary)

        clips = await for_each_chapter(context, known, recorded, at_once=narrator.calls + CORES)
    return dg.MaterializeResult(
        value=ClipManifest(narrator.name, voice.voice, narrator.recipe, tuple(clips)),
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
