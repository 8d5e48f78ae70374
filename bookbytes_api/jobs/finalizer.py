"""Copying the end of a run to the jobs that waited for it, because Dagster's records are cleared some day."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, update

from bookbytes_api.jobs.models import CANCELLED, COMPLETED, FAILED, JobRow
from bookbytes_api.jobs.progress import Failure, Progress, summed_up
from bookbytes_api.runs.reader import UNEXPECTED, Runs
from bookbytes_api.runs.state import RunState, RunStatus
from bookbytes_pipeline.db.database import Database

_OUTCOME = {RunStatus.SUCCEEDED: COMPLETED, RunStatus.FAILED: FAILED, RunStatus.CANCELLED: CANCELLED}
_LOST_AFTER = timedelta(minutes=1)
_UNKNOWN = Failure(UNEXPECTED, "The run failed without saying why. Try again; if it fails again, ask an operator.")
_LOST = Failure("RUN_LOST", "Dagster has no record of this run any more. Try again: what was finished is kept.")


def finalize_ended_jobs(database: Database, runs: Runs, jobs: Iterable[JobRow]) -> dict[str, RunState]:
    """Where the runs of these unfinished jobs stand, by run id; jobs whose runs are over are settled first."""
    waiting = [job for job in jobs if job.outcome is None and job.run_id and job.submitted_at]
    states = runs.states({job.run_id for job in waiting if job.run_id}) if waiting else {}
    for run_id, state in states.items():
        if state.status.over:
            finalize_jobs(database, run_id, state, summed_up(runs.story(state)))
    for job in waiting:
        if job.run_id and job.run_id not in states:
            _settle_lost(database, job.run_id)
    return states


def finalize_jobs(database: Database, run_id: str, state: RunState, progress: Progress) -> None:
    """Copy the end of this run to all of its unfinished jobs."""
    outcome = _OUTCOME[state.status]
    failed = _blame(progress.failure or _UNKNOWN) | {"step": progress.step} if outcome == FAILED else {}
    end = {
        "outcome": outcome,
        "started_at": state.started_at,
        "completed_at": state.ended_at or datetime.now(UTC),
        "chapters_done": progress.chapters_done,
        "chapters_total": progress.chapters_total,
        "progress": 100 if outcome == COMPLETED else progress.percent,
    }
    _end(database, run_id, end | failed)


def settle_unsubmitted(database: Database, run_id: str) -> None:
    """End the jobs of a run that was given up before it was launched."""
    _end(database, run_id, {"outcome": CANCELLED, "completed_at": datetime.now(UTC)})


def _settle_lost(database: Database, run_id: str) -> None:
    """A run that was deleted in Dagster; one that was submitted just now may not be readable yet."""
    now = datetime.now(UTC)
    lost = {"outcome": FAILED, "completed_at": now} | _blame(_LOST)
    _end(database, run_id, lost, JobRow.submitted_at < now - _LOST_AFTER)


def _end(database: Database, run_id: str, end: Mapping[str, Any], *more: ColumnElement[bool]) -> None:
    """In one statement: a job may be ended, and tried again, by others between a look at it and its change."""
    waiting = update(JobRow).where(JobRow.run_id == run_id, JobRow.outcome.is_(None), *more)
    with database.session() as session:
        session.execute(waiting.values(**end))


def _blame(failure: Failure) -> dict[str, Any]:
    return {"error_code": failure.code[:50], "error_message": failure.message, "error_chapter": failure.chapter}
