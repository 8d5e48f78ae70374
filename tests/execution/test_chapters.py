"""The effect of a chapter's failure on the others, and how a book's failures are reported; without I/O."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
import pytest

from bookbytes_pipeline.constants import CHAPTERS as CHAPTERS_KEY
from bookbytes_pipeline.domain.book import Chapter
from bookbytes_pipeline.domain.errors import (
    BookBytesError,
    ChaptersFailed,
    Refused,
    StoreUnavailable,
    Unavailable,
    UnusableAnswer,
)
from bookbytes_pipeline.execution.chapters import ChapterBatch, for_each_chapter

TITLES = ("Springs", "Rapids", "Deltas", "Tides", "Lakes", "Canals", "Wells", "Rain")
CHAPTERS = tuple(Chapter(number, title) for number, title in enumerate(TITLES, 1))


@dataclass
class RecordingContext:
    """The parts of an asset's context that `for_each_chapter` uses; records the logged events."""

    started: list[dg.AssetObservation] = field(default_factory=list)
    events: list[dg.AssetObservation] = field(default_factory=list)
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("tests.chapters"))
    asset_key = dg.AssetKey("chapter_audio")
    partition_key = "9780306406157"

    def log_event(self, event: dg.AssetObservation) -> None:
        """Record a finished chapter, or those that are started."""
        (self.started if CHAPTERS_KEY in event.metadata else self.events).append(event)


@dataclass
class Work:
    """Work that records which chapters were started; it fails for those that have an error."""

    errors: dict[int, Exception] = field(default_factory=dict)
    started: list[int] = field(default_factory=list)

    async def __call__(self, chapter: Chapter) -> str:
        """Return the chapter's title in capitals, or raise its error."""
        self.started.append(chapter.number)
        await asyncio.sleep(0)
        if error := self.errors.get(chapter.number):
            raise error
        return chapter.title.upper()


def run(
    work: Callable[[Chapter], Awaitable[Any]],
    chapters: Sequence[Chapter] = CHAPTERS[:4],
    *,
    at_once: int = 1,
    context: RecordingContext | None = None,
) -> list[Any]:
    """Return the results; by default one chapter runs after the other."""
    return asyncio.run(for_each_chapter(context or RecordingContext(), chapters, work, at_once=at_once))  # type: ignore[arg-type]


def failure(errors: dict[int, Exception], chapters: Sequence[Chapter] = CHAPTERS[:4]) -> ChaptersFailed:
    """Return the error raised when these chapters fail, all of them running at once."""
    with pytest.raises(ChaptersFailed) as caught:
        run(Work(errors), chapters, at_once=len(chapters))
    return caught.value


def test_results_are_in_the_order_of_the_chapters() -> None:
    """Whichever finishes first."""

    async def slower_for_earlier_chapters(chapter: Chapter) -> int:
        for _ in range(10 - chapter.number):
            await asyncio.sleep(0)
        return chapter.number

    context = RecordingContext()

    assert [1, 2, 3, 4] == run(slower_for_earlier_chapters, at_once=4, context=context)
    assert [4, 3, 2, 1] == [event.metadata["chapter"].value for event in context.events]


def test_a_finished_chapter_is_an_observation() -> None:
    """It has the count so far, from which progress is computed."""
    context = RecordingContext()

    run(Work(), CHAPTERS[:2], context=context)

    counts = [{name: value.value for name, value in event.metadata.items()} for event in context.events]
    assert [
        {"done": 1, "total": 2, "chapter": 1, "title": "Springs", "reused": False},
        {"done": 2, "total": 2, "chapter": 2, "title": "Rapids", "reused": False},
    ] == counts
    assert {(RecordingContext.asset_key, RecordingContext.partition_key)} == {
        (event.asset_key, event.partition) for event in context.events
    }


def test_the_chapters_are_an_observation_before_the_first_starts() -> None:
    """Also before the failure of the first, so that it can be said which chapter is in hand."""
    context = RecordingContext()

    with pytest.raises(ChaptersFailed):
        run(Work({1: Refused("Content declined.")}), CHAPTERS[:2], context=context)

    assert [[[1, "Springs"], [2, "Rapids"]]] == [event.metadata["chapters"].value for event in context.started]


def test_a_chapter_that_was_there_already_is_observed_as_reused() -> None:
    """It says nothing about how long a chapter takes."""
    context = RecordingContext()

    asyncio.run(
        for_each_chapter(context, CHAPTERS[:3], Work(), at_once=1, is_reused=lambda title: title == "RAPIDS")  # type: ignore[arg-type]
    )

    assert [False, True, False] == [event.metadata["reused"].value for event in context.events]


