"""Keeping jobs and runs in step: new jobs are submitted, cancelled ones stopped, and ended ones finalized."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog
from litestar.concurrency import sync_to_thread
from sqlalchemy import ColumnElement

from bookbytes_api.errors import DagsterUnavailable
from bookbytes_api.jobs.finalizer import finalize_ended_jobs, finalize_run, finalize_unsubmitted
from bookbytes_api.jobs.job import Job
from bookbytes_api.jobs.queries import free_jobs_of_run, unfinished
from bookbytes_api.runs.launcher import Launch, Launcher, RunTemplate
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.runs.state import RunState, RunStatus
from bookbytes_pipeline.constants import (
    FORCE_TAG,
    JOB_TAG,
    PRIORITY_TAG,
    REQUEST_TAG,
    USER_PRIORITY,
    USER_TAG,
)
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.book_choices import BookChoices
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.run_tags import choice_tags

RETRY_OVERDUE = timedelta(minutes=1)
"""Dagster's daemon looks for failed runs every few seconds."""
ROUND_INTERVAL_S = 2.0
"""A new job, or one that is cancelled, begins a round at once."""


class Reconciler:
    """Launches and stops runs and finalizes jobs; nothing else does. Any step may be done twice, also by replicas."""

    def __init__(self, database: Database, runs: RunReader, launcher: Launcher) -> None:
        self._database, self._runs, self._launcher = database, runs, launcher
        self._woken = asyncio.Event()
        self._last_warning: str | None = None
        self._stopped = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def wake(self) -> None:
        """Begin a round at once; may be called from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._woken.set)

    def stop(self) -> None:
        """End after the current round."""
        self._stopped = True
        self.wake()

    async def run(self) -> None:
        """Reconcile again and again, until stopped."""
        self._loop = asyncio.get_running_loop()
        while not self._stopped:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), ROUND_INTERVAL_S)
            self._woken.clear()
            await self._round()

    async def _round(self) -> None:
        try:
            await sync_to_thread(self.reconcile)
            self._last_warning = None
        except BookBytesError as error:
            if str(error) != self._last_warning:  # once, not every two seconds while something is away
                structlog.get_logger().warning("jobs wait", reason=str(error))
            self._last_warning = str(error)
        except Exception:  # noqa: BLE001 - one bad round must not be the last
            structlog.get_logger().exception("a round of reconciling failed")

    def reconcile(self) -> None:
        """Do one round."""
        jobs = self._unfinished_jobs()
        if not jobs:
            return
        by_run = group_by_run(jobs)
        states = finalize_ended_jobs(
            self._database, self._runs, jobs
        )  # before stopping, which the code server may delay
        for run_id in overdue_retries(states.values(), datetime.now(UTC)):
            self._launcher.renew_retry(run_id)
        self._stop({run_id for run_id, waiting in by_run.items() if is_cancelled(waiting)})
        self._launch({run_id: waiting for run_id, waiting in by_run.items() if wants_launch(waiting)})

    def finalize(self, *which: ColumnElement[bool]) -> dict[str, RunState]:
        """Finalize those of these unfinished jobs whose runs are over; may be called anywhere.

        Reads show such an end before it is written, so whoever changes jobs calls this first.

        Returns the states of the runs by id: of none while Dagster is away, and then a later round finalizes.
        """
        try:
            return finalize_ended_jobs(self._database, self._runs, self._unfinished_jobs(*which))
        except DagsterUnavailable:
            return {}

    def _unfinished_jobs(self, *conditions: ColumnElement[bool]) -> list[Job]:
        with self._database.session() as session:
            return [Job.from_row(row) for row in session.scalars(unfinished().where(*conditions))]

    def _launch(self, by_run: Mapping[str, Sequence[Job]]) -> None:
        """Dagster is asked before rows are locked: it may be slow, or away, and a cancel would wait for the row."""
        if not by_run:
            return
        self._runs.require_reachable()
        template = self._launcher.template()
        for run_id, jobs in by_run.items():
            try:
                self._submit(run_id, jobs, template)
            except BookBytesError:
                raise
            except Exception:  # noqa: BLE001 - one run that cannot be launched must not keep the others waiting
                structlog.get_logger().exception("a run cannot be launched", run_id=run_id, isbn=jobs[0].isbn)

    def _submit(self, run_id: str, jobs: Sequence[Job], template: RunTemplate) -> None:
        """Launch a run, unless another replica is about to. If that one dies it loses its locks, and others go on.

        A job that is not among the free ones is locked by another replica, or has ended: the next round knows.
        """
        with self._database.session() as session:
            rows = session.scalars(free_jobs_of_run(run_id)).all()
            free = [Job.from_row(row) for row in rows]
            if wants_launch(free) and {job.id for job in jobs} <= {job.id for job in free}:
                self._launcher.submit(launch_of(run_id, free), template)
                for row in rows:
                    row.submitted_at = row.submitted_at or datetime.now(UTC)

    def _stop(self, run_ids: Collection[str]) -> None:
        """Two replicas may do so at once: Dagster stops a run once, and a job is ended by one statement."""
        states = self._runs.states(run_ids)
        for run_id in run_ids:
            if (state := states.get(run_id)) is None:
                finalize_unsubmitted(self._database, run_id)
            elif state.status.is_over:
                finalize_run(self._database, self._runs, run_id, state)
            else:
                self._launcher.cancel(state.current)


def group_by_run(jobs: Iterable[Job]) -> dict[str, list[Job]]:
    """Return the jobs that wait for each run."""
    by_run: dict[str, list[Job]] = {}
    for job in jobs:
        by_run.setdefault(job.run_id or "", []).append(job)
    return by_run


def overdue_retries(states: Iterable[RunState], now: datetime) -> list[str]:
    """Return the runs that failed a while ago and whose retry has not come."""
    return [
        state.current
        for state in states
        if state.status is RunStatus.RETRYING and state.ended_at and now - state.ended_at > RETRY_OVERDUE
    ]


def is_cancelled(waiting: Iterable[Job]) -> bool:
    """Whether nobody waits for this run any more."""
    return all(job.cancel_requested_at for job in waiting)


def wants_launch(waiting: Sequence[Job]) -> bool:
    """Whether somebody still waits for this run, and it may not have been submitted yet."""
    return not is_cancelled(waiting) and not all(job.submitted_at for job in waiting)


def launch_of(run_id: str, waiting: Sequence[Job]) -> Launch:
    """Return the run for these jobs, from scratch if one of them wants that.

    A retry of such a job goes on with what its first run made.
    """
    job = next((job for job in waiting if job.force), waiting[0])
    minutes = next((job.minutes for job in waiting if job.minutes), None)
    voice = next((job.voice for job in waiting if job.voice), None)
    tags = {
        JOB_TAG: str(job.id),
        REQUEST_TAG: job.request_id,
        PRIORITY_TAG: USER_PRIORITY,
    }
    if job.user_id is not None:
        tags[USER_TAG] = str(job.user_id)
    if job.force:
        tags[FORCE_TAG] = str(job.id)
    return Launch(run_id, job.isbn, tags | choice_tags(BookChoices(minutes, voice)))
