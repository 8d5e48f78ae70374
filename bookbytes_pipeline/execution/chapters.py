"""The same work for every chapter of a book, several chapters at a time."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

import dagster as dg

from bookbytes_pipeline.constants import CHAPTER, CHAPTERS, DONE, REUSED, TITLE, TOTAL
from bookbytes_pipeline.domain.errors import BookBytesError, ChaptersFailed, StoreUnavailable, Unavailable


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
    whether its result `is_reused`: that is what progress bars and the API read. A failed chapter does not stop the
    others, unless a provider is unavailable from the start, or the store cannot keep results. When all have ended,
    `ChaptersFailed` names the failed ones with their causes.
    """
    _observe(context, {CHAPTERS: [[chapter.number, chapter.title] for chapter in chapters]})
    batch = _Batch(work, asyncio.Semaphore(at_once), partial(_log_progress, context, len(chapters), is_reused))
    outcomes = await asyncio.gather(*(batch.run(chapter) for chapter in chapters), return_exceptions=True)
    results = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    failures = [
        (chapter, outcome)
        for chapter, outcome in zip(chapters, outcomes, strict=True)
        if isinstance(outcome, BaseException)
    ]
    for chapter, error in failures:
        context.log.warning("Chapter %s (%s) failed: %s", chapter.number, chapter.title, error)
    _raise_for(failures, len(chapters))
    return results


@dataclass
class _Batch(Generic[ItemT, ResultT]):
    """The chapters of one call, and what the failures so far mean for those that have not started."""

    work: Callable[[ItemT], Awaitable[ResultT]]
    slots: asyncio.Semaphore
    on_finished: Callable[[ItemT, ResultT, int], None]
    finished: int = 0
    outages: list[Unavailable] = field(default_factory=list)
    store_failures: list[StoreUnavailable] = field(default_factory=list)

    async def run(self, chapter: ItemT) -> ResultT:
        async with self.slots:
            self._raise_if_pointless()
            try:
                result = await self.work(chapter)
            except StoreUnavailable as error:
                self.store_failures.append(error)
                raise
            except Unavailable as error:
                self.outages.append(error)
                raise
            self.finished += 1
            self.on_finished(chapter, result, self.finished)
            return result

    def _raise_if_pointless(self) -> None:
        if len(self.outages) >= MAX_OUTAGES_AT_START and not self.finished:
            raise self.outages[0]
        if self.store_failures:
            raise self.store_failures[0]  # an answer that cannot be kept would be paid for again


def _log_progress(
    context: dg.AssetExecutionContext,
    total: int,
    is_reused: Callable[[ResultT], bool],
    chapter: Numbered,
    result: ResultT,
    finished: int,
) -> None:
    number, title = chapter.number, chapter.title
    reused = is_reused(result)
    _observe(context, {DONE: finished, TOTAL: total, CHAPTER: number, TITLE: title, REUSED: reused})


def _observe(context: dg.AssetExecutionContext, metadata: Mapping[str, Any]) -> None:
    context.log_event(
        dg.AssetObservation(asset_key=context.asset_key, partition=context.partition_key, metadata=metadata)
    )


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