@pytest.mark.parametrize("at_once", [1, 3])
def test_at_most_the_allowed_chapters_run_at_once(at_once: int) -> None:
    """And no fewer while any are left."""
    running: set[int] = set()
    peak = 0

    async def counted(chapter: Chapter) -> None:
        nonlocal peak
        running.add(chapter.number)
        peak = max(peak, len(running))
        await asyncio.sleep(0.001)
        running.remove(chapter.number)

    run(counted, CHAPTERS, at_once=at_once)

    assert at_once == peak


@pytest.mark.parametrize("at_once", [1, 4])
def test_a_failed_chapter_does_not_stop_the_others(at_once: int) -> None:
    """Those that run beside it and those that have not started finish and are observed."""
    work, context = Work({2: Refused("Content declined.")}), RecordingContext()

    with pytest.raises(ChaptersFailed):
        run(work, at_once=at_once, context=context)

    assert [1, 2, 3, 4] == work.started
    assert [1, 3, 4] == [event.metadata["chapter"].value for event in context.events]


def test_each_failure_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The message is in the run's own log and names the chapter."""
    failure({2: Refused("Content declined.")})

    assert ["Chapter 2 (Rapids) failed: Content declined."] == [record.getMessage() for record in caplog.records]


def test_a_store_that_cannot_save_results_stops_the_rest() -> None:
    """Further answers of providers would be paid for again, however many chapters have finished."""
    work = Work({2: StoreUnavailable("No space left.")})

    with pytest.raises(ChaptersFailed, match=r"3 of 4 .*Chapters 2 \(Rapids\), 3 \(Deltas\), 4 \(Tides\): No space"):
        run(work)

    assert [1, 2] == work.started


@pytest.mark.parametrize("error", [Unavailable("No answer."), UnusableAnswer("No JSON.")])
def test_a_provider_that_is_unavailable_from_the_start_stops_the_rest(error: Exception) -> None:
    """Two chapters have used up their retries: the others need not."""
    work = Work(dict.fromkeys(range(1, 5), error))

    with pytest.raises(ChaptersFailed, match=rf"All 4 chapters failed: {error}"):
        run(work)

    assert [1, 2] == work.started


def test_a_provider_that_answered_before_is_asked_again() -> None:
    """An outage in the middle of a book may have ended by the next chapter."""
    outages: dict[int, Exception] = dict.fromkeys((2, 3, 4), Unavailable("No answer."))
    work = Work(outages)

    with pytest.raises(ChaptersFailed):
        run(work, CHAPTERS)

    assert [chapter.number for chapter in CHAPTERS] == work.started


def test_a_single_outage_at_the_start_stops_nothing() -> None:
    """The second chapter shows that the provider is available."""
    work = Work({1: Unavailable("No answer."), 3: Unavailable("No answer.")})

    with pytest.raises(ChaptersFailed, match="2 of 4"):
        run(work)

    assert [1, 2, 3, 4] == work.started


def test_a_provider_that_refuses_is_asked_for_every_chapter() -> None:
    """It may accept the third chapter after declining two."""
    work = Work({1: Refused("Declined."), 2: Refused("Declined.")})

    with pytest.raises(ChaptersFailed):
        run(work)

    assert [1, 2, 3, 4] == work.started


def test_each_cause_is_named_once() -> None:
    """The message lists the chapters of each cause, and says what to do."""
    failed = failure({1: Refused("Declined."), 2: Unavailable("No answer."), 4: Refused("Declined.")})

    assert (
        "3 of 4 chapters failed. Chapters 1 (Springs), 4 (Tides): Declined. Chapter 2 (Rapids): No answer. "
        "Finished chapters are kept; run the book again."
    ) == str(failed)
    assert failed.chapter == 1


def test_the_same_failure_of_all_chapters_is_one_sentence() -> None:
    """A list of all chapters would add nothing."""
    failed = failure(dict.fromkeys(range(1, 5), Refused("The key is wrong.")))

    assert "All 4 chapters failed: The key is wrong. Fix that, then run the book again." == str(failed)


def test_a_book_of_one_chapter_that_fails_says_why() -> None:
    """A single failure is enough to report the cause."""
    failed = failure({1: Refused("The key is wrong.")}, CHAPTERS[:1])

    assert "failed: The key is wrong. Fix that" in str(failed)


