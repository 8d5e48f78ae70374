"""Writing the ends of runs into the rows of their jobs, because Dagster's records are cleared some day.

Only the reconciler does so. Reads show the same ends before they are written: see `outcome.py`.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, update

from bookbytes_api.jobs.job import Job, JobEnd
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.outcome import end_of_lost_run, end_of_run, end_of_unsubmitted_run, submitted_run_ids
from bookbytes_api.jobs.progress import summarize
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.runs.state import RunState
from bookbytes_pipeline.db.database import Database

_LOST_AFTER = timedelta(minutes=1)
"""A run that was submitted just now may not be readable yet."""


def finalize_ended_jobs(database: Database, runs: RunReader, jobs: Iterable[Job]) -> dict[str, RunState]:
    """Finalize those of these jobs whose runs are over or lost; returns the states of all their runs by run id."""
    run_ids = submitted_run_ids(jobs)
    states = runs.states(run_ids)
    for run_id, state in states.items():
        if state.status.is_over:
            finalize_run(database, runs, run_id, state)
    for run_id in run_ids - states.keys():
        now = datetime.now(UTC)
        _write_end(database, run_id, end_of_lost_run(now), JobRow.submitted_at < now - _LOST_AFTER)
    return states


def finalize_run(database: Database, runs: RunReader, run_id: str, state: RunState) -> None:
    """Finalize all unfinished jobs of a run that is over."""
    _write_end(database, run_id, end_of_run(state, summarize(runs.history(state)), datetime.now(UTC)))


def finalize_unsubmitted(database: Database, run_id: str) -> None:
    """Finalize the jobs of a run that was cancelled before it was launched."""
    _write_end(database, run_id, end_of_unsubmitted_run(datetime.now(UTC)))


def _write_end(database: Database, run_id: str, end: JobEnd, *conditions: ColumnElement[bool]) -> None:
    """In one statement: another replica may have ended a job, and its user retried it, since it was read."""
    unfinished = update(JobRow).where(JobRow.run_id == run_id, JobRow.outcome.is_(None), *conditions)
    with database.session() as session:
        session.execute(unfinished.values(**asdict(end)))
