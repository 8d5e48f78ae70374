"""What the state of a run means for its jobs."""

from dataclasses import replace

import pytest

from bookbytes_api.jobs.job import Job, JobEnd
from bookbytes_api.jobs.outcome import (
    end_of_lost_run,
    end_of_run,
    end_of_unsubmitted_run,
    job_status,
    state_of,
    submitted_run_ids,
    with_end,
)
from bookbytes_api.jobs.progress import Progress, summarize
from bookbytes_api.runs.state import RunState, RunStatus
from bookbytes_pipeline.constants import CHAPTER_AUDIO
from tests.api.job_values import NOW, at, chapter, failed, new_job, run_state, started

HALF_SPOKEN = summarize([started(0, CHAPTER_AUDIO), chapter(5, CHAPTER_AUDIO, 2)])
ENDED = replace(new_job(), end=JobEnd(outcome="cancelled", completed_at=NOW))


@pytest.mark.parametrize(
    ("job", "state", "expected"),
    [
        (new_job(), None, "pending"),
        (new_job(), run_state(RunStatus.WAITING), "pending"),
        (new_job(), run_state(RunStatus.WAITING, "first", "second"), "processing"),
        (new_job(), run_state(RunStatus.STARTING), "processing"),
        (new_job(), run_state(RunStatus.RUNNING), "processing"),
        (new_job(), run_state(RunStatus.RETRYING), "processing"),
        (new_job(), run_state(RunStatus.SUCCEEDED), "completed"),
        (new_job(), run_state(RunStatus.FAILED), "failed"),
        (new_job(), run_state(RunStatus.CANCELLED), "cancelled"),
        (ENDED, run_state(RunStatus.SUCCEEDED), "cancelled"),
    ],
)
def test_the_status_of_a_job_is_its_own_end_or_that_of_its_run(job: Job, state: RunState | None, expected: str) -> None:
    """A job that was cancelled stays so, although its run continued for others."""
    assert expected == job_status(job, state)


def test_a_completed_run_is_at_a_hundred_percent() -> None:
    """It has no step and no error; the chapters are those that the events reported."""
    expected = JobEnd(
        outcome="completed",
        completed_at=at(10),
        started_at=NOW,
        progress=100,
        chapters_done=2,
        chapters_total=4,
    )

    assert expected == end_of_run(run_state(RunStatus.SUCCEEDED), HALF_SPOKEN, at(99))


def test_a_failed_run_says_where_and_why() -> None:
    """With the percent that it had reached; a long code is cut to fit its column."""
    progress = summarize([started(0, CHAPTER_AUDIO), chapter(5, CHAPTER_AUDIO, 2), failed(6, CHAPTER_AUDIO, "C" * 60)])

    end = end_of_run(run_state(RunStatus.FAILED), progress, at(99))

    assert ("failed", "creating_audio", 57) == (end.outcome, end.step, end.progress)
    assert ("C" * 50, "It failed.", 2) == (end.error_code, end.error_message, end.error_chapter)


def test_a_run_that_failed_without_events_still_has_an_error() -> None:
    """Dagster's events may have been deleted before they were read."""
    end = end_of_run(run_state(RunStatus.FAILED), Progress(), at(99))

    assert ("failed", "RUN_FAILED", "queued") == (end.outcome, end.error_code, end.step)


def test_a_cancelled_run_has_no_error() -> None:
    """Although a step may have reported the interruption as a failure."""
    end = end_of_run(run_state(RunStatus.CANCELLED), summarize([failed(6, CHAPTER_AUDIO)]), at(99))

    assert ("cancelled", None, None) == (end.outcome, end.error_code, end.step)


def test_an_end_without_a_time_gets_the_current_time() -> None:
    """As of a retry that was deleted in Dagster."""
    state = RunState(("a run",), RunStatus.FAILED, None, None)

    assert at(99) == end_of_run(state, Progress(), at(99)).completed_at


def test_a_deleted_run_and_one_that_was_never_submitted_end_differently() -> None:
    """The first is a failure that a retry fixes; the second is what its user wanted."""
    lost, unsubmitted = end_of_lost_run(NOW), end_of_unsubmitted_run(NOW)

    assert ("failed", "RUN_LOST", NOW) == (lost.outcome, lost.error_code, lost.completed_at)
    assert JobEnd(outcome="cancelled", completed_at=NOW) == unsubmitted


def test_a_job_has_its_end_as_soon_as_its_run_is_over() -> None:
    """Before that it has none, and an end that it already has stays."""
    state = run_state(RunStatus.SUCCEEDED)

    ended = with_end(new_job(), state, HALF_SPOKEN, at(99))

    assert end_of_run(state, HALF_SPOKEN, at(99)) == ended.end
    assert with_end(new_job(), run_state(RunStatus.RETRYING), HALF_SPOKEN, at(99)).end is None
    assert with_end(new_job(), None, HALF_SPOKEN, at(99)).end is None
    assert ENDED == with_end(ENDED, state, HALF_SPOKEN, at(99))


def test_dagster_is_asked_for_submitted_runs_of_unfinished_jobs() -> None:
    """Each once; other runs are not in Dagster yet, or no longer matter to the job."""
    waiting = new_job("not submitted", submitted=False)
    jobs = [new_job("shared"), new_job("shared"), waiting, new_job(None), replace(ENDED, run_id="ended")]

    assert {"shared"} == submitted_run_ids(jobs)


def test_an_ended_job_has_no_state() -> None:
    """Other jobs may still wait for the run that it left."""
    state = run_state(RunStatus.RUNNING)

    assert [state, None, None] == [state_of(job, {"a run": state}) for job in (new_job(), ENDED, new_job(None))]
