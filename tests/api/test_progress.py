"""The progress of a run, computed from events as values."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

import pytest

from bookbytes_api.jobs.progress import Failure, Progress, advance, percent_spans, summarize
from bookbytes_pipeline.constants import (
    BOOK_METADATA,
    CHAPTER_AUDIO,
    CHAPTER_SUMMARIES,
    PUBLISHED_BOOK,
    RUN_FAILED,
    STAGES,
    Stage,
)
from bookbytes_pipeline.instance.run_events import RunEvent
from tests.api.job_values import at, chapter, crashed, failed, finished, started

BEFORE_THE_CRASH = (
    started(0, BOOK_METADATA),
    finished(1, BOOK_METADATA),
    started(10, CHAPTER_SUMMARIES),
    chapter(15, CHAPTER_SUMMARIES, 1),
    chapter(20, CHAPTER_SUMMARIES, 2),
    chapter(25, CHAPTER_SUMMARIES, 3),
)
"""A summary takes five seconds; the fourth is being written."""
RETRY = (
    crashed(30),
    started(100, CHAPTER_SUMMARIES),
    chapter(100.1, CHAPTER_SUMMARIES, 1),
    chapter(100.2, CHAPTER_SUMMARIES, 2),
    chapter(100.3, CHAPTER_SUMMARIES, 3),
)
"""The finished summaries are reused within a moment."""


def after_each(events: Sequence[RunEvent]) -> list[Progress]:
    """The progress after each event."""
    return list(accumulate(events, advance, initial=Progress()))[1:]


def test_percent_does_not_fall_when_a_run_is_retried() -> None:
    """Although the retry reports the start of the step, and the finished chapters, once more."""
    percents = [progress.percent for progress in after_each((*BEFORE_THE_CRASH, *RETRY))]

    assert [0, 3, 8, 19, 30, 41] + [41] * 5 == percents


def test_chapters_done_do_not_fall_when_a_run_is_retried() -> None:
    """Finished clips count while the retry reports them again."""
    events = (started(0, CHAPTER_AUDIO), chapter(5, CHAPTER_AUDIO, 1), chapter(10, CHAPTER_AUDIO, 2), crashed(12))
    again = (started(50, CHAPTER_AUDIO), chapter(50.1, CHAPTER_AUDIO, 1))

    done = [progress.chapters_done for progress in after_each((*events, *again))]

    assert [0, 1, 2, 2, 2, 2] == done
    assert 4 == summarize(events).chapters_total


def test_percent_follows_the_chapters_of_both_long_steps() -> None:
    """From 8 to 53 while summaries are written, to 98 while they are spoken; 99 before the end."""
    events = (
        started(0, CHAPTER_SUMMARIES),
        *(chapter(number, CHAPTER_SUMMARIES, number) for number in (1, 2, 3, 4)),
        started(5, CHAPTER_AUDIO),
        *(chapter(number + 5, CHAPTER_AUDIO, number) for number in (1, 2, 3, 4)),
        started(10, PUBLISHED_BOOK),
        finished(11, PUBLISHED_BOOK),
    )

    percents = [progress.percent for progress in after_each(events)]

    assert [8, 19, 30, 41, 53, 55, 65, 76, 87, 98, 98, 99] == percents


def test_nothing_is_estimated_before_the_first_chapter() -> None:
    """There is nothing to base an estimate on."""
    assert Progress().seconds_left(at(0)) is None
    assert summarize(BEFORE_THE_CRASH[:3]).seconds_left(at(12)) is None


def test_the_estimate_is_the_pace_of_the_step() -> None:
    """The remaining summaries, and as much time for each of the four clips; then the remaining clips."""
    writing = [summarize(BEFORE_THE_CRASH[:count]) for count in (4, 5, 6)]
    speaking = summarize((started(50, CHAPTER_AUDIO), chapter(53, CHAPTER_AUDIO, 1), chapter(56, CHAPTER_AUDIO, 2)))

    assert [7 * 5, 6 * 5, 5 * 5] == [
        progress.seconds_left(at(now)) for progress, now in zip(writing, (15, 20, 25), strict=True)
    ]
    assert 2 * 3 == speaking.seconds_left(at(56))


def test_the_pace_of_a_step_is_its_own() -> None:
    """The first clip counts as new, although more summaries than that were written before it."""
    progress = summarize((*BEFORE_THE_CRASH, started(50, CHAPTER_AUDIO), chapter(53, CHAPTER_AUDIO, 1)))

    assert 3 * 3 == progress.seconds_left(at(53))


def test_the_estimate_counts_down_between_chapters() -> None:
    """Whatever else happens meanwhile; it never falls below a second, however late the book is."""
    written = summarize((*BEFORE_THE_CRASH, chapter(30, CHAPTER_SUMMARIES, 4)))
    next_step = summarize(
        (
            *BEFORE_THE_CRASH,
            chapter(30, CHAPTER_SUMMARIES, 4),
            finished(31, CHAPTER_SUMMARIES),
            started(34, CHAPTER_AUDIO),
        )
    )

    assert [20, 16, 5, 1, 1] == [written.seconds_left(at(now)) for now in (30, 34, 45, 50, 500)]
    assert [16, 1] == [next_step.seconds_left(at(now)) for now in (34, 500)]


def test_nothing_is_estimated_from_a_crash_to_the_first_new_chapter() -> None:
    """The old estimate is not continued, and the chapters that are reported again do not start a new one."""
    estimates = [progress.seconds_left(at(101)) for progress in after_each((*BEFORE_THE_CRASH, *RETRY))]

    assert [None] * len(RETRY) == estimates[-len(RETRY) :]


def test_the_estimate_after_a_retry_is_the_pace_of_the_new_chapters() -> None:
    """The fourth summary took eight seconds, so four clips take 32: the first three, reused at once, do not count."""
    progress = summarize((*BEFORE_THE_CRASH, *RETRY, chapter(108.3, CHAPTER_SUMMARIES, 4)))

    assert [32, 12] == [progress.seconds_left(at(now)) for now in (108.3, 128.3)]


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
    assert [*range(1, 12)] == [progress.events for progress in after_each((*BEFORE_THE_CRASH, *RETRY))]


def test_the_spans_of_the_assets_fill_all_percents_but_the_last() -> None:
    """Without gaps, in the order of the assets."""
    spans = list(percent_spans(STAGES).values())

    assert [(0, 3), (3, 5), (5, 8), (8, 53), (53, 55), (55, 98), (98, 99)] == spans


@pytest.mark.parametrize("weight", [1, 10, 500])
def test_one_more_asset_needs_no_other_weights(weight: int) -> None:
    """The percents still end at 99, and no span goes backwards."""
    spans = list(percent_spans({**STAGES, "another": Stage("publishing", weight)}).values())

    assert (0, 99) == (spans[0][0], spans[-1][1])
    assert all(begin <= end for begin, end in spans)
    assert [end for _, end in spans[:-1]] == [begin for begin, _ in spans[1:]]


def test_a_chapter_without_a_known_start_is_no_pace() -> None:
    """As when the first events were deleted: the percent is known, the pace is not."""
    progress = summarize([replace(chapter(25, CHAPTER_SUMMARIES, 3))])

    assert (41, None) == (progress.percent, progress.seconds_left(at(25)))


def test_finished_summaries_are_no_finished_chapters() -> None:
    """Only clips can be heard, so only they count as done."""
    assert 0 == summarize(BEFORE_THE_CRASH).chapters_done
