"""Step 6: a clip of every summary."""

import dagster as dg

from bookbytes_pipeline.defs.asset_factory import Check, book_asset
from bookbytes_pipeline.defs.clips import chosen_voice, open_clip_producer
from bookbytes_pipeline.defs.force import ChaptersForceConfig, force_chapters
from bookbytes_pipeline.defs.narrators import NarratorResource
from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.clip import Clip, ClipManifest
from bookbytes_pipeline.domain.pronunciations import Pronunciations
from bookbytes_pipeline.domain.summary import BookSummaries, Summary
from bookbytes_pipeline.execution.chapters import for_each_chapter
from bookbytes_pipeline.execution.clip_producer import CORES
from bookbytes_pipeline.store.store import Store
from bookbytes_pipeline.writing.checks import implausible_clips, missing_clips, silent_clips
from bookbytes_pipeline.writing.reports import clips_report, total_seconds

EVERY_CLIP = Check(
    "every_chapter_has_a_clip", "No chapter is missing because the language model does not know it.", is_error=True
)
LENGTH_FITS = Check("length_fits_the_words", "A clip is as long as its words take to say: not cut short, not stuck.")
CAN_BE_HEARD = Check("can_be_heard", "No clip is silent.")


@book_asset(kinds={"mp3"}, checks=(EVERY_CLIP, LENGTH_FITS, CAN_BE_HEARD))
async def chapter_audio(
    context: dg.AssetExecutionContext,
    config: ChaptersForceConfig,
    book_metadata: Book,
    chapter_summaries: BookSummaries,
    store: dg.ResourceParam[Store],
    narrator: dg.ResourceParam[NarratorResource],
    pronunciations: dg.ResourceParam[Pronunciations],
) -> dg.MaterializeResult[ClipManifest]:
    """One MP3 clip for every chapter that has a summary."""
    store.require_room()  # a run that is retried begins here
    chosen = chosen_voice(context, store, narrator)
    force = force_chapters(context, config, [summary.number for summary in chapter_summaries.summaries])
    known = [summary for summary in chapter_summaries.summaries if summary.known]
    async with open_clip_producer(
        context, store, narrator, book_metadata, chapter_summaries, pronunciations, chosen
    ) as producer:
        forced = producer.forced(force.token)

        async def produced(summary: Summary) -> Clip:
            return await (forced if summary.number in force.chapters else producer).produce(summary)

        at_once = narrator.max_concurrent_calls + CORES
        clips = await for_each_chapter(
            context, known, produced, at_once=at_once, is_reused=lambda clip: clip.number in producer.reused
        )
        voice = producer.speaker.narrator.voice
    return dg.MaterializeResult(
        value=ClipManifest(narrator.name, voice, narrator.fingerprint, tuple(clips), chosen),
        metadata={
            "clips": dg.MetadataValue.md(clips_report(clips)),
            "seconds": round(total_seconds(clips), 1),
            "narrator": narrator.name,
            "voice": voice,
        },
        check_results=[
            EVERY_CLIP.result(missing_clips(chapter_summaries.summaries, clips)),
            LENGTH_FITS.result(implausible_clips(known, clips)),
            CAN_BE_HEARD.result(silent_clips(clips)),
        ],
    )
