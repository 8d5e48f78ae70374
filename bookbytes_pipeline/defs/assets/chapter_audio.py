"""Step 6: a clip of every summary."""

import dagster as dg

from bookbytes_pipeline.defs.asset_factory import Check, book_asset
from bookbytes_pipeline.defs.clip_production import ClipProduction, SpokenBook
from bookbytes_pipeline.defs.clips import chosen_voice
from bookbytes_pipeline.defs.force import ChaptersForceConfig, force_chapters
from bookbytes_pipeline.defs.narrators import NarratorResource
from bookbytes_pipeline.domain.book import Book, ChapterList
from bookbytes_pipeline.domain.clip import ClipManifest
from bookbytes_pipeline.domain.summary import BookSummaries
from bookbytes_pipeline.execution.chapters import log_chapters
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
    chapter_list: ChapterList,
    chapter_summaries: BookSummaries,
    store: dg.ResourceParam[Store],
    narrator: dg.ResourceParam[NarratorResource],
    clip_production: dg.ResourceParam[ClipProduction],
) -> dg.MaterializeResult[ClipManifest]:
    """One MP3 clip for every chapter that has a summary: most of them are begun while summaries are being written."""
    store.require_room()  # a run that is retried begins here
    chosen = chosen_voice(context, store, narrator)
    force = force_chapters(context, config, [summary.number for summary in chapter_summaries.summaries])
    known = [summary for summary in chapter_summaries.summaries if summary.known]
    log_chapters(context, known)
    spoken = SpokenBook(book_metadata, chapter_list, chapter_summaries.language)
    clips = await clip_production.finish(context, spoken, known, force)
    voice = clip_production.voice
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
