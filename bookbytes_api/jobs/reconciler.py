"""Keeping jobs and runs in step: what was asked for is submitted, what was given up stopped, what ended settled."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import structlog
from litestar.concurrency import sync_to_thread

from bookbytes_api.jobs.finalizer import finalize_ended_jobs, finalize_jobs, settle_unsubmitted
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.progress import summed_up
from bookbytes_api.jobs.queries import free_jobs_of_run, unfinished
from bookbytes_api.runs.launcher import Launch, Launcher, Pattern
from bookbytes_api.runs.reader import Runs
from bookbytes_pipeline.constants import FORCE_TAG, JOB_TAG, PEOPLE_PRIORITY, PRIORITY_TAG, REQUEST_TAG, USER_TAG
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import BookBytesError

EVERY = 2.0
"""Seconds between two rounds; a new job, or one that is given up, begins a round at once."""


class Reconciler:
    """The one place from which runs are launched and stopped. Every step may be done twice, also by two replicas."""

    def __init__(self, database: Database, runs: Runs, launcher: Launcher) -> None:
        self._database, self._runs, self._launcher = database, runs, launcher
        self._wanted = asyncio.Event()
        self._told: str | None = None
        self._stopped = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def wake(self) -> None:
        """There is something to do; to be called from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wanted.set)

    def stop(self) -> None:
        """Let the round that goes on be the last one."""
        self._stopped = True
        self.wake()

    async def run(self) -> None:
        """Round after round, until stopped."""
        self._loop = asyncio.get_running_loop()
        while not self._stopped:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), EVERY)
            self._wanted.clear()
            await self._round()

    async def _round(self) -> None:
        try:
            await sync_to_thread(self.reconcile)
            self._told = None
        except BookBytesError as error:
            if str(error) != self._told:  # once, not every two seconds while something is away
                structlog.get_logger().warning("jobs wait", reason=str(error))
            self._told = str(error)
        except Exception:  # noqa: BLE001 - one bad round must not be the last
            structlog.get_logger().exception("a round of reconciling failed")

    def reconcile(self) -> None:
        """One round."""
        with self._database.session() as session:
            jobs = session.scalars(unfinished()).all()
        if not jobs:
            return
        by_run: dict[str, list[JobRow]] = {}
        for job in jobs:
            by_run.setdefault(job.run_id or "", []).append(job)
        given_up = {run_id for run_id, waiting in by_run.items() if all(job.cancel_requested_at for job in waiting)}
        finalize_ended_jobs(self._database, self._runs, jobs)  # before stopping, for which the code server may be away
        self._stop(given_up)
        self._launch({run_id: waiting for run_id, waiting in by_run.items() if _wants_launch(waiting)})

    def _launch(self, by_run: Mapping[str, Sequence[JobRow]]) -> None:
        """Dagster is asked before rows are locked: it may be slow, or away, and who gives up would wait for the row."""
        if not by_run:
            return
        self._runs.require_reachable()
        pattern = self._launcher.pattern()
        for run_id, seen in by_run.items():
            try:
                self._submit(run_id, seen, pattern)
            except BookBytesError:
                raise
            except Exception:  # noqa: BLE001 - one run that cannot be launched must not keep the others waiting
                structlog.get_logger().exception("a run cannot be launched", run_id=run_id, isbn=seen[0].isbn)

    def _submit(self, run_id: str, seen: Sequence[JobRow], pattern: Pattern) -> None:
        """Launch a run, unless another replica is about to. One that dies meanwhile loses its locks; others go on.

        A job that was seen and is not among the free ones is locked by somebody, or has ended: the next round knows.
        """
        with self._database.session() as session:
            jobs = session.scalars(free_jobs_of_run(run_id)).all()
            if _wants_launch(jobs) and {job.id for job in seen} <= {job.id for job in jobs}:
                self._launcher.submit(launch_of(run_id, jobs), pattern)
                for job in jobs:
                    job.submitted_at = job.submitted_at or datetime.now(UTC)

    def _stop(self, run_ids: Iterable[str]) -> None:
        """Two replicas may do so at once: Dagster stops a run once, and a job is ended by one statement."""
        run_ids = set(run_ids)
        states = self._runs.states(run_ids) if run_ids else {}
        for run_id in run_ids:
            if (state := states.get(run_id)) is None:
                settle_unsubmitted(self._database, run_id)
            elif state.status.over:
                finalize_jobs(self._database, run_id, state, summed_up(self._runs.story(state)))
            else:
                self._launcher.cancel(state.current)


def _wants_launch(waiting: Sequence[JobRow]) -> bool:
    """Whether somebody still waits for this run, and it may not have been submitted yet."""
    given_up = all(job.cancel_requested_at for job in waiting)
    return not given_up and not all(job.submitted_at for job in waiting)


def launch_of(run_id: str, waiting: Sequence[JobRow]) -> Launch:
    """The run for these jobs, anew if one of them wants that.

    A retry of such a job goes on with what its first run made.
    """
    job = next((job for job in waiting if job.force), waiting[0])
    tags = {
        JOB_TAG: str(job.id),
        USER_TAG: str(job.user_id),
        REQUEST_TAG: job.request_id,
        PRIORITY_TAG: PEOPLE_PRIORITY,
    }
    if job.force:
        tags[FORCE_TAG] = str(job.id)
    return Launch(run_id, job.isbn, tags)
