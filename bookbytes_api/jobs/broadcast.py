"""Watching jobs as they go: one look a second at each watched run, shared by all who watch it."""

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import structlog
from litestar.concurrency import sync_to_thread

from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.snapshots import JobSnapshot, RunHistory, last_event_number, look, updates_since
from bookbytes_api.runs.reader import Runs
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import BookBytesError

EVERY = 1.0
"""Seconds between two looks at a run."""
HEARTBEAT = 15.0
"""Seconds of silence after which a listener is told that nothing has happened, before proxies close the connection."""


@dataclass
class _Watch:
    """A run that is looked at, and how many listen."""

    run_id: str
    seen: RunHistory = field(default_factory=RunHistory)
    listeners: int = 0
    looked: asyncio.Event = field(default_factory=asyncio.Event)
    poller: asyncio.Task[None] | None = None

    def tell(self) -> None:
        """Wake all who listen; each look has an event of its own."""
        self.looked.set()
        self.looked = asyncio.Event()


class JobBroadcaster:
    """The runs that are being watched."""

    def __init__(self, database: Database, runs: Runs, heartbeat: float = HEARTBEAT) -> None:
        self._database, self._runs, self._heartbeat = database, runs, heartbeat
        self._watches: dict[str, _Watch] = {}
        self._closed = False

    @property
    def pollers(self) -> int:
        """How many runs are looked at."""
        return len(self._watches)

    @property
    def listeners(self) -> int:
        """How many listen to them."""
        return sum(watch.listeners for watch in self._watches.values())

    def close(self) -> None:
        """Let all listeners go, because the server stops."""
        self._closed = True
        for watch in self._watches.values():
            watch.tell()

    async def ended(self) -> None:
        """Wait for the last looks, after `close`."""
        await asyncio.gather(*(watch.poller for watch in self._watches.values() if watch.poller))

    async def follow(self, job: JobRow, after: str | None) -> AsyncGenerator[JobSnapshot | None]:
        """The job now, or from the place `after` on, then whenever it changes, to its end; None after long silence."""
        watch = self._join(job.run_id or "")
        told = last_event_number(after, job.attempt)
        last: JobSnapshot | None = None
        joined = spoke = time.monotonic()
        try:
            while not self._closed:
                looked, seen = watch.looked, watch.seen  # in this order: a look in between wakes this one again
                if seen.began >= joined:  # an earlier look may not have seen this job yet
                    if (row := seen.jobs.get(job.id)) is None:  # it is tried again already, by another run
                        return
                    for sight in updates_since(seen, row, told, last):
                        last, spoke = sight, time.monotonic()
                        yield sight
                    told = len(seen.history) - 1
                    if row.outcome is not None:
                        return
                await looked.wait()
                if time.monotonic() - spoke > self._heartbeat:
                    spoke = time.monotonic()
                    yield None
        finally:
            watch.listeners -= 1

    def _join(self, run_id: str) -> _Watch:
        watch = self._watches.setdefault(run_id, _Watch(run_id))
        watch.listeners += 1
        if watch.poller is None:
            watch.poller = asyncio.create_task(self._poll(watch))
        return watch

    async def _poll(self, watch: _Watch) -> None:
        """Look until nobody listens any more; whoever comes after that begins a new watch."""
        while watch.listeners:
            try:
                watch.seen = await sync_to_thread(look, watch.run_id, watch.seen, self._database, self._runs)
            except BookBytesError as error:  # what is away comes back; listeners keep their connection meanwhile
                structlog.get_logger().warning("a run cannot be looked at", run_id=watch.run_id, reason=str(error))
            except Exception:  # noqa: BLE001 - one look that nobody foresaw must not be the last
                structlog.get_logger().exception("a look at a run failed", run_id=watch.run_id)
            watch.tell()
            await asyncio.sleep(EVERY)
        del self._watches[watch.run_id]