def test_different_failures_of_all_chapters_are_named() -> None:
    """Each chapter has its cause."""
    failed = failure({1: Refused("Declined."), 2: Refused("Too long.")}, CHAPTERS[:2])

    assert str(failed).startswith(
        "2 of 2 chapters failed. Chapter 1 (Springs): Declined. Chapter 2 (Rapids): Too long."
    )


@pytest.mark.parametrize(("failing", "expected"), [(5, "5 (Lakes): No."), (6, "5 (Lakes) and 1 more: No.")])
def test_a_long_list_of_chapters_is_cut(failing: int, expected: str) -> None:
    """It names five chapters."""
    failed = failure(dict.fromkeys(range(1, failing + 1), Refused("No.")), CHAPTERS)

    assert expected in str(failed)


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ((Refused("No."), Refused("No.")), False),
        ((Refused("No."), Unavailable("No answer.")), True),
        ((StoreUnavailable("Full."), Refused("No.")), True),
    ],
)
def test_a_book_is_retried_if_any_chapter_may_succeed(errors: tuple[BookBytesError, ...], *, expected: bool) -> None:
    """The run is restarted; the other chapters fail again, at no cost."""
    failed = failure(dict(enumerate(errors, 2)))

    assert expected is failed.try_again
    assert failed.chapter == 2


def test_the_error_has_the_causes_as_its_cause() -> None:
    """They decide whether it was an outage of our own services."""
    errors = {2: Refused("Declined."), 3: Unavailable("No answer.")}

    cause = failure(dict(errors)).__cause__

    assert isinstance(cause, BaseExceptionGroup)
    assert tuple(errors.values()) == cause.exceptions


def test_an_unexpected_error_is_raised_unchanged() -> None:
    """Its traceback is useful; the other chapters finish first."""
    work = Work({1: Refused("Declined."), 2: ZeroDivisionError("division by zero")})

    with pytest.raises(ZeroDivisionError):
        run(work, at_once=2)

    assert [1, 2, 3, 4] == work.started


def test_a_book_without_chapters_finishes_immediately() -> None:
    """No work is started, and nothing fails."""
    assert [] == run(Work(), ())


def test_an_interrupt_cancels_every_chapter() -> None:
    """No chapter continues in the background, and none is reported as failed."""
    cancelled: list[int] = []

    async def endless(chapter: Chapter) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(chapter.number)
            raise

    async def interrupted() -> None:
        task = asyncio.create_task(for_each_chapter(RecordingContext(), CHAPTERS[:3], endless, at_once=2))  # type: ignore[arg-type]
        await asyncio.sleep(0.01)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(interrupted())

    assert [1, 2] == cancelled


def test_chapters_may_begin_before_all_of_them_are_known() -> None:
    """Each is done once, and the results are in the order that is asked for in the end."""
    work = Work()

    async def begun_early() -> list[str]:
        batch = ChapterBatch(work, lambda *_: None, at_once=4)
        batch.start(CHAPTERS[2])
        batch.start(CHAPTERS[2])
        await batch.wait()
        return await batch.results(RecordingContext(), CHAPTERS[:3])  # type: ignore[arg-type]

    assert ["SPRINGS", "RAPIDS", "DELTAS"] == asyncio.run(begun_early())
    assert [3, 1, 2] == work.started


def test_a_chapter_that_failed_early_is_not_tried_again() -> None:
    """Its retries are over: the error comes when the results are asked for, with the others finished."""
    work = Work({2: Refused("The key was refused.")})

    async def begun_early() -> list[str]:
        batch = ChapterBatch(work, lambda *_: None, at_once=4)
        batch.start(CHAPTERS[1])
        await batch.wait()
        return await batch.results(RecordingContext(), CHAPTERS[:3])  # type: ignore[arg-type]

    with pytest.raises(ChaptersFailed, match=r"1 of 3 chapters failed\. Chapter 2 \(Rapids\): The key was refused\."):
        asyncio.run(begun_early())
    assert [2, 1, 3] == work.started


def test_chapters_that_were_begun_can_be_cancelled() -> None:
    """All of them have ended afterwards."""
    ended: list[int] = []

    async def endless(chapter: Chapter) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(chapter.number)

    async def cancelled() -> None:
        batch = ChapterBatch(endless, lambda *_: None, at_once=2)
        for chapter in CHAPTERS[:3]:
            batch.start(chapter)
        await asyncio.sleep(0.01)
        await batch.cancel()

    asyncio.run(cancelled())

    assert [1, 2] == ended
