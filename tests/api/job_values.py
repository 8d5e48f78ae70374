"""Jobs, run states and run events as values, for tests of functions that compute from them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from bookbytes_api.jobs.job import Job
from bookbytes_api.runs.state import RunState, RunStatus
from bookbytes_pipeline.constants import BOOK_METADATA
from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.instance.run_events import EventKind, RunEvent

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ISBN = parse_isbn("9780306406157")


def at(seconds: float) -> datetime:
    """This many seconds after `NOW`."""
    return NOW + timedelta(seconds=seconds)


def new_job(run_id: str | None = "a run", *, submitted: bool = True) -> Job:
    """An unfinished job that was created, and submitted if wanted, at `NOW`."""
    return Job(
        id=uuid4(),
        user_id=uuid4(),
        isbn=ISBN,
        run_id=run_id,
        request_id="a request",
        created_at=NOW,
        updated_at=NOW,
        submitted_at=NOW if submitted else None,
    )


def cancelled(job: Job) -> Job:
    """The same job after a request to cancel it."""
    return replace(job, cancel_requested_at=NOW)


def run_state(status: RunStatus, *run_ids: str) -> RunState:
    """A run that started at `NOW` and, if it is over, ended ten seconds later."""
    return RunState(run_ids or ("a run",), status, NOW, at(10) if status.is_over else None)


def started(seconds: float, asset: str) -> RunEvent:
    """The start of an asset."""
    return RunEvent(EventKind.STEP_STARTED, at(seconds), asset)


def book_found(seconds: float, title: str, *authors: str) -> RunEvent:
    """The metadata of the book."""
    return RunEvent(EventKind.BOOK_FOUND, at(seconds), BOOK_METADATA, title=title, authors=authors)


def chapters_started(seconds: float, asset: str, total: int = 4) -> RunEvent:
    """The list of the chapters that an asset goes through."""
    chapters = tuple((number, f"Chapter {number}") for number in range(1, total + 1))
    return RunEvent(EventKind.CHAPTERS_STARTED, at(seconds), asset, total=total, chapters=chapters)


def chapter(
    seconds: float, asset: str, done: int, total: int = 4, *, number: int | None = None, reused: bool = False
) -> RunEvent:
    """The end of a chapter: by default the chapters end in their order."""
    return RunEvent(
        EventKind.CHAPTER_FINISHED,
        at(seconds),
        asset,
        done=done,
        total=total,
        chapter=number or done,
        title="A",
        reused=reused,
    )


def finished(seconds: float, asset: str) -> RunEvent:
    """The end of an asset."""
    return RunEvent(EventKind.STEP_FINISHED, at(seconds), asset)


def failed(seconds: float, asset: str, code: str = "CHAPTERS_FAILED", first_chapter: int | None = 2) -> RunEvent:
    """The failure of an asset."""
    return RunEvent(EventKind.STEP_FAILED, at(seconds), asset, chapter=first_chapter, code=code, message="It failed.")


def crashed(seconds: float) -> RunEvent:
    """The failure of a run whose process has crashed."""
    return RunEvent(EventKind.RUN_FAILED, at(seconds))
