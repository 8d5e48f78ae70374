"""How far a run has come, from what happened in it. Pure: events in, progress out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate, pairwise

from bookbytes_pipeline.constants import (
    CHAPTER_AUDIO,
    CHAPTER_SUMMARIES,
    QUEUED,
    RUN_FAILED,
    STAGES,
    CurrentStep,
    Stage,
)
from bookbytes_pipeline.instance.run_events import EventKind, RunEvent

MAX_PERCENT = 99
"""Of a run that is not over."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run failed: a code for programs, a sentence for people, and the first chapter that failed, if any did."""

    code: str
    message: str
    chapter: int | None = None


_OUTSIDE_OF_STEPS = Failure(RUN_FAILED, "The run ended before the book was made. Try again: what was finished is kept.")
"""What Dagster says of such a run is for operators."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """From when on the pace of a step is measured, and how many chapters were finished by then.

    After a crash the finished chapters are reported again within a moment: the pace is that of the others.
    """

    since: datetime
    done: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come.

    `percent` never falls, also not when a run is retried; 100 is kept for the end. `chapters_done` counts the clips
    that are finished, of `chapters_total`, which is unknown (None) at first. `step_done` counts the chapters that
    `step` has finished. `estimated_end` is None until there is something to judge by, and again after a failure.
    `events` counts what happened so far.
    """

    step: CurrentStep = QUEUED
    percent: int = 0
    chapters_done: int = 0
    chapters_total: int | None = None
    step_done: int = 0
    measurement: Measurement | None = None
    estimated_end: datetime | None = None
    failure: Failure | None = None
    events: int = 0

    def seconds_left(self, now: datetime) -> int | None:
        """Return the estimated seconds from `now` to the end, at least 1; None without an estimate."""
        if self.estimated_end is None:
            return None
        return max(1, round((self.estimated_end - now).total_seconds()))


def advance(progress: Progress, event: RunEvent) -> Progress:
    """Return the progress after `event`."""
    progress = replace(progress, events=progress.events + 1)
    match event.kind:
        case EventKind.STEP_STARTED:
            return _with_percent(_start_step(progress, event), event, 0.0)
        case EventKind.CHAPTER_FINISHED:
            return _with_percent(_finish_chapter(progress, event), event, event.done / max(event.total, 1))
        case EventKind.STEP_FINISHED:
            return _with_percent(progress, event, 1.0)
        case EventKind.STEP_FAILED:
            return _fail(progress, Failure(event.code, event.message, event.chapter))
        case EventKind.RUN_FAILED:
            return _fail(progress, progress.failure or _OUTSIDE_OF_STEPS)


def summarize(events: Iterable[RunEvent]) -> Progress:
    """Return the progress after all of these events."""
    progress = Progress()
    for event in events:
        progress = advance(progress, event)
    return progress


def percent_spans(stages: Mapping[str, Stage]) -> dict[str, tuple[int, int]]:
    """Return the percent at each asset's beginning and end, according to their weights."""
    total = sum(stage.weight for stage in stages.values())
    bounds = accumulate((stage.weight for stage in stages.values()), initial=0)
    return dict(zip(stages, pairwise(MAX_PERCENT * bound // total for bound in bounds), strict=True))


_SPANS = percent_spans(STAGES)


def _with_percent(progress: Progress, event: RunEvent, share: float) -> Progress:
    begin, end = _SPANS[event.asset]
    return replace(progress, percent=max(progress.percent, begin + int((end - begin) * share)))


def _start_step(progress: Progress, event: RunEvent) -> Progress:
    step = STAGES[event.asset].current_step
    return replace(
        progress,
        step=step,
        step_done=progress.step_done if step == progress.step else 0,
        measurement=Measurement(event.at),
        failure=None,
    )


def _finish_chapter(progress: Progress, event: RunEvent) -> Progress:
    clips = event.done if event.asset == CHAPTER_AUDIO else 0
    progress = replace(progress, chapters_done=max(progress.chapters_done, clips), chapters_total=event.total)
    if event.done <= progress.step_done:
        return replace(progress, measurement=Measurement(event.at, event.done))
    return replace(progress, step_done=event.done, estimated_end=_estimate_end(progress.measurement, event))


def _fail(progress: Progress, failure: Failure) -> Progress:
    return replace(progress, failure=failure, estimated_end=None)


def _estimate_end(measured: Measurement | None, event: RunEvent) -> datetime | None:
    """The rest of this step at the pace so far; while summaries are written, as much again for speaking them."""
    if measured is None:
        return None
    pace = (event.at - measured.since) / (event.done - measured.done)
    rest = event.total - event.done
    return event.at + pace * (rest + event.total if event.asset == CHAPTER_SUMMARIES else rest)
