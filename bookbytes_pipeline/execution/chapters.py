"""The same work for every chapter of a book, several chapters at a time."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

import dagster as dg

from bookbytes_pipeline.constants import CHAPTER, CHAPTERS, DONE, REUSED, TITLE, TOTAL
from bookbytes_pipeline.domain.errors import BookBytesError, ChaptersFailed, StoreUnavailable, Unavailable
from bookbytes_pipeline.providers.call_slots import chapter_in_hand


class Numbered(Protocol):
    """Anything that belongs to one chapter."""

    @property
    def number(self) -> int:
        """The chapter's number."""
        ...

    @property
    def title(self) -> str:
        """The chapter's title."""
        ...


ItemT = TypeVar("ItemT", bound=Numbered)
ResultT = TypeVar("ResultT")
Failure = tuple[Numbered, BaseException]

MAX_OUTAGES_AT_START = 2
"""So many chapters may find a provider unavailable before any succeeds; the rest need not wait out their retries."""
MAX_NAMED_CHAPTERS = 5


def _all_new(_result: object) -> bool:
    return False


async def for_each_chapter(
    context: dg.AssetExecutionContext,
    chapters: Sequence[ItemT],
    work: Callable[[ItemT], Awaitable[ResultT]],
    *,
    at_once: int,
    is_reused: Callable[[ResultT], bool] = _all_new,
) -> list[ResultT]:
    """Return what `work` makes of each chapter, in the order of `chapters`; `at_once` run at any time.

    The chapters are logged as an observation before the first one starts, and so is every finished chapter, with
    whether its result `is_reused`: that is what progress bars and the API read. For failures see `ChapterBatch`.
    """
    log_chapters(context, chapters)

    def log(chapter: ItemT, result: ResultT, finished: int) -> None:
        log_finished(context, chapter, finished, len(chapters), reused=is_reused(result))

    batch = ChapterBatch(work, log, at_once)
    return await batch.results(context, chapters)


class ChapterBatch(Generic[ItemT, ResultT]):
    """Work on the chapters of a book, `at_once` of them at any time, begun in any order.

    `on_finished` is told each chapter, its result and how many are finished. A failed chapter does not stop the others,
    unless a provider is unavailable from the start, or the store cannot keep results.
    """

    def __init__(
        self,
        work: Callable[[ItemT], Awaitable[ResultT]],
        on_finished: Callable[[ItemT, ResultT, int], None],
        at_once: int,
    ) -> None:
        self._work, self._on_finished = work, on_finished
        self._slots = asyncio.Semaphore(at_once)
        self._tasks: dict[int, asyncio.Task[ResultT]] = {}
        self._finished = 0
        self._outages: list[Unavailable] = []
        self._store_failures: list[StoreUnavailable] = []

    def start(self, chapter: ItemT) -> None:
        """Begin a chapter as soon as there is room, unless it has been begun."""
        if chapter.number not in self._tasks:
            self._tasks[chapter.number] = asyncio.create_task(self._run(chapter))

    async def results(self, context: dg.AssetExecutionContext, chapters: Sequence[ItemT]) -> list[ResultT]:
        """Return the results of all `chapters`, begun or not, in their order.

        When all have ended, `ChaptersFailed` names the failed ones with their causes.
        """
        for chapter in chapters:
            self.start(chapter)
        tasks = [self._tasks[chapter.number] for chapter in chapters]
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        failures = [
            (chapter, outcome)
            for chapter, outcome in zip(chapters, outcomes, strict=True)
            if isinstance(outcome, BaseException)
        ]
        for chapter, error in failures:
            context.log.warning("Chapter %s (%s) failed: %s", chapter.number, chapter.title, error)
        _raise_for(failures, len(chapters))
        return [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]

    async def wait(self) -> None:
        """Wait until everything that was begun has ended, in whatever way."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def cancel(self) -> None:
        """Cancel what is not finished, and wait until it is unwound."""
        for task in self._tasks.values():
            task.cancel()
        await self.wait()

    async def _run(self, chapter: ItemT) -> ResultT:
        chapter_in_hand.set(chapter.number)  # in this task, and in what it starts
        async with self._slots:
            self._raise_if_pointless()
            try:
                result = await self._work(chapter)
            except StoreUnavailable as error:
                self._store_failures.append(error)
                raise
            except Unavailable as error:
                self._outages.append(error)
                raise
            self._finished += 1
            self._on_finished(chapter, result, self._finished)
            return result

    def _raise_if_pointless(self) -> None:
        if len(self._outages) >= MAX_OUTAGES_AT_START and not self._finished:
            raise self._outages[0]
        if self._store_failures:
            raise self._store_failures[0]  # an answer that cannot be kept would be paid for again


def log_chapters(context: dg.AssetExecutionContext, chapters: Sequence[Numbered]) -> None:
    """Log the chapters that an asset is about to go through."""
    _observe(context, context.asset_key, {CHAPTERS: [[chapter.number, chapter.title] for chapter in chapters]})


def log_finished(
    context: dg.AssetExecutionContext,
    chapter: Numbered,
    finished: int,
    total: int,
    *,
    reused: bool,
    asset_key: dg.AssetKey | None = None,
) -> None:
    """Log that a chapter is finished, as the `finished` one of `total`: of this asset, or of another that is ahead."""
    found = {DONE: finished, TOTAL: total, CHAPTER: chapter.number, TITLE: chapter.title, REUSED: reused}
    _observe(context, asset_key or context.asset_key, found)


def _observe(context: dg.AssetExecutionContext, asset_key: dg.AssetKey, metadata: Mapping[str, Any]) -> None:
    context.log_event(dg.AssetObservation(asset_key=asset_key, partition=context.partition_key, metadata=metadata))


def _raise_for(failures: Sequence[Failure], total: int) -> None:
    """Raise an error that nobody foresaw as it is, because its traceback helps; else all failures as one."""
    unforeseen = next((error for _, error in failures if not isinstance(error, BookBytesError)), None)
    if unforeseen:
        raise unforeseen
    if failures:
        raise _chapters_failed(failures, total) from BaseExceptionGroup("chapters", [error for _, error in failures])


def _chapters_failed(failures: Sequence[Failure], total: int) -> ChaptersFailed:
    """Combine all failures into one error that names each cause once."""
    chapters_by_cause: dict[str, list[str]] = defaultdict(list)
    for chapter, error in failures:
        chapters_by_cause[str(error)].append(f"{chapter.number} ({chapter.title})")
    if len(failures) == total and len(chapters_by_cause) == 1:
        message = f"All {total} chapters failed: {failures[0][1]} Fix that, then run the book again."
    else:
        causes = " ".join(f"{_listed(chapters)}: {cause}" for cause, chapters in chapters_by_cause.items())
        message = (
            f"{len(failures)} of {total} chapters failed. {causes} Finished chapters are kept; run the book again."
        )
    return ChaptersFailed(
        message,
        try_again=any(isinstance(error, BookBytesError) and error.try_again for _, error in failures),
        chapter=failures[0][0].number,
    )


def _listed(chapters: Sequence[str]) -> str:
    noun = "Chapter" if len(chapters) == 1 else "Chapters"
    named, more = ", ".join(chapters[:MAX_NAMED_CHAPTERS]), len(chapters) - MAX_NAMED_CHAPTERS
    return f"{noun} {named} and {more} more" if more > 0 else f"{noun} {named}"
