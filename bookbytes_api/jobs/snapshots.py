"""What can be seen of a run and of the jobs that wait for it, and what of that is news to a listener."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from bookbytes_api.jobs.finalizer import finalize_jobs
from bookbytes_api.jobs.models import JobRow
from bookbytes_api.jobs.progress import Progress, advanced
from bookbytes_api.jobs.queries import book_ids
from bookbytes_api.jobs.schemas import Job, ended_view, going_view
from bookbytes_api.runs.reader import Runs
from bookbytes_api.runs.state import RunState
from bookbytes_pipeline.db.database import Database

END = "end"


@dataclass(frozen=True, slots=True)
class JobSnapshot:
    """A job at one place of its way. `place` travels as `Last-Event-ID`: attempt, and number of events or `end`."""

    place: str
    job: Job


def end_event_id(attempt: int) -> str:
    """The place of an attempt's end."""
    return f"{attempt}.{END}"


@dataclass(frozen=True)
class RunHistory:
    """What is known of one run: the progress after each event (the first before any), and the jobs that wait for it.

    `began` is when the look began, on the monotonic clock.
    """

    history: tuple[Progress, ...] = (Progress(),)
    cursors: Mapping[str, str] = field(default_factory=dict)
    state: RunState | None = None
    jobs: Mapping[UUID, JobRow] = field(default_factory=dict)
    book_id: UUID | None = None
    began: float = -math.inf

    def sights(self, job: JobRow, told: int | None) -> list[JobSnapshot]:
        """The job after each event beyond number `told`, to its end; for who has been told nothing, as it is now."""
        fresh = self.history[-1:] if told is None else self.history[told + 1 :]
        if job.outcome is None:
            return [self.going(job, progress) for progress in fresh]
        way = [] if told is None else [self.going(job, progress) for progress in fresh]
        return [*way, JobSnapshot(end_event_id(job.attempt), ended_view(job, self.book_id))]

    def going(self, job: JobRow, progress: Progress) -> JobSnapshot:
        """The job at this point of its way."""
        view = going_view(job, self.book_id, self.state, progress)
        return JobSnapshot(f"{job.attempt}.{progress.events}", view)


def look(run_id: str, before: RunHistory, database: Database, runs: Runs) -> RunHistory:
    """What is known after another look."""
    began = time.monotonic()
    history, cursors = list(before.history), dict(before.cursors)
    if (state := runs.states([run_id]).get(run_id)) is not None:
        for one in state.run_ids:
            events, cursors[one] = runs.events(one, cursors.get(one))
            for event in events:
                history.append(advanced(history[-1], event))
        if state.status.over:
            finalize_jobs(database, run_id, state, history[-1])
    with database.session() as session:
        jobs = {job.id: job for job in session.scalars(select(JobRow).where(JobRow.run_id == run_id))}
        books = session.execute(book_ids(job.isbn for job in jobs.values())).all()
    return RunHistory(tuple(history), cursors, state, jobs, books[0][1] if books else None, began)


def updates_since(seen: RunHistory, row: JobRow, told: int | None, last: JobSnapshot | None) -> list[JobSnapshot]:
    """What a listener has not been told. A job may change without an event, as when its run leaves the queue."""
    known = len(seen.history) - 1
    sights = seen.sights(row, None if told is None else min(told, known))
    if not sights and last is not None:
        now = seen.going(row, seen.history[-1])
        return [now] if now.job.status != last.job.status else []
    return sights


def last_event_number(place: str | None, attempt: int) -> int | None:
    """How many events of this attempt whoever names the place has been told; None if it names none of it."""
    named, _, events = (place or "").partition(".")
    known = named == str(attempt) and events.isascii() and events.isdecimal()
    return int(events[:7]) if known else None
