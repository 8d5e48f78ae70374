"""Writing the ends of runs into the rows of their jobs, because Dagster's records are cleared some day.

Only the reconciler does so. Reads show the same ends before they are written: see `outcome.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, update

from bookbytes_api.jobs.job import Job, JobEnd
from bookbytes_api.jobs.lookups import last_book_times
from bookbytes_api.jobs.models import COMPLETED, JobRow
from bookbytes_api.jobs.outcome import end_of_lost_run, end_of_run, end_of_unsubmitted_run, submitted_run_ids
from bookbytes_api.jobs.paces import learn
from bookbytes_api.jobs.progress import Progress, summarize
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
    with database.session() as session:
        paces = learn(last_book_times(session), state.started_at)
    progress = summarize(runs.history(state), paces)
    end = end_of_run(state, progress, datetime.now(UTC))
    _write_end(database, run_id, end, found=_found(end, progress))


def finalize_unsubmitted(database: Database, run_id: str) -> None:
    """Finalize the jobs of a run that was cancelled before it was launched."""
    _write_end(database, run_id, end_of_unsubmitted_run(datetime.now(UTC)))


def _found(end: JobEnd, progress: Progress) -> dict[str, Any]:
    """What a run has found out, by column: what it did not find stays as an earlier attempt found it."""
    found: dict[str, Any] = {}
    if progress.book is not None:
        found |= {"title": progress.book.title, "authors": list(progress.book.authors)}
    if end.outcome == COMPLETED and progress.times_to_learn:
        found["step_seconds"] = progress.times_to_learn
    return found


def _write_end(
    database: Database,
    run_id: str,
    end: JobEnd,
    *conditions: ColumnElement[bool],
    found: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """In one statement: another replica may have ended a job, and its user retried it, since it was read."""
    unfinished = update(JobRow).where(JobRow.run_id == run_id, JobRow.outcome.is_(None), *conditions)
    with database.session() as session:
        session.execute(unfinished.values(**asdict(end), **found))
