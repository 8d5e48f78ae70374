"""What is known of a run and of its jobs at one moment, and what of that is new to a listener."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from bookbytes_api.jobs import schemas
from bookbytes_api.jobs.job import Job
from bookbytes_api.jobs.lookups import find_published, last_book_times
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.outcome import with_end
from bookbytes_api.jobs.paces import NOT_LEARNED, Paces, learn
from bookbytes_api.jobs.progress import Progress, advance
from bookbytes_api.jobs.schemas import ended_view, unfinished_view
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.runs.state import RunState
from bookbytes_pipeline.db.database import Database

END = "end"


@dataclass(frozen=True, slots=True)
class JobSnapshot:
    """A job at one moment. `event_id` travels as `Last-Event-ID`: attempt, and position in its run or `end`."""

    event_id: str
    job: schemas.Job

    @property
    def is_last(self) -> bool:
        """Whether the job has ended."""
        return self.event_id.endswith(END)

    def says_more_than(self, earlier: "JobSnapshot") -> bool:
        """Whether something has changed, other than that the estimate has counted down."""
        return _without_countdown(self.job) != _without_countdown(earlier.job)


def _without_countdown(job: schemas.Job) -> schemas.Job:
    return job if job.eta_seconds is None else msgspec.structs.replace(job, eta_seconds=1)


def end_event_id(attempt: int) -> str:
    """Return the event id of an attempt's end."""
    return f"{attempt}.{END}"


@dataclass(frozen=True)
class RunHistory:
    """What is known of one run: the progress after each event (the first before any), and its jobs.

    `paces` are those of the books before it. `read_at` is when reading it began, on the monotonic clock.

    Every moment has a position: 0 while the run waits in the queue, 1 when it has left it, then one more for each
    event. So positions are the same wherever the run is read.
    """

    progress: tuple[Progress, ...] = (Progress(),)
    cursors: Mapping[str, str] = field(default_factory=dict)
    state: RunState | None = None
    jobs: Mapping[UUID, Job] = field(default_factory=dict)
    published: schemas.PublishedBook | None = None
    paces: Paces = NOT_LEARNED
    read_at: float = -math.inf

    @property
    def position(self) -> int:
        """The last position."""
        return len(self.progress) if self.state is not None and self.state.has_begun else 0

    def snapshots(self, job: Job, seen: int | None) -> list[JobSnapshot]:
        """Return the job at each position beyond `seen` that is news, to its end; as it is now if None was seen."""
        news = [] if seen is None else self._news(job, min(seen, self.position))
        if seen is None and job.end is None:
            news = [self.snapshot(job, self.position)]
        if job.end is not None:
            news.append(JobSnapshot(end_event_id(job.attempt), ended_view(job, job.end, self.published)))
        return news

    def _news(self, job: Job, seen: int) -> list[JobSnapshot]:
        """What was the same as before is left out: whoever saw the last one before it knows it."""
        before, news = self.snapshot(job, seen), []
        for position in range(seen + 1, self.position + 1):
            snapshot = self.snapshot(job, position)
            if snapshot.says_more_than(before):
                before = snapshot
                news.append(snapshot)
        return news

    def snapshot(self, job: Job, position: int) -> JobSnapshot:
        """Return the job as it was at this position, before its end."""
        state, progress = (self.state, self.progress[position - 1]) if position else (None, Progress())
        view = unfinished_view(job, self.published, state, progress, datetime.now(UTC))
        return JobSnapshot(f"{job.attempt}.{position}", view)


def read_history(run_id: str, before: RunHistory, database: Database, runs: RunReader) -> RunHistory:
    """Return what is known now. Changes nothing: a job whose run is over has an end here, whatever its row says."""
    read_at = time.monotonic()
    progress, cursors, paces = list(before.progress), dict(before.cursors), before.paces
    if (state := runs.states([run_id]).get(run_id)) is not None:
        if len(progress) == 1 and state.has_begun:
            with database.session() as session:
                paces = learn(last_book_times(session), state.started_at)
        for part_id in state.run_ids:
            events, cursors[part_id] = runs.events(part_id, cursors.get(part_id))
            for event in events:
                progress.append(advance(progress[-1], event, paces))
    with database.session() as session:
        jobs = [Job.from_row(row) for row in session.scalars(select(JobRow).where(JobRow.run_id == run_id))]
        books = find_published(session, (job.isbn for job in jobs))
    now = datetime.now(UTC)
    ended = {job.id: with_end(job, state, progress[-1], now) for job in jobs}
    return RunHistory(tuple(progress), cursors, state, ended, next(iter(books.values()), None), paces, read_at)


def last_position(event_id: str | None, attempt: int) -> int | None:
    """Return the position in this attempt that was seen by whoever names this id; None if it is not one of them."""
    named, _, position = (event_id or "").partition(".")
    known = named == str(attempt) and position.isascii() and position.isdecimal()
    return int(position[:7]) if known else None
