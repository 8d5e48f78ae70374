"""Step 7: the book is complete in the library."""

import dagster as dg

from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.defs.asset_factory import book_asset
from bookbytes_pipeline.defs.clip_production import ClipProduction
from bookbytes_pipeline.defs.public_links import PublicLinks
from bookbytes_pipeline.defs.replaced_clips import PlayedClips, delete_replaced_clips
from bookbytes_pipeline.domain.book import Book, ChapterList
from bookbytes_pipeline.domain.clip import ClipManifest
from bookbytes_pipeline.domain.errors import StoreUnavailable
from bookbytes_pipeline.domain.summary import BookSummaries, BookSummary
from bookbytes_pipeline.library.publishing import publish
from bookbytes_pipeline.library.queries import chapters_with_clips
from bookbytes_pipeline.store.store import Store
from bookbytes_pipeline.writing.fingerprints import book_fingerprint


@book_asset(kinds={"sql"})
def published_book(
    context: dg.AssetExecutionContext,
    book_metadata: Book,
    chapter_list: ChapterList,
    chapter_summaries: BookSummaries,
    chapter_audio: ClipManifest,
    book_summary: BookSummary,
    store: dg.ResourceParam[Store],
    database: dg.ResourceParam[Database],
    public_links: dg.ResourceParam[PublicLinks],
    clip_production: dg.ResourceParam[ClipProduction],
) -> dg.MaterializeResult[str]:
    """The book in the library: all of its rows, written in one transaction. The value is the book's id."""
    with database.session("publishing") as session:  # it reads before it writes
        before = clip_production.played_before or PlayedClips.of(session, book_metadata.isbn)
        book_id = publish(
            session,
            book=book_metadata,
            source=chapter_list.source,
            summaries=chapter_summaries,
            clips=chapter_audio,
            whole=book_summary,
            recipe=book_fingerprint(
                chapter_summaries.recipe, chapter_audio.recipe, chapter_list.recipe, chapter_list.correction
            ),
        )
        links = public_links.of_book(book_id, session.scalar(chapters_with_clips(book_id)))
    clips = [*chapter_audio.clips, *([book_summary.clip] if book_summary.clip else [])]
    try:
        delete_replaced_clips(store, book_metadata.isbn, before, {clip.key for clip in clips})
    except StoreUnavailable as error:  # the book is published, and `bookbytes prune` deletes them another time
        context.log.warning("Replaced clips could not be deleted: %s", error)
    return dg.MaterializeResult(value=str(book_id), metadata={"book_id": str(book_id), **links})
