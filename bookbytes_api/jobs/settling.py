"""Copying the end of a run to the jobs that waited for it, because Dagster's records are cleared some day."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bookbytes_api.jobs.asking import CANCELLED, COMPLETED, FAILED
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.progress import Failure, Progress, summed_up
from bookbytes_api.jobs.questions import jobs_of_run
from bookbytes_api.runs.reading import UNEXPECTED, Runs
from bookbytes_api.runs.state import RunState, RunStatus
from bookbytes_pipeline.library.database import Library

_OUTCOME = {RunStatus.SUCCEEDED: COMPLETED, RunStatus.FAILED: FAILED, RunStatus.CANCELLED: CANCELLED}
_LOST_AFTER = timedelta(minutes=1)
_UNKNOWN = Failure(UNEXPECTED, "The run failed without saying why. Try again; if it fails again, ask an operator.")
_LOST = Failure("RUN_LOST", "Dagster has no record of this run any more. Try again: what was finished is kept.")


def settled(library: Library, runs: Runs, jobs: Iterable[JobRow]) -> dict[str, RunState]:
    """Where the runs of these unfinished jobs stand, by run id; jobs whose runs are over are settled first."""
    waiting = [job for job in jobs if job.outcome is None and job.run_id and job.submitted_at]
    states = runs.states({job.run_id for job in waiting if job.run_id}) if waiting else {}
    for run_id, state in states.items():
        if state.status.over:
            settle(library, run_id, state, summed_up(runs.story(state)))
    for job in waiting:
        if job.run_id and job.run_id not in states:
            _settle_lost(library, job.run_id)
    return states


def settle(library: Library, run_id: str, state: RunState, progress: Progress) -> None:
    """Copy the end of this run to all of its unfinished jobs."""
    with library.session() as session:
        for job in session.scalars(jobs_of_run(run_id)):
            job.outcome = _OUTCOME[state.status]
            job.started_at, job.completed_at = state.started_at, state.ended_at or datetime.now(UTC)
            job.chapters_done, job.chapters_total = progress.chapters_done, progress.chapters_total
            job.progress = 100 if job.outcome == COMPLETED else progress.percent
            if job.outcome == FAILED:
                job.step = progress.step
                _blame(job, progress.failure or _UNKNOWN)


def _settle_lost(library: Library, run_id: str) -> None:
    """A run that was deleted in Dagster; one that was submitted just now may not be readable yet."""
    now = datetime.now(UTC)
    with library.session() as session:
        for job in session.scalars(jobs_of_run(run_id)):
            if job.submitted_at and job.submitted_at < now - _LOST_AFTER:
                job.outcome, job.completed_at = FAILED, now
                _blame(job, _LOST)


def _blame(job: JobRow, failure: Failure) -> None:
    job.error_code, job.error_message, job.error_chapter = failure.code[:50], failure.message, failure.chapter
