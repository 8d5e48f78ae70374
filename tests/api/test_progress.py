"""The progress of a run, computed from events as values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookbytes_api.jobs.paces import NOT_LEARNED, Paces
from bookbytes_api.jobs.progress import Failure, Progress, advance, summarize
from bookbytes_api.jobs.titles import BookTitle, ChapterTitle
from bookbytes_pipeline.constants import (
    BOOK_METADATA,
    BOOK_SUMMARY,
    BOOK_TEXT,
    CHAPTER_AUDIO,
    CHAPTER_LIST,
    CHAPTER_SUMMARIES,
    PUBLISHED_BOOK,
    RUN_FAILED,
    STAGES,
)
from bookbytes_pipeline.instance.run_events import EventKind, RunEvent
from tests.api.job_values import at, book_found, chapter, chapters_started, crashed, failed, finished, started

SECONDS: Mapping[str, float] = {
    BOOK_METADATA: 1,
    BOOK_TEXT: 1,
    CHAPTER_LIST: 2,
    CHAPTER_SUMMARIES: 1,
    BOOK_SUMMARY: 10,
    CHAPTER_AUDIO: 8,
    PUBLISHED_BOOK: 2,
}
"""How long the steps of a book take: quick summaries, and clips that are not."""
LEARNED = Paces(SECONDS, chapters=10)
BEFORE_THE_CRASH = (
    started(0, BOOK_METADATA),
    finished(1, BOOK_METADATA),
    started(10, CHAPTER_SUMMARIES),
    chapters_started(10, CHAPTER_SUMMARIES),
    chapter(15, CHAPTER_SUMMARIES, 1),
    chapter(20, CHAPTER_SUMMARIES, 2),
    chapter(25, CHAPTER_SUMMARIES, 3),
)
"""A summary takes five seconds; the fourth is being written."""
RETRY = (
    crashed(30),
    started(100, CHAPTER_SUMMARIES),
    chapters_started(100, CHAPTER_SUMMARIES),
    chapter(100.1, CHAPTER_SUMMARIES, 1),
    chapter(100.2, CHAPTER_SUMMARIES, 2),
    chapter(100.3, CHAPTER_SUMMARIES, 3),
)
"""The finished summaries are reused within a moment."""


def whole_run(
    seconds: Mapping[str, float] = SECONDS, chapters: int = 10, stretch: Sequence[float] = (1.0,)
) -> list[RunEvent]:
    """All events of a run whose steps take so long; each chapter takes as much longer as `stretch` says in turn.

    Clips are spoken one after the other, each as soon as its summary is there, also while summaries are being written.
    """
    times = [stretch[number % len(stretch)] for number in range(1, chapters + 1)]
    events, now = _steps(0, (BOOK_METADATA, BOOK_TEXT, CHAPTER_LIST), seconds)
    summaries = list(accumulate((seconds[CHAPTER_SUMMARIES] * time for time in times), initial=now))
    clip, clips = now, []
    for number, (written, time) in enumerate(zip(summaries[1:], times, strict=True), 1):
        clip = max(clip, written) + seconds[CHAPTER_AUDIO] * time
        clips.append(chapter(clip, CHAPTER_AUDIO, number, chapters))
    events += [started(now, CHAPTER_SUMMARIES), chapters_started(now, CHAPTER_SUMMARIES, chapters)]
    events += [chapter(at, CHAPTER_SUMMARIES, number, chapters) for number, at in enumerate(summaries[1:], 1)]
    events.append(finished(summaries[-1], CHAPTER_SUMMARIES))
    of_book, now = _steps(summaries[-1], (BOOK_SUMMARY,), seconds)
    events += [*of_book, started(now, CHAPTER_AUDIO), chapters_started(now, CHAPTER_AUDIO, chapters)]
    begun = at(now)
    events += [replace(event, at=max(event.at, begun)) for event in clips if event.at >= begun]
    events = sorted([*events, *(event for event in clips if event.at < begun)], key=lambda event: event.at)
    now = max(clip, now)
    return [*events, finished(now, CHAPTER_AUDIO), *_steps(now, (PUBLISHED_BOOK,), seconds)[0]]


def _steps(now: float, assets: Sequence[str], seconds: Mapping[str, float]) -> tuple[list[RunEvent], float]:
    """Steps without chapters, one after the other; and when the last of them ends."""
    events = []
    for asset in assets:
        events += [started(now, asset), finished(now + seconds[asset], asset)]
        now += seconds[asset]
    return events, now


def after_each(events: Sequence[RunEvent], paces: Paces = NOT_LEARNED) -> list[Progress]:
    """The progress after each event."""
    steps = accumulate(events, lambda progress, event: advance(progress, event, paces), initial=Progress())
    return list(steps)[1:]


def test_percents_take_equally_long() -> None:
    """At each event the percent is the time that has passed, of all the time that the book takes, but for a clip."""
    events = whole_run()
    whole = (events[-1].at - at(0)).total_seconds()

    passed = [99 * (event.at - at(0)).total_seconds() / whole for event in events]
    percents = [progress.percent for progress in after_each(events, LEARNED)]

    of_a_clip = 99 * (SECONDS[CHAPTER_AUDIO] + SECONDS[CHAPTER_SUMMARIES]) / whole
    assert all(abs(is_so - says) <= of_a_clip + 1 for is_so, says in zip(passed, percents, strict=True))
    assert {0, 99} <= set(percents)


def test_percents_become_even_without_earlier_books() -> None:
    """Once the first summaries have turned out to be quick, the rest of them is not half of the book."""
    percents = [progress.percent for progress in after_each(whole_run())]

    before_audio = next(
        percent for percent, event in zip(percents, whole_run(), strict=True) if event == started(24, CHAPTER_AUDIO)
    )
    assert before_audio < 50
    assert 99 == percents[-1]


@settings(max_examples=60, deadline=None)
@given(
    learned=st.lists(st.none() | st.integers(0, 500), min_size=len(STAGES), max_size=len(STAGES)),
    seconds=st.lists(st.integers(0, 500), min_size=len(STAGES), max_size=len(STAGES)),
    chapters=st.integers(0, 12),
    crash_after=st.integers(0, 60),
    back=st.integers(0, 10),
)
def test_percent_never_falls_and_reaches_its_end(
    *, learned: list[int | None], seconds: list[int], chapters: int, crash_after: int, back: int
) -> None:
    """Whatever was learned, however long it takes, and also if a crash repeats some of it."""
    paces = Paces({asset: pace for asset, pace in zip(STAGES, learned, strict=True) if pace is not None})
    events = whole_run(dict(zip(STAGES, seconds, strict=True)), chapters)
    repeated = [*events[:crash_after], crashed(0), *events[max(0, crash_after - back) :]]

    percents = [progress.percent for progress in after_each(repeated, paces)]

    assert sorted(percents) == percents
    assert 99 == percents[-1]


@settings(max_examples=25, deadline=None)
@given(
    stretch=st.lists(st.sampled_from([0.3, 0.8, 1.0, 1.2, 1.6]), min_size=1, max_size=7),
    chapters=st.integers(1, 20),
    step=st.sampled_from([1.3, 3, 7]),
)
def test_the_estimate_does_not_rise(*, stretch: list[float], chapters: int, step: float) -> None:
    """From the first one to the end of the book, although chapters take shorter and longer than those before."""
    events = whole_run(chapters=chapters, stretch=stretch)
    progresses = after_each(events, LEARNED)
    seen = []
    for progress, (event, following) in zip(
        progresses, pairwise([*events, finished(10_000, PUBLISHED_BOOK)]), strict=True
    ):
        now = (event.at - at(0)).total_seconds()
        while at(now) < min(following.at, at(5_000)):
            seen.append(progress.seconds_left(at(now)))
            now += step

    known = [seconds for seconds in seen if seconds is not None]
    assert sorted(known, reverse=True) == known
    assert seen == [None] * (len(seen) - len(known)) + known


def test_the_estimate_is_of_the_whole() -> None:
    """With earlier books, as soon as the number of chapters is known: summaries, clips and all that is left."""
    events = whole_run()
    progresses = after_each(events, LEARNED)
    known = [
        (round((events[-1].at - event.at).total_seconds()), progress.seconds_left(event.at))
        for event, progress in zip(events, progresses, strict=True)
        if progress.chapters_total is not None
    ]

    assert all(abs(left - (estimate or 0)) <= SECONDS[CHAPTER_AUDIO] for left, estimate in known)
    assert len(known) > 20


@pytest.mark.parametrize(
    ("summary", "clip", "left"), [(9, 1, 10 * 9 + 10), (1, 9, 10 * 9)], ids=["writing", "speaking"]
)
def test_what_takes_longer_counts(summary: float, clip: float, left: float) -> None:
    """Clips are made while summaries are written, and the summary of the book is the last of these."""
    seconds = {**SECONDS, CHAPTER_SUMMARIES: summary, CHAPTER_AUDIO: clip}
    events = [started(0, CHAPTER_SUMMARIES), chapters_started(0, CHAPTER_SUMMARIES, 10)]

    assert left + SECONDS[PUBLISHED_BOOK] == summarize(events, Paces(seconds)).seconds_left(at(0))


def test_clips_count_before_their_step_begins() -> None:
    """And the step goes on from there: they are ready, and the rest is in hand."""
    events = (
        started(0, CHAPTER_SUMMARIES),
        chapters_started(0, CHAPTER_SUMMARIES, 3),
        chapter(1, CHAPTER_SUMMARIES, 1, 3),
        chapter(2, CHAPTER_AUDIO, 1, 3),
        chapter(3, CHAPTER_SUMMARIES, 2, 3),
        chapter(4, CHAPTER_SUMMARIES, 3, 3),
        finished(4, CHAPTER_SUMMARIES),
        started(4, CHAPTER_AUDIO),
        chapters_started(4, CHAPTER_AUDIO, 3),
        chapter(5, CHAPTER_AUDIO, 2, 3),
    )
    progresses = after_each(events)

    assert [0, 0, 0, 1, 1, 1, 1, 1, 1, 2] == [progress.chapters_done for progress in progresses]
    steps = [progress.step for progress in progresses]
    assert ["generating_summaries"] * 7 + ["creating_audio"] * 3 == steps
    two = ChapterTitle(2, "Chapter 2")
    assert (two, two) == (progresses[3].current_chapter, progresses[8].current_chapter)
    assert ({1, 2, 3}, {1, 2}) == (progresses[-1].summarized, progresses[-1].ready)
    assert [1, 2, 3] == [known.number for known in progresses[-1].chapters]


def test_nothing_is_estimated_while_the_pace_of_a_long_step_is_unknown() -> None:
    """Without earlier books nobody knows how long the clips take before some of them are there."""
    events = whole_run()
    estimates = [progress.seconds_left(event.at) for event, progress in zip(events, after_each(events), strict=True)]

    second_clip = events.index(chapter(5 + 2 * 8, CHAPTER_AUDIO, 2, 10))
    assert [None] * second_clip == estimates[:second_clip]
    assert 8 * 8 + 1 == estimates[second_clip]
    assert Progress().seconds_left(at(0)) is None


def test_the_estimate_waits_for_a_chapter_that_is_late() -> None:
    """It goes no lower than what is left after that chapter."""
    progress = summarize(whole_run()[:8], LEARNED)

    assert [82, 81, 81] == [progress.seconds_left(at(now)) for now in (4, 5, 900)]


def test_chapters_that_are_reused_are_no_pace() -> None:
    """A retry goes through eight of ten clips within a moment; the last two take as long as ever."""
    reused = [chapter(100 + number / 10, CHAPTER_AUDIO, number, 10, reused=True) for number in range(1, 9)]
    events = [started(100, CHAPTER_AUDIO), chapters_started(100, CHAPTER_AUDIO, 10), *reused]

    progress = summarize(events, LEARNED)

    assert 2 * 8 + 2 == progress.seconds_left(at(100.8))
    assert {CHAPTER_AUDIO: pytest.approx(8)} == summarize(
        [*events, chapter(108.8, CHAPTER_AUDIO, 9, 10), finished(108.8, CHAPTER_AUDIO)]
    ).times_to_learn


def test_the_times_of_the_steps_are_learned() -> None:
    """Of each chapter where a step goes through chapters, however they end."""
    assert SECONDS == pytest.approx(summarize(whole_run()).times_to_learn)


def test_nothing_is_learned_from_what_had_been_made_before() -> None:
    """A step whose chapters were all reused has no pace; a summary of the book may have been cached, too."""
    events = [
        started(0, CHAPTER_SUMMARIES),
        chapters_started(0, CHAPTER_SUMMARIES, 1),
        chapter(0.1, CHAPTER_SUMMARIES, 1, 1, reused=True),
        finished(0.1, CHAPTER_SUMMARIES),
        started(0.1, BOOK_SUMMARY),
        finished(0.2, BOOK_SUMMARY),
        started(1, CHAPTER_AUDIO),
        chapters_started(1, CHAPTER_AUDIO, 1),
        chapter(8, CHAPTER_AUDIO, 1, 1),
        finished(8, CHAPTER_AUDIO),
    ]

    assert {CHAPTER_AUDIO: 7} == summarize(events).times_to_learn


def test_the_book_is_named_as_soon_as_it_is_found() -> None:
    """And stays so."""
    events = (started(0, BOOK_METADATA), book_found(1, "On Rivers", "Ada Ford"), finished(1, BOOK_METADATA))

    found = BookTitle("On Rivers", ("Ada Ford",))
    assert [None, found, found] == [progress.book for progress in after_each(events)]


def test_the_chapter_in_hand_is_the_first_that_is_not_finished() -> None:
    """Chapters end in any order; between the steps, and after a failure, there is none."""
    events = (
        started(0, CHAPTER_AUDIO),
        chapters_started(0, CHAPTER_AUDIO, 3),
        chapter(1, CHAPTER_AUDIO, 1, 3, number=2),
        chapter(2, CHAPTER_AUDIO, 2, 3, number=1),
        failed(3, CHAPTER_AUDIO),
        started(9, CHAPTER_AUDIO),
        chapters_started(9, CHAPTER_AUDIO, 3),
        chapter(10, CHAPTER_AUDIO, 1, 3),
        chapter(10, CHAPTER_AUDIO, 2, 3),
        chapter(10, CHAPTER_AUDIO, 3, 3),
    )

    chapters = [progress.current_chapter for progress in after_each(events)]

    one, three = (ChapterTitle(number, f"Chapter {number}") for number in (1, 3))
    assert [None, one, one, three, None, None, three, three, three, None] == chapters


def test_percent_does_not_fall_when_a_run_is_retried() -> None:
    """Although the retry reports the start of the step, and the finished chapters, once more."""
    percents = [progress.percent for progress in after_each((*BEFORE_THE_CRASH, *RETRY), LEARNED)]

    at_the_crash = percents[len(BEFORE_THE_CRASH) - 1]
    assert sorted(percents) == percents
    assert [at_the_crash] * len(RETRY) == percents[len(BEFORE_THE_CRASH) :]


def test_chapters_done_do_not_fall_when_a_run_is_retried() -> None:
    """Finished clips count while the retry reports them again."""
    events = (started(0, CHAPTER_AUDIO), chapter(5, CHAPTER_AUDIO, 1), chapter(10, CHAPTER_AUDIO, 2), crashed(12))
    again = (started(50, CHAPTER_AUDIO), chapter(50.1, CHAPTER_AUDIO, 1))

    done = [progress.chapters_done for progress in after_each((*events, *again))]

    assert [0, 1, 2, 2, 2, 2] == done
    assert 4 == summarize(events).chapters_total


def test_nothing_is_estimated_from_a_crash_to_the_next_start() -> None:
    """Nobody knows when that is. Then the estimate is one of what is left."""
    estimates = [progress.seconds_left(at(101)) for progress in after_each((*BEFORE_THE_CRASH, *RETRY), LEARNED)]

    assert estimates[len(BEFORE_THE_CRASH)] is None
    assert 4 * 8 + 2 - 1 == estimates[-1]


def test_a_failed_step_explains_the_failed_run() -> None:
    """The failure of the run, which Dagster reports after it, adds nothing; the next start clears both."""
    events = (started(0, CHAPTER_SUMMARIES), failed(5, CHAPTER_SUMMARIES), crashed(6), started(50, CHAPTER_SUMMARIES))

    failures = [progress.failure for progress in after_each(events)]

    expected = Failure("CHAPTERS_FAILED", "It failed.", 2)
    assert [None, expected, expected, None] == failures


def test_a_run_that_fails_outside_of_its_steps_has_a_failure_too() -> None:
    """With the general code, and without Dagster's message."""
    failure = summarize(BEFORE_THE_CRASH + RETRY[:1]).failure

    assert failure is not None
    assert (RUN_FAILED, None) == (failure.code, failure.chapter)


def test_every_event_counts() -> None:
    """Event ids contain their number."""
    assert [*range(1, 14)] == [progress.events for progress in after_each((*BEFORE_THE_CRASH, *RETRY))]


def test_the_events_of_0_3_0_are_understood() -> None:
    """Runs that it began name no book and list no chapters: percent and estimate are there, titles are not."""
    listed = {EventKind.CHAPTERS_STARTED, EventKind.BOOK_FOUND}
    before = summarize([event for event in whole_run() if event.kind not in listed][:-3], LEARNED)

    assert (96, 10, None) == (before.percent, before.chapters_done, before.current_chapter)


def test_a_chapter_without_a_known_start_is_no_pace() -> None:
    """As when the first events were deleted: how far the run is is known, the pace is not."""
    progress = summarize([replace(chapter(25, CHAPTER_SUMMARIES, 3))])

    assert progress.percent > 0
    assert progress.seconds_left(at(25)) is None


def test_finished_summaries_are_no_finished_chapters() -> None:
    """Only clips can be heard, so only they count as done."""
    assert 0 == summarize(BEFORE_THE_CRASH).chapters_done
