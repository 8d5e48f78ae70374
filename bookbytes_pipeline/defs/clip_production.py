"""The clips of a run: begun while its summaries are still being written, and finished by the asset that they are."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import dagster as dg

from bookbytes_pipeline.constants import CHAPTER_AUDIO
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.defs.clips import chosen_voice, open_clip_producer
from bookbytes_pipeline.defs.force import Force, chapters_config, force_chapters
from bookbytes_pipeline.defs.narrators import NarratorResource
from bookbytes_pipeline.defs.replaced_clips import PlayedClips
from bookbytes_pipeline.domain.book import Book, ChapterList
from bookbytes_pipeline.domain.clip import Clip
from bookbytes_pipeline.domain.errors import BookBytesError, ChaptersFailed, LibraryUnavailable
from bookbytes_pipeline.domain.pronunciations import Pronunciations
from bookbytes_pipeline.domain.summary import Summary
from bookbytes_pipeline.execution.chapters import ChapterBatch, log_finished
from bookbytes_pipeline.execution.clip_producer import ClipProducer
from bookbytes_pipeline.execution.interrupts import run_until_interrupted
from bookbytes_pipeline.library.publishing import publish_chapter
from bookbytes_pipeline.store.store import Store

T = TypeVar("T")

_AUDIO_KEY = dg.AssetKey(CHAPTER_AUDIO)


@dataclass(frozen=True)
class SpokenBook:
    """What all clips of a run have in common: the book, its chapters, and the language of its summaries."""

    book: Book
    chapters: ChapterList
    language: str


class ClipProduction:
    """Makes the clips of one run, in an event loop that lives as long as the run.

    So an asset that writes summaries begins clips and ends, and they go on in the assets after it. Every clip is
    published when it is finished: people listen to it while the others are made.
    """

    def __init__(
        self, store: Store, narrator: NarratorResource, pronunciations: Pronunciations, database: Database
    ) -> None:
        self._store, self._narrator, self._pronunciations, self._database = store, narrator, pronunciations, database
        self._runner = asyncio.Runner()
        self._clients = AsyncExitStack()
        self._producer: ClipProducer | None = None
        self._batch: ChapterBatch[Summary, Clip] | None = None
        self._context: dg.AssetExecutionContext | None = None
        self._played: PlayedClips | None = None

    @property
    def voice(self) -> str:
        """The voice of the clips; known once they are begun."""
        assert self._producer is not None  # noqa: S101 - a caller's mistake
        return self._producer.speaker.narrator.voice

    @property
    def played_before(self) -> PlayedClips | None:
        """The clips that the library played before this run published any; None where it has made none."""
        return self._played

    def run(self, context: dg.AssetExecutionContext, work: Coroutine[Any, Any, T]) -> T:
        """Run an asset in the loop of the run; the clips that finish meanwhile are logged in its step."""
        self._context = context
        return run_until_interrupted(self._unwound(work), self._runner)

    @asynccontextmanager
    async def ahead(
        self, context: dg.AssetExecutionContext, spoken: SpokenBook
    ) -> AsyncIterator[Callable[[Summary], None]]:
        """Yield what begins the clip of a summary; where this run makes no clips it does nothing.

        When chapters fail inside, the clips that were begun are finished all the same. Why clips cannot be made at all
        is for the asset to say that they belong to.
        """
        batch = await self._begun(context, spoken)
        try:
            yield lambda summary: batch.start(summary) if batch and summary.known else None
        except ChaptersFailed:
            if batch:
                await batch.wait()
            raise

    async def finish(
        self, context: dg.AssetExecutionContext, spoken: SpokenBook, summaries: Sequence[Summary], force: Force
    ) -> list[Clip]:
        """Return the clips of all these summaries; raises `ChaptersFailed`."""
        batch = self._batch or await self._open(context, spoken, force)
        try:
            return await batch.results(context, summaries)
        finally:
            await self._clients.aclose()

    def close(self) -> None:
        """Cancel whatever is still running."""
        if self._context is not None:
            self._runner.run(self._abandon())
        self._runner.close()

    async def _unwound(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return await work
        except asyncio.CancelledError:  # an interrupt is for the clips as well
            await self._abandon()
            raise

    async def _abandon(self) -> None:
        if self._batch is not None:
            await self._batch.cancel()
        await self._clients.aclose()

    async def _begun(self, context: dg.AssetExecutionContext, spoken: SpokenBook) -> ChapterBatch[Summary, Clip] | None:
        if not _is_in_run(context, CHAPTER_AUDIO):
            return None
        numbers = [chapter.number for chapter in spoken.chapters.chapters]
        try:
            force = force_chapters(context, chapters_config(context, CHAPTER_AUDIO), numbers)
            return await self._open(context, spoken, force)
        except BookBytesError as error:
            context.log.info("No clip is begun before all summaries are written: %s", error)
            return None

    async def _open(
        self, context: dg.AssetExecutionContext, spoken: SpokenBook, force: Force
    ) -> ChapterBatch[Summary, Clip]:
        voice = chosen_voice(context, self._store, self._narrator)
        played = await asyncio.to_thread(self._read_played, spoken)
        total = len(spoken.chapters.chapters)
        opened = open_clip_producer(
            context, self._store, self._narrator, spoken.book, spoken.language, total, self._pronunciations, voice
        )
        producer = await self._clients.enter_async_context(opened)
        forced = producer.forced(force.token)

        async def produced(summary: Summary) -> Clip:
            clip = await (forced if summary.number in force.chapters else producer).produce(summary)
            if clip.key not in played.keys:
                await self._publish(spoken, summary, clip)
            return clip

        def log(summary: Summary, _clip: Clip, finished: int) -> None:
            reused = summary.number in producer.reused
            log_finished(self._context or context, summary, finished, total, reused=reused, asset_key=_AUDIO_KEY)

        self._producer, self._played = producer, played
        self._batch = ChapterBatch(produced, log, self._narrator.chapters_at_once)
        return self._batch

    def _read_played(self, spoken: SpokenBook) -> PlayedClips:
        with self._database.session() as session:
            return PlayedClips.of(session, spoken.book.isbn)

    async def _publish(self, spoken: SpokenBook, summary: Summary, clip: Clip) -> None:
        """Let people listen to a finished clip. Where the library is away, that comes with the whole book."""

        def publish() -> None:
            with self._database.session("publishing") as session:
                publish_chapter(
                    session,
                    book=spoken.book,
                    chapters=spoken.chapters,
                    language=spoken.language,
                    summary=summary,
                    clip=clip,
                )

        try:
            await asyncio.to_thread(publish)
        except LibraryUnavailable as error:
            if self._context is not None:
                self._context.log.warning("Chapter %s cannot be listened to yet: %s", summary.number, error)


def clip_production(
    store: Store, narrator: NarratorResource, pronunciations: Pronunciations, database: Database
) -> dg.ResourceDefinition:
    """Return the resource; every run has one of its own, which ends with it."""

    @dg.resource
    def of_run(_context: dg.InitResourceContext) -> Iterator[ClipProduction]:
        production = ClipProduction(store, narrator, pronunciations, database)
        try:
            yield production
        finally:
            production.close()

    return of_run


def _is_in_run(context: dg.AssetExecutionContext, asset: str) -> bool:
    """Whether this run makes that asset too: a job may be run in part, and so may be a retry."""
    run = context.run
    if run.step_keys_to_execute is not None:
        return asset in run.step_keys_to_execute
    return run.asset_selection is None or dg.AssetKey(asset) in run.asset_selection
