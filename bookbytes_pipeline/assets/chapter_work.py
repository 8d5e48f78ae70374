"""The same work for every chapter of a book, several at a time."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

import dagster as dg

from bookbytes_pipeline.domain.errors import BookBytesError, ChaptersFailed
from bookbytes_pipeline.names import CHAPTER, DONE, TITLE, TOTAL


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


async def for_each_chapter(
    context: dg.AssetExecutionContext,
    parts: Sequence[Part],
    work: Callable[[Part], Awaitable[Made]],
    *,
    at_once: int,
) -> list[Made]:
    """What `work` makes of each part, in the order of `parts`; `at_once` are in hand at any time.

    Every finished chapter is logged as an observation, which is what progress bars and the API read. A failed chapter
    does not stop the others; when all are through, `ChaptersFailed` names the failed ones with their causes.
    """
    slots = asyncio.Semaphore(at_once)
    done = 0

    async def one(part: Part) -> Made | BookBytesError:
        nonlocal done
        async with slots:
            try:
                made = await work(part)
            except BookBytesError as error:
                context.log.warning("Chapter %s (%s) failed: %s", part.number, part.title, error)
                return error
            done += 1
            _log_progress(context, part, done, len(parts))
            return made

    results = await asyncio.gather(*(one(part) for part in parts))
    failed = [(part, made) for part, made in zip(parts, results, strict=True) if isinstance(made, BookBytesError)]
    if failed:
        raise _chapters_failed(failed, len(parts))
    return [made for made in results if not isinstance(made, BookBytesError)]


def _log_progress(context: dg.AssetExecutionContext, part: Numbered, done: int, total: int) -> None:
    context.log_event(
        dg.AssetObservation(
            asset_key=context.asset_key,
            partition=context.partition_key,
            metadata={DONE: done, TOTAL: total, CHAPTER: part.number, TITLE: part.title},
        )
    )


def _chapters_failed(failed: Sequence[tuple[Numbered, BookBytesError]], total: int) -> ChaptersFailed:
    by_cause: dict[str, list[str]] = defaultdict(list)
    for part, error in failed:
        by_cause[str(error)].append(f"{part.number} ({part.title})")
    causes = " ".join(f"Chapter {', '.join(names)}: {cause}" for cause, names in by_cause.items())
    return ChaptersFailed(
        f"{len(failed)} of {total} chapters failed. {causes} The other chapters are kept; "
        "running the book again does only what is missing.",
        try_again=any(error.try_again for _, error in failed),
    )
