"""Watching jobs as they go: one look a second at each watched run, shared by all who watch it."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from litestar.concurrency import sync_to_thread
from sqlalchemy import select

from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.progress import Progress, advanced
from bookbytes_api.jobs.questions import book_ids
from bookbytes_api.jobs.settling import settle
from bookbytes_api.jobs.views import Job, job_view
from bookbytes_api.runs.reading import Runs
from bookbytes_api.runs.state import RunState
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.library.database import Library

EVERY = 1.0
"""Seconds between two looks at a run."""
HEARTBEAT = 15.0
"""Seconds of silence after which a listener is told that nothing has happened, before proxies close the connection."""


@dataclass(frozen=True, slots=True)
class Place:
    """How much of a job a listener has been told: so many events of its attempt."""

    attempt: int
    events: int

    def __str__(self) -> str:
        """The place as it travels in `Last-Event-ID`."""
        return f"{self.attempt}.{self.events}"


def parse_place(text: str | None) -> Place | None:
    """The place that `Last-Event-ID` names; None where it names none."""
    attempt, dot, events = (text or "").partition(".")
    known = dot and attempt.isdecimal() and events.isdecimal() and len(attempt + events) <= 12  # noqa: PLR2004 - bounded
    return Place(int(attempt), int(events)) if known else None


@dataclass(frozen=True, slots=True)
class Sight:
    """A job at one place of its way."""

    place: Place
    job: Job


@dataclass
class _Watch:
    """What is known of one run: the progress after each event, and the jobs that wait for it."""

    run_id: str
    history: list[Progress] = field(default_factory=lambda: [Progress()])
    state: RunState | None = None
    jobs: dict[UUID, JobRow] = field(default_factory=dict)
    book_id: UUID | None = None
    cursors: dict[str, str] = field(default_factory=dict)
    listeners: int = 0
    looked: asyncio.Event = field(default_factory=asyncio.Event)
    poller: asyncio.Task[None] | None = None

    def tell(self) -> None:
        """Wake all who listen; each look has an event of its own."""
        self.looked.set()
        self.looked = asyncio.Event()

    def look(self, library: Library, runs: Runs) -> None:
        """Read what has happened since the last look."""
        if (state := runs.states([self.run_id]).get(self.run_id)) is not None:
            self._read(runs, state)
            if state.status.over:
                settle(library, self.run_id, state, self.history[-1])
        with library.session() as session:
            self.jobs = {job.id: job for job in session.scalars(select(JobRow).where(JobRow.run_id == self.run_id))}
            isbns = {job.isbn for job in self.jobs.values()}
            self.book_id = next((book_id for _, book_id in session.execute(book_ids(isbns))), None)
        self.state = state

    def _read(self, runs: Runs, state: RunState) -> None:
        for run_id in state.run_ids:
            events, self.cursors[run_id] = runs.events(run_id, self.cursors.get(run_id))
            for event in events:
                self.history.append(advanced(self.history[-1], event))

    def sights(self, job: JobRow, since: int) -> list[Sight]:
        """The job after each event from number `since` on; after the last one only, once it has ended."""
        if job.outcome is not None:
            return [self._sight(job, self.history[-1])]
        return [self._sight(job, progress) for progress in self.history[since:]]

    def _sight(self, job: JobRow, progress: Progress) -> Sight:
        return Sight(Place(job.attempt, progress.events), job_view(job, self.book_id, self.state, progress))


class Watches:
    """The runs that are being watched."""

    def __init__(self, library: Library, runs: Runs) -> None:
        self._library, self._runs = library, runs
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

    async def follow(self, job: JobRow, after: Place | None) -> AsyncGenerator[Sight | None]:
        """The job now, or from `after` on, then whenever it changes, to its end; None after each long silence."""
        watch = self._join(job.run_id or "")
        since = min(after.events, 10**6) if after and after.attempt == job.attempt else None
        last: Sight | None = None
        try:
            while not self._closed:
                looked = watch.looked  # before reading: what is seen while this one is busy wakes it again
                row = watch.jobs.get(job.id)
                if row is not None:
                    start = len(watch.history) - 1 if since is None else min(since, len(watch.history) - 1)
                    for sight in watch.sights(row, start):
                        if _is_news(sight, last):
                            last = sight
                            yield sight
                    since = len(watch.history) - 1
                    if row.outcome is not None or row.attempt != job.attempt:
                        return
                if not await _woken(looked):
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
                await sync_to_thread(watch.look, self._library, self._runs)
            except BookBytesError as error:  # what is away comes back; listeners keep their connection meanwhile
                structlog.get_logger().warning("a run cannot be looked at", run_id=watch.run_id, reason=str(error))
            except Exception:  # noqa: BLE001 - one look that nobody foresaw must not be the last
                structlog.get_logger().exception("a look at a run failed", run_id=watch.run_id)
            watch.tell()
            await asyncio.sleep(EVERY)
        del self._watches[watch.run_id]


async def _woken(looked: asyncio.Event) -> bool:
    try:
        await asyncio.wait_for(looked.wait(), HEARTBEAT)
    except TimeoutError:
        return False
    return True


def _is_news(sight: Sight, last: Sight | None) -> bool:
    """Whether a listener sees a difference; an estimate that has only grown older is none."""
    if last is None or sight.place != last.place:
        return True
    return (sight.job.status, sight.job.current_step) != (last.job.status, last.job.current_step)
