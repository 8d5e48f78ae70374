"""How far a run has come, from what happened in it. Pure: events in, progress out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bookbytes_api.runs.state import Happening, StepEvent
from bookbytes_pipeline.constants import (
    BOOK_METADATA,
    BOOK_TEXT,
    CHAPTER_AUDIO,
    CHAPTER_LIST,
    CHAPTER_SUMMARIES,
    CURRENT_STEP,
    PUBLISHED_BOOK,
    QUEUED,
)

_SPAN = {
    BOOK_METADATA: (0, 3),
    BOOK_TEXT: (3, 5),
    CHAPTER_LIST: (5, 8),
    CHAPTER_SUMMARIES: (8, 55),
    CHAPTER_AUDIO: (55, 98),
    PUBLISHED_BOOK: (98, 99),
}
"""Percent at an asset's beginning and end. Writing and speaking take about the same time, all else next to none."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run failed: a code for programs, a sentence for people, and the first chapter that failed, if any did."""

    code: str
    message: str
    chapter: int | None = None


_OUTSIDE = Failure("RUN_FAILED", "The run ended before the book was made. Try again: what was finished is kept.")
"""For a run that ended outside of its steps; what Dagster says of that is for operators."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come.

    `percent` never falls, also not when a run is retried; 100 is kept for the end. `chapters_done` counts the clips
    that are finished, of `chapters_total`, which is unknown (None) at first. `seconds_left`, as estimated at `at`, is
    None until there is something to judge by. `events` counts what happened so far.
    """

    step: str = QUEUED
    percent: int = 0
    chapters_done: int = 0
    chapters_total: int | None = None
    seconds_left: float | None = None
    at: datetime | None = None
    step_began: datetime | None = None
    failure: Failure | None = None
    events: int = 0


def advanced(progress: Progress, event: StepEvent) -> Progress:
    """The progress after `event`."""
    progress = replace(progress, at=event.at, events=progress.events + 1)
    match event.happening:
        case Happening.STARTED:
            return _reached(
                replace(progress, step=CURRENT_STEP[event.asset], step_began=event.at, failure=None), event, 0.0
            )
        case Happening.CHAPTER:
            return _reached(_with_chapters(progress, event), event, event.done / max(event.total, 1))
        case Happening.FINISHED:
            return _reached(progress, event, 1.0)
        case Happening.FAILED:
            return replace(progress, failure=Failure(event.code, event.message, event.chapter), seconds_left=None)
        case Happening.RUN_FAILED:
            failure = progress.failure or _OUTSIDE
            return replace(progress, failure=failure, seconds_left=None)


def summed_up(events: Iterable[StepEvent]) -> Progress:
    """The progress after all of them."""
    progress = Progress()
    for event in events:
        progress = advanced(progress, event)
    return progress


def _reached(progress: Progress, event: StepEvent, share: float) -> Progress:
    begin, end = _SPAN[event.asset]
    return replace(progress, percent=max(progress.percent, begin + int((end - begin) * share)))


def _with_chapters(progress: Progress, event: StepEvent) -> Progress:
    done = event.done if event.asset == CHAPTER_AUDIO else 0
    return replace(
        progress,
        chapters_done=max(progress.chapters_done, done),
        chapters_total=event.total,
        seconds_left=_seconds_left(progress, event),
    )


def _seconds_left(progress: Progress, event: StepEvent) -> float | None:
    """The rest of this step at the pace so far; while summaries are written, as much again for speaking them."""
    if progress.step_began is None:
        return None
    pace = (event.at - progress.step_began).total_seconds() / max(event.done, 1)
    rest = pace * (event.total - event.done)
    return rest + pace * event.total if event.asset == CHAPTER_SUMMARIES else rest
