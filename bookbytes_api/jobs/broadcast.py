"""Following jobs: each followed run is read once a second, and what is new goes to all who follow its jobs."""

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import structlog
from litestar.concurrency import sync_to_thread

from bookbytes_api.jobs.job import Job
from bookbytes_api.jobs.snapshots import JobSnapshot, RunHistory, last_position, read_history
from bookbytes_api.runs.reader import RunReader
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import BookBytesError

POLL_INTERVAL_S = 1.0
HEARTBEAT_INTERVAL_S = 15.0
"""Of silence, after which listeners get a sign of life, before proxies close their connections."""


@dataclass
class _FollowedRun:
    """A run that is read again and again, as long as somebody listens."""

    run_id: str
    history: RunHistory = field(default_factory=RunHistory)
    listeners: int = 0
    updated: asyncio.Event = field(default_factory=asyncio.Event)
    poller: asyncio.Task[None] | None = None

    def notify(self) -> None:
        """Wake all listeners; each update has an event of its own."""
        self.updated.set()
        self.updated = asyncio.Event()


class JobBroadcaster:
    """Follows runs for the listeners of event streams."""

    def __init__(self, database: Database, runs: RunReader, heartbeat_s: float = HEARTBEAT_INTERVAL_S) -> None:
        self._database, self._runs, self._heartbeat_s = database, runs, heartbeat_s
        self._followed: dict[str, _FollowedRun] = {}
        self._closed = False

    @property
    def pollers(self) -> int:
        """How many runs are followed."""
        return len(self._followed)

    @property
    def listeners(self) -> int:
        """How many listeners they have."""
        return sum(run.listeners for run in self._followed.values())

    def close(self) -> None:
        """End all streams, because the server stops."""
        self._closed = True
        for run in self._followed.values():
            run.notify()

    async def ended(self) -> None:
        """Wait for the pollers to end, after `close`."""
        await asyncio.gather(*(run.poller for run in self._followed.values() if run.poller))

    async def follow(self, job: Job, last_event_id: str | None) -> AsyncGenerator[JobSnapshot | None]:
        """Yield the job after `last_event_id`, or as it is now, then whenever it changes; None after long silence."""
        run = self._join(job.run_id or "")
        seen = last_position(last_event_id, job.attempt)
        joined_at = last_sent_at = time.monotonic()
        try:
            while not self._closed:
                updated, history = run.updated, run.history  # in this order: an update in between wakes this one again
                if history.read_at >= joined_at:  # what was read earlier may not have this job yet
                    if (current := history.jobs.get(job.id)) is None:  # it was retried already, with another run
                        return
                    for snapshot in history.snapshots(current, seen):
                        last_sent_at = time.monotonic()
                        yield snapshot
                    seen = max(seen or 0, history.position)  # a run may be put back into the queue
                    if current.end is not None:
                        return
                await updated.wait()
                if time.monotonic() - last_sent_at > self._heartbeat_s:
                    last_sent_at = time.monotonic()
                    yield None
        finally:
            run.listeners -= 1

    def _join(self, run_id: str) -> _FollowedRun:
        run = self._followed.setdefault(run_id, _FollowedRun(run_id))
        run.listeners += 1
        if run.poller is None:
            run.poller = asyncio.create_task(self._poll(run))
        return run

    async def _poll(self, run: _FollowedRun) -> None:
        """Read the run until nobody listens any more; a later listener starts a new poller."""
        while run.listeners:
            try:
                run.history = await sync_to_thread(read_history, run.run_id, run.history, self._database, self._runs)
            except BookBytesError as error:  # what is away comes back; listeners keep their connections meanwhile
                structlog.get_logger().warning("a run cannot be read", run_id=run.run_id, reason=str(error))
            except Exception:  # noqa: BLE001 - an unforeseen error in one round must not end the stream
                structlog.get_logger().exception("reading a run failed", run_id=run.run_id)
            run.notify()
            await asyncio.sleep(POLL_INTERVAL_S)
        del self._followed[run.run_id]
