"""How far a run has come, from what happened in it. Pure: events in, progress out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bookbytes_api.jobs.countdown import Countdown, revise
from bookbytes_api.jobs.paces import BY_CHAPTER, NOT_LEARNED, Paces
from bookbytes_api.jobs.titles import MAX_TITLE_CHARS, BookTitle, ChapterTitle
from bookbytes_pipeline.constants import ASSET_NAMES, CHAPTER_AUDIO, QUEUED, RUN_FAILED, STAGES, CurrentStep
from bookbytes_pipeline.instance.run_events import EventKind, RunEvent

MAX_PERCENT = 99
"""Of a run that is not over."""
LEARNED_CHAPTERS = 3
"""As much as so many chapters counts what is known from earlier books: the first chapter of a step says little."""
MIN_CHAPTERS = 2
"""Of a step, without which its pace is unknown: of several that are made at once, the first takes as long as all."""


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
    `asset` is what is being made, unless it `is_made`; `step_done` counts its finished chapters, and `unfinished` are
    the others. `countdown` is None while nobody knows how long the rest takes, and again after a failure. `times` is
    how long each step took that has ended, and `has_reused` whether something had been made before. `events` counts
    what happened so far.
    """

    step: CurrentStep = QUEUED
    share: float = 0.0
    chapters_done: int = 0
    chapters_total: int | None = None
    asset: str = ""
    is_made: bool = False
    step_done: int = 0
    unfinished: tuple[ChapterTitle, ...] = ()
    measurement: Measurement | None = None
    countdown: Countdown | None = None
    times: Mapping[str, float] = field(default_factory=dict)
    has_reused: bool = False
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
    return _estimate(progress, after, event.at, paces)


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
        step_done=progress.step_done if event.asset == progress.asset else 0,
        unfinished=(),
        measurement=Measurement(event.at),
        failure=None,
    )


def _start_chapters(progress: Progress, event: RunEvent) -> Progress:
    return replace(
        progress,
        asset=event.asset,
        chapters_total=event.total,
        unfinished=tuple(ChapterTitle(*chapter) for chapter in event.chapters),
        measurement=Measurement(event.at),
    )


def _finish_chapter(progress: Progress, event: RunEvent) -> Progress:
    clips = event.done if event.asset == CHAPTER_AUDIO else 0
    is_new = not event.reused and event.done > progress.step_done
    return replace(
        progress,
        asset=event.asset,
        chapters_done=max(progress.chapters_done, clips),
        chapters_total=event.total,
        step_done=max(progress.step_done, event.done),
        unfinished=tuple(chapter for chapter in progress.unfinished if chapter.number != event.chapter),
        measurement=_measured(progress.measurement, event.at, is_new=is_new),
        has_reused=progress.has_reused or event.reused,
    )


def _measured(before: Measurement | None, at: datetime, *, is_new: bool) -> Measurement | None:
    if before is None:
        return None
    if is_new:
        return replace(before, chapters=before.chapters + 1, seconds=(at - before.since).total_seconds())
    return before if before.chapters else Measurement(at)


def _finish_step(progress: Progress, event: RunEvent) -> Progress:
    times = {**progress.times, **_time_of_step(progress.measurement, event)}
    return replace(progress, asset=event.asset, is_made=True, unfinished=(), times=times)


def _time_of_step(measured: Measurement | None, event: RunEvent) -> dict[str, float]:
    if measured is None:
        return {}
    if STAGES[event.asset].by_chapter:
        return {event.asset: measured.seconds / measured.chapters} if measured.chapters else {}
    return {event.asset: (event.at - measured.since).total_seconds()}


def _fail(progress: Progress, failure: Failure) -> Progress:
    return replace(progress, failure=failure, countdown=None, unfinished=())


def _corrected(paces: Paces, progress: Progress) -> Paces:
    """The paces with that of the present step as it is in this run."""
    measured, asset = progress.measurement, progress.asset
    if measured is None or not measured.chapters:
        return paces
    learned = LEARNED_CHAPTERS if paces.knows(asset) else 0
    seconds = paces.pace(asset) * learned + measured.seconds
    return paces.with_pace(asset, seconds / (learned + measured.chapters))


def _estimate(before: Progress, after: Progress, at: datetime, learned: Paces) -> Progress:
    """What is left to 100 percent shrinks as the time that is left does, so that percents take equally long."""
    chapters = learned.chapters if after.chapters_total is None else after.chapters_total
    paces = _corrected(learned, after)
    was_left, left = (_seconds_left(progress, chapters, paces) for progress in (before, after))
    shrunk = min(1.0, left / was_left) if was_left else 1.0
    countdown = None
    if _is_predictable(after, learned):
        countdown = revise(before.countdown, at, left, 0.0 if after.is_made else paces.pace(after.asset))
    return replace(after, share=1 - (1 - before.share) * shrunk, countdown=countdown)


def _is_predictable(progress: Progress, learned: Paces) -> bool:
    """Whether it is known how many chapters there are, and how long each takes in the steps that are left."""
    is_measured = progress.measurement is not None and progress.measurement.chapters >= MIN_CHAPTERS
    known = {progress.asset} if is_measured else set()
    return progress.chapters_total is not None and all(
        learned.knows(asset) or asset in known for asset in _steps_left(progress) if asset in BY_CHAPTER
    )


def _seconds_left(progress: Progress, chapters: int, paces: Paces) -> float:
    done = {progress.asset: progress.step_done}
    return sum(paces.step(asset, max(0, chapters - done.get(asset, 0))) for asset in _steps_left(progress))


def _steps_left(progress: Progress) -> tuple[str, ...]:
    """The steps that are not over, with the present one."""
    return ASSET_NAMES[ASSET_NAMES.index(progress.asset) + progress.is_made :] if progress.asset else ASSET_NAMES
