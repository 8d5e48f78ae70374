"""Opening what makes the clips of one book."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import dagster as dg

from bookbytes_pipeline.covers.covers import Cover, make_cover, picture_in_text
from bookbytes_pipeline.defs.force import call_scope
from bookbytes_pipeline.defs.narrators import NarratorResource
from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.book_choices import require_choice_of_voices
from bookbytes_pipeline.domain.pronunciations import Pronunciations
from bookbytes_pipeline.execution.clip_producer import ClipProducer
from bookbytes_pipeline.providers.response_cache import cache_for_run
from bookbytes_pipeline.run_tags import choices_in
from bookbytes_pipeline.store.store import Store


def chosen_voice(context: dg.AssetExecutionContext, store: Store, narrator: NarratorResource) -> str | None:
    """Return the voice that the request for this run names, else the one that was chosen for the book before, if any.

    Raises `InvalidVoice` for one that is asked of a narrator without a choice.
    """
    asked = choices_in(context.run.tags).voice
    if asked is None:
        return store.read_chosen_voice(context.partition_key, narrator.name)
    require_choice_of_voices(narrator.name)
    return asked


@asynccontextmanager
async def open_clip_producer(
    context: dg.AssetExecutionContext,
    store: Store,
    narrator: NarratorResource,
    book: Book,
    language: str,
    chapters: int,
    pronunciations: Pronunciations,
    voice: str | None,
    force_token: str = "",
) -> AsyncIterator[ClipProducer]:
    """Connect to the narrator, and make clips with the cover of the book, in `voice` if one was chosen."""
    from bookbytes_pipeline.execution.spoken_narration import NarrationSpeaker  # noqa: PLC0415 - numpy, for this step

    original = await asyncio.to_thread(picture_in_text, store, book.isbn)
    cover = await asyncio.to_thread(_kept_cover, store, book, original)
    scope = call_scope(context, force_token)
    async with narrator.connect(scope, language, voice) as connected:
        speaker, cache = NarrationSpeaker(connected), cache_for_run(store.responses, scope)
        yield ClipProducer(
            speaker,
            cache,
            store.clips,
            book,
            language,
            chapters,
            original,
            pronunciations=pronunciations,
            picture=cover.tag,
        )


def _kept_cover(store: Store, book: Book, picture: bytes | None) -> Cover:
    """Return the cover for the clips, and keep it for pages and feeds."""
    cover = make_cover(picture, book.title, book.author)
    store.covers.write(book.isbn, cover.square)
    return cover
