"""How far a run has come, from what happened in it. Pure: events in, progress out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bookbytes_api.jobs.countdown import Countdown
from bookbytes_api.jobs.estimate import estimate
from bookbytes_api.jobs.paces import BY_CHAPTER, NOT_LEARNED, Paces
from bookbytes_api.jobs.titles import MAX_TITLE_CHARS, BookTitle, ChapterTitle
from bookbytes_pipeline.constants import (
    BOOK_SUMMARY,
    CHAPTER_AUDIO,
    CHAPTER_SUMMARIES,
    QUEUED,
    RUN_FAILED,
    STAGES,
    CurrentStep,
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
    """Since when a step is measured, and in how many `seconds` after that it finished its last new chapter.

    Chapters that are reused, or reported again after a crash, take a moment: the pace is that of the `chapters` that
    were new.
    """

    since: datetime
    chapters: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come.

    `share` (0 to 1) is how much of its time has passed, as far as is known. It never falls, also not when a run is
    retried. `chapters_done` counts the clips that are finished, of `chapters_total`, which is unknown (None) at first.
    `chapters` are all of them; those in `summarized` have their summaries, those in `ready` their clips. `asset` is
    what is being made, unless it `is_made`; `unfinished` are the chapters that it has not finished. By asset, `done`
    counts finished chapters, `measurements` are of those in hand (clips are in hand from the first summary on), and
    `times` is how long each step took that has ended. `has_reused` is whether something had been made before.
    `countdown` is None while nobody knows how long the rest takes, and again after a failure. `events` counts what
    happened so far.
    """

    step: CurrentStep = QUEUED
    share: float = 0.0
    chapters_done: int = 0
    chapters_total: int | None = None
    chapters: tuple[ChapterTitle, ...] = ()
    summarized: frozenset[int] = frozenset()
    ready: frozenset[int] = frozenset()
    asset: str = ""
    is_made: bool = False
    unfinished: tuple[ChapterTitle, ...] = ()
    done: Mapping[str, int] = field(default_factory=dict)
    measurements: Mapping[str, Measurement] = field(default_factory=dict)
    times: Mapping[str, float] = field(default_factory=dict)
    has_reused: bool = False
    countdown: Countdown | None = None
    book: BookTitle | None = None
    failure: Failure | None = None
    events: int = 0

    @property
    def percent(self) -> int:
        """The share in percent; 100 is kept for the end."""
        return int(MAX_PERCENT * self.share + 1e-9)

    @property
    def current_chapter(self) -> ChapterTitle | None:
        """The first chapter that is not finished: chapters are started in their order, several at once."""
        return next(iter(self.unfinished), None)

    @property
    def times_to_learn(self) -> dict[str, float]:
        """How long the steps took, without those that may have been short because something had been made before."""
        return {asset: seconds for asset, seconds in self.times.items() if asset in BY_CHAPTER or not self.has_reused}

    def seconds_left(self, now: datetime) -> int | None:
        """Return the estimated seconds from `now` to the end, at least 1; None without an estimate."""
        return None if self.countdown is None else max(1, round(self.countdown.left(now)))


def advance(progress: Progress, event: RunEvent, paces: Paces = NOT_LEARNED) -> Progress:
    """Return the progress after `event`, with estimates from the `paces` of earlier books."""
    progress = replace(progress, events=progress.events + 1)
    match event.kind:
        case EventKind.STEP_STARTED:
            after = _start_step(progress, event)
        case EventKind.BOOK_FOUND:
            return replace(progress, book=BookTitle(event.title[:MAX_TITLE_CHARS], event.authors))
        case EventKind.CHAPTERS_STARTED:
            after = _start_chapters(progress, event)
        case EventKind.CHAPTER_FINISHED:
            after = _finish_chapter(progress, event)
        case EventKind.STEP_FINISHED:
            after = _finish_step(progress, event)
        case EventKind.STEP_FAILED:
            return _fail(progress, Failure(event.code, event.message, event.chapter))
        case EventKind.RUN_FAILED:
            return _fail(progress, progress.failure or _OUTSIDE_OF_STEPS)
    share, countdown = estimate(progress, after, event.at, paces)
    return replace(after, share=share, countdown=countdown)


