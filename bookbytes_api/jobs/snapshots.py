"""What is known of a run and of its jobs at one moment, and what of that is new to a listener."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from bookbytes_api.jobs import schemas
from bookbytes_api.jobs.job import Job
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.outcome import with_end
from bookbytes_api.jobs.progress import Progress, advance
from bookbytes_api.jobs.queries import book_ids
from bookbytes_api.jobs.schemas import ended_view, unfinished_view
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.runs.state import RunState
from bookbytes_pipeline.db.database import Database

END = "end"


@dataclass(frozen=True, slots=True)
class JobSnapshot:
    """A job at one moment. `event_id` travels as `Last-Event-ID`: attempt, and number of run events or `end`."""

    event_id: str
    job: schemas.Job

    @property
    def is_last(self) -> bool:
        """Whether the job has ended."""
        return self.event_id.endswith(END)


def end_event_id(attempt: int) -> str:
    """Return the event id of an attempt's end."""
    return f"{attempt}.{END}"


@dataclass(frozen=True)
class RunHistory:
    """What is known of one run: the progress after each event (the first before any), and its jobs.

    `read_at` is when reading it began, on the monotonic clock.
    """

    progress: tuple[Progress, ...] = (Progress(),)
    cursors: Mapping[str, str] = field(default_factory=dict)
    state: RunState | None = None
    jobs: Mapping[UUID, Job] = field(default_factory=dict)
    book_id: UUID | None = None
    read_at: float = -math.inf

    @property
    def number_of_events(self) -> int:
        """How many events are known."""
        return len(self.progress) - 1

    def snapshots(self, job: Job, seen: int | None) -> list[JobSnapshot]:
        """Return the job after each event beyond number `seen`, to its end; as it is now if None was seen."""
        if seen is None:
            seen = self.number_of_events - (job.end is None)
        snapshots = [self.snapshot(job, progress) for progress in self.progress[seen + 1 :]]
        if job.end is not None:
            snapshots.append(JobSnapshot(end_event_id(job.attempt), ended_view(job, job.end, self.book_id)))
        return snapshots

    def snapshot(self, job: Job, progress: Progress) -> JobSnapshot:
        """Return the job as it was at this progress, before its end."""
        view = unfinished_view(job, self.book_id, self.state, progress, datetime.now(UTC))
        return JobSnapshot(f"{job.attempt}.{progress.events}", view)


def read_history(run_id: str, before: RunHistory, database: Database, runs: RunReader) -> RunHistory:
    """Return what is known now. Changes nothing: a job whose run is over has an end here, whatever its row says."""
    read_at = time.monotonic()
    progress, cursors = list(before.progress), dict(before.cursors)
    if (state := runs.states([run_id]).get(run_id)) is not None:
        for part_id in state.run_ids:
            events, cursors[part_id] = runs.events(part_id, cursors.get(part_id))
            for event in events:
                progress.append(advance(progress[-1], event))
    with database.session() as session:
        jobs = [Job.from_row(row) for row in session.scalars(select(JobRow).where(JobRow.run_id == run_id))]
        books = session.execute(book_ids(job.isbn for job in jobs)).all()
    now = datetime.now(UTC)
    ended = {job.id: with_end(job, state, progress[-1], now) for job in jobs}
    return RunHistory(tuple(progress), cursors, state, ended, books[0][1] if books else None, read_at)


def updates_since(history: RunHistory, job: Job, seen: int | None, last: JobSnapshot | None) -> list[JobSnapshot]:
    """Return what is new to a listener. A job may change without an event, as when its run leaves the queue."""
    snapshots = history.snapshots(job, None if seen is None else min(seen, history.number_of_events))
    if not snapshots and last is not None:
        now = history.snapshot(job, history.progress[-1])
        return [now] if now.job.status != last.job.status else []
    return snapshots


def last_event_number(event_id: str | None, attempt: int) -> int | None:
    """Return how many run events of this attempt were seen by whoever names this id; None if it is not one of them."""
    named, _, events = (event_id or "").partition(".")
    known = named == str(attempt) and events.isascii() and events.isdecimal()
    return int(events[:7]) if known else None
