"""The same work for every chapter of a book, several at a time."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

import dagster as dg

from bookbytes_pipeline.constants import CHAPTER, DONE, TITLE, TOTAL
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


Part = TypeVar("Part", bound=Numbered)
Made = TypeVar("Made")


ENOUGH_TO_TELL = 2
"""Chapters for which a provider was away, before any succeeded: the rest need not wait out their attempts as well."""
MOST_NAMED = 5


async def for_each_chapter(
    context: dg.AssetExecutionContext,
    parts: Sequence[Part],
    work: Callable[[Part], Awaitable[Made]],
    *,
    at_once: int,
) -> list[Made]:
    """What `work` makes of each part, in the order of `parts`; `at_once` are in hand at any time.

    Every finished chapter is logged as an observation, which is what progress bars and the API read. A failed chapter
    does not stop the others, unless a provider is away from the start, or the store cannot keep what is made. When all
    are through, `ChaptersFailed` names the failed ones with their causes.
    """
    slots = asyncio.Semaphore(at_once)
    done = 0
    away: list[Unavailable] = []
    unkept: list[StoreUnavailable] = []

    async def one(part: Part) -> Made:
        nonlocal done
        async with slots:
            if len(away) >= ENOUGH_TO_TELL and not done:
                raise away[0]
            if unkept:
                raise unkept[0]  # an answer that cannot be kept would be paid for again
            try:
                made = await work(part)
            except StoreUnavailable as error:
                unkept.append(error)
                raise
            except Unavailable as error:
                away.append(error)
                raise
            done += 1
            _log_progress(context, part, done, len(parts))
            return made

    results = await asyncio.gather(*(one(part) for part in parts), return_exceptions=True)
    failed = [(part, error) for part, error in zip(parts, results, strict=True) if isinstance(error, BaseException)]
    for part, error in failed:
        context.log.warning("Chapter %s (%s) failed: %s", part.number, part.title, error)
    unforeseen = next((error for _, error in failed if not isinstance(error, BookBytesError)), None)
    if unforeseen:
        raise unforeseen  # as it is, for its traceback is what helps
    if failed:
        raise _chapters_failed(failed, len(parts)) from BaseExceptionGroup("chapters", [error for _, error in failed])
    return [made for made in results if not isinstance(made, BaseException)]


def _log_progress(context: dg.AssetExecutionContext, part: Numbered, done: int, total: int) -> None:
    context.log_event(
        dg.AssetObservation(
            asset_key=context.asset_key,
            partition=context.partition_key,
            metadata={DONE: done, TOTAL: total, CHAPTER: part.number, TITLE: part.title},
        )
    )


def _chapters_failed(failed: Sequence[tuple[Numbered, BaseException]], total: int) -> ChaptersFailed:
    """All failures in one, each cause told once."""
    by_cause: dict[str, list[str]] = defaultdict(list)
    for part, error in failed:
        by_cause[str(error)].append(f"{part.number} ({part.title})")
    if len(failed) == total and len(by_cause) == 1:
        told = f"All {total} chapters failed: {failed[0][1]} Run the book again when that is mended."
    else:
        causes = " ".join(f"Chapter {_named(names)}: {cause}" for cause, names in by_cause.items())
        told = f"{len(failed)} of {total} chapters failed. {causes} What is finished is kept; run the book again."
    return ChaptersFailed(
        told,
        try_again=any(isinstance(error, BookBytesError) and error.try_again for _, error in failed),
        chapter=failed[0][0].number,
    )


def _named(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
