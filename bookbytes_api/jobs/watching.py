"""Watching jobs as they go: one look a second at each watched run, shared by all who watch it."""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from litestar.concurrency import sync_to_thread
from sqlalchemy import select

from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.progress import Progress, advanced
from bookbytes_api.jobs.questions import book_ids
from bookbytes_api.jobs.settling import settle
from bookbytes_api.jobs.views import Job, ended_view, going_view
from bookbytes_api.runs.reading import Runs
from bookbytes_api.runs.state import RunState
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.library.database import Library

EVERY = 1.0
"""Seconds between two looks at a run."""
HEARTBEAT = 15.0
"""Seconds of silence after which a listener is told that nothing has happened, before proxies close the connection."""


END = "end"


@dataclass(frozen=True, slots=True)
class Sight:
    """A job at one place of its way. `place` travels as `Last-Event-ID`: attempt, and number of events or `end`."""

    place: str
    job: Job


def end_of(attempt: int) -> str:
    """The place of an attempt's end."""
    return f"{attempt}.{END}"


@dataclass(frozen=True)
class _Seen:
    """What is known of one run: the progress after each event (the first before any), and the jobs that wait for it.

    `began` is when the look began, on the monotonic clock.
    """

    history: tuple[Progress, ...] = (Progress(),)
    cursors: Mapping[str, str] = field(default_factory=dict)
    state: RunState | None = None
    jobs: Mapping[UUID, JobRow] = field(default_factory=dict)
    book_id: UUID | None = None
    began: float = -math.inf

    def sights(self, job: JobRow, told: int | None) -> list[Sight]:
        """The job after each event beyond number `told`, to its end; for who has been told nothing, as it is now."""
        fresh = self.history[-1:] if told is None else self.history[told + 1 :]
        if job.outcome is None:
            return [self.going(job, progress) for progress in fresh]
        way = [] if told is None else [self.going(job, progress) for progress in fresh]
        return [*way, Sight(end_of(job.attempt), ended_view(job, self.book_id))]

    def going(self, job: JobRow, progress: Progress) -> Sight:
        """The job at this point of its way."""
        view = going_view(job, self.book_id, self.state, progress)
        return Sight(f"{job.attempt}.{progress.events}", view)


def _look(run_id: str, before: _Seen, library: Library, runs: Runs) -> _Seen:
    """What is known after another look."""
    began = time.monotonic()
    history, cursors = list(before.history), dict(before.cursors)
    if (state := runs.states([run_id]).get(run_id)) is not None:
        for one in state.run_ids:
            events, cursors[one] = runs.events(one, cursors.get(one))
            for event in events:
                history.append(advanced(history[-1], event))
        if state.status.over:
            settle(library, run_id, state, history[-1])
    with library.session() as session:
        jobs = {job.id: job for job in session.scalars(select(JobRow).where(JobRow.run_id == run_id))}
        books = session.execute(book_ids(job.isbn for job in jobs.values())).all()
    return _Seen(tuple(history), cursors, state, jobs, books[0][1] if books else None, began)


@dataclass
class _Watch:
    """A run that is looked at, and how many listen."""

    run_id: str
    seen: _Seen = field(default_factory=_Seen)
    listeners: int = 0
    looked: asyncio.Event = field(default_factory=asyncio.Event)
    poller: asyncio.Task[None] | None = None

    def tell(self) -> None:
        """Wake all who listen; each look has an event of its own."""
        self.looked.set()
        self.looked = asyncio.Event()


class Watches:
    """The runs that are being watched."""

    def __init__(self, library: Library, runs: Runs, heartbeat: float = HEARTBEAT) -> None:
        self._library, self._runs, self._heartbeat = library, runs, heartbeat
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

    async def follow(self, job: JobRow, after: str | None) -> AsyncGenerator[Sight | None]:
        """The job now, or from the place `after` on, then whenever it changes, to its end; None after long silence."""
        watch = self._join(job.run_id or "")
        told = _events_of(after, job.attempt)
        last: Sight | None = None
        joined = spoke = time.monotonic()
        try:
            while not self._closed:
                looked, seen = watch.looked, watch.seen  # in this order: a look in between wakes this one again
                if seen.began >= joined:  # an earlier look may not have seen this job yet
                    if (row := seen.jobs.get(job.id)) is None:  # it is tried again already, by another run
                        return
                    for sight in _news(seen, row, told, last):
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
                watch.seen = await sync_to_thread(_look, watch.run_id, watch.seen, self._library, self._runs)
            except BookBytesError as error:  # what is away comes back; listeners keep their connection meanwhile
                structlog.get_logger().warning("a run cannot be looked at", run_id=watch.run_id, reason=str(error))
            except Exception:  # noqa: BLE001 - one look that nobody foresaw must not be the last
                structlog.get_logger().exception("a look at a run failed", run_id=watch.run_id)
            watch.tell()
            await asyncio.sleep(EVERY)
        del self._watches[watch.run_id]


def _news(seen: _Seen, row: JobRow, told: int | None, last: Sight | None) -> list[Sight]:
    """What a listener has not been told. A job may change without an event, as when its run leaves the queue."""
    known = len(seen.history) - 1
    sights = seen.sights(row, None if told is None else min(told, known))
    if not sights and last is not None:
        now = seen.going(row, seen.history[-1])
        return [now] if now.job.status != last.job.status else []
    return sights


def _events_of(place: str | None, attempt: int) -> int | None:
    """How many events of this attempt whoever names the place has been told; None if it names none of it."""
    named, _, events = (place or "").partition(".")
    known = named == str(attempt) and events.isascii() and events.isdecimal()
    return int(events[:7]) if known else None