def summarize(events: Iterable[RunEvent], paces: Paces = NOT_LEARNED) -> Progress:
    """Return the progress after all of these events."""
    progress = Progress()
    for event in events:
        progress = advance(progress, event, paces)
    return progress


def _start_step(progress: Progress, event: RunEvent) -> Progress:
    return replace(
        progress,
        step=STAGES[event.asset].current_step,
        asset=event.asset,
        is_made=False,
        unfinished=(),
        measurements=_begun(progress, event),
        failure=None,
    )


def _start_chapters(progress: Progress, event: RunEvent) -> Progress:
    chapters = tuple(ChapterTitle(*chapter) for chapter in event.chapters)
    finished = progress.ready if event.asset == CHAPTER_AUDIO else frozenset[int]()
    return replace(
        progress,
        asset=event.asset,
        chapters=progress.chapters or chapters,
        chapters_total=event.total,
        unfinished=tuple(chapter for chapter in chapters if chapter.number not in finished),
        measurements=_begun(progress, event),
    )


def _begun(progress: Progress, event: RunEvent) -> dict[str, Measurement]:
    """The measurements at the start of a step: anew, but for clips that have been begun before their step."""
    if event.asset == CHAPTER_SUMMARIES:
        return {event.asset: Measurement(event.at)}
    known = progress.measurements.get(event.asset)
    is_ahead = event.asset == CHAPTER_AUDIO and known is not None and known.chapters > 0
    return {**progress.measurements} if is_ahead else {**progress.measurements, event.asset: Measurement(event.at)}


def _finish_chapter(progress: Progress, event: RunEvent) -> Progress:
    done = progress.done.get(event.asset, 0)
    measurements = _measured(progress.measurements, event, is_new=not event.reused and event.done > done)
    after = replace(
        progress,
        chapters_total=event.total,
        done={**progress.done, event.asset: max(done, event.done)},
        measurements=measurements,
        has_reused=progress.has_reused or event.reused,
        **_finished_parts(progress, event),
    )
    if event.asset == CHAPTER_AUDIO and progress.asset in {CHAPTER_SUMMARIES, BOOK_SUMMARY}:
        return after  # a clip that is finished before its step begins
    unfinished = tuple(chapter for chapter in progress.unfinished if chapter.number != event.chapter)
    return replace(after, asset=event.asset, unfinished=unfinished)


def _finished_parts(progress: Progress, event: RunEvent) -> dict[str, Any]:
    """What people are told of a finished chapter: that it has its summary, or its clip."""
    number = frozenset({event.chapter} if event.chapter is not None else ())
    if event.asset != CHAPTER_AUDIO:
        return {"summarized": progress.summarized | number}
    return {"ready": progress.ready | number, "chapters_done": max(progress.chapters_done, event.done)}


def _measured(before: Mapping[str, Measurement], event: RunEvent, *, is_new: bool) -> dict[str, Measurement]:
    measured = dict(before)
    if event.asset == CHAPTER_SUMMARIES:
        measured.setdefault(CHAPTER_AUDIO, Measurement(event.at))
    known = before.get(event.asset)
    if known is not None and is_new:
        seconds = (event.at - known.since).total_seconds()
        measured[event.asset] = replace(known, chapters=known.chapters + 1, seconds=seconds)
    elif known is not None and not known.chapters:
        measured[event.asset] = Measurement(event.at)
    return measured


def _finish_step(progress: Progress, event: RunEvent) -> Progress:
    times = {**progress.times, **_time_of_step(progress.measurements.get(event.asset), event)}
    return replace(progress, asset=event.asset, is_made=True, unfinished=(), times=times)


def _time_of_step(measured: Measurement | None, event: RunEvent) -> dict[str, float]:
    if measured is None:
        return {}
    if STAGES[event.asset].by_chapter:
        return {event.asset: measured.seconds / measured.chapters} if measured.chapters else {}
    return {event.asset: (event.at - measured.since).total_seconds()}


def _fail(progress: Progress, failure: Failure) -> Progress:
    return replace(progress, failure=failure, countdown=None, unfinished=())
