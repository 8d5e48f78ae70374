"""A job as the API shows it to its user. Write `schemas.Job`: the value of that name is another class."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, cast
from uuid import UUID

import msgspec

from bookbytes_api.accounts.listen_urls import Sign
from bookbytes_api.jobs import job as values
from bookbytes_api.jobs.outcome import JobStatus, status_before_end
from bookbytes_api.jobs.progress import Progress
from bookbytes_api.jobs.titles import BookTitle
from bookbytes_api.runs.state import RunState
from bookbytes_api.web.pagination import Page
from bookbytes_pipeline.constants import CurrentStep
from bookbytes_pipeline.sample.epub import SAMPLE_TITLE


class JobError(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a job failed. `chapter` is the first chapter that failed, where chapters did."""

    code: str
    message: str
    chapter: int | None = None


class CurrentChapter(msgspec.Struct, frozen=True):
    """A chapter that a step is working on."""

    number: int
    title: Annotated[str, msgspec.Meta(examples=["Shadows on the Ground"])]


class ChapterState(StrEnum):
    """How far a chapter is. `processing`: its summary is written, and its clip is being made.

    `missing`: the job has ended, and the chapter has no clip.
    """

    PENDING = "pending"
    PROCESSING = "processing"
    READY = "ready"
    MISSING = "missing"


class JobChapter(msgspec.Struct, frozen=True):
    """A chapter of the book of a job. `audio_url` leads to its clip once it is `ready`, while others are made.

    `listen_url` is the same address with permission to listen in it, for whoever asks; null, too, where a personal
    access token asks that allows no listening.
    """

    number: int
    title: Annotated[str, msgspec.Meta(examples=["Shadows on the Ground"])]
    state: ChapterState
    audio_url: str | None
    listen_url: str | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One user's request for one book. Times are UTC.

    `title` is null and `authors` empty until the book's metadata has been fetched. `progress` is in percent of the time
    that the book takes, as far as is known. `current_chapter` is the first chapter that the present step has not
    finished; null where it does not go through the chapters. `chapters` are all of them, once they are known; after the
    end, those that the library has. `eta_seconds` is an estimate of the whole rest; null while
    there is nothing to base one on.
    """

    id: UUID
    type: Literal["process_book"] = "process_book"
    status: JobStatus
    progress: int
    current_step: CurrentStep | None
    isbn: str
    title: Annotated[str | None, msgspec.Meta(examples=[SAMPLE_TITLE])]
    authors: Annotated[list[str], msgspec.Meta(examples=[["The BookBytes authors"]])]
    book_id: UUID | None
    error: JobError | None
    chapters_done: int
    chapters_total: int | None
    current_chapter: CurrentChapter | None
    chapters: list[JobChapter]
    eta_seconds: int | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    run_id: str | None


class JobPage(Page[Job], frozen=True):
    """A page of jobs."""

    items: list[Job]  # again, for the OpenAPI document, which does not resolve the type variable


@dataclass(frozen=True, slots=True)
class PublishedChapter:
    """A chapter of a book in the library; `clip_of` is its id if it has a clip."""

    number: int
    title: str
    clip_of: UUID | None


@dataclass(frozen=True, slots=True)
class PublishedBook:
    """The book in the library that a job's ISBN leads to, what it is called there, and its chapters."""

    id: UUID
    title: BookTitle
    chapters: tuple[PublishedChapter, ...] = ()


def job_view(
    job: values.Job, published: PublishedBook | None, state: RunState | None, progress: Progress, now: datetime
) -> Job:
    """Return the job as it is `now`: from its end if it has one, else from its run."""
    if job.end is not None:
        return ended_view(job, job.end, published)
    return unfinished_view(job, published, state, progress, now)


def unfinished_view(
    job: values.Job, published: PublishedBook | None, state: RunState | None, progress: Progress, now: datetime
) -> Job:
    """Return the job as it is, or was, before its end."""
    book = _title(progress.book or job.book, published)
    chapter = progress.current_chapter
    return Job(
        id=job.id,
        status=status_before_end(state),
        progress=progress.percent,
        current_step=progress.step,
        isbn=job.isbn,
        title=book.title if book else None,
        authors=list(book.authors) if book else [],
        book_id=published.id if published else None,
        error=None,
        chapters_done=progress.chapters_done,
        chapters_total=progress.chapters_total,
        current_chapter=CurrentChapter(chapter.number, chapter.title) if chapter else None,
        chapters=_chapters_in_hand(progress, published),
        eta_seconds=progress.seconds_left(now),
        created_at=job.created_at,
        started_at=state.started_at if state else None,
        completed_at=None,
        run_id=job.run_id,
    )


def ended_view(job: values.Job, end: values.JobEnd, published: PublishedBook | None) -> Job:
    """Return the job as it is after its end."""
    book = _title(job.book, published)
    return Job(
        id=job.id,
        status=JobStatus(end.outcome),
        progress=end.progress,
        current_step=cast("CurrentStep | None", end.step),
        isbn=job.isbn,
        title=book.title if book else None,
        authors=list(book.authors) if book else [],
        book_id=published.id if published else None,
        error=_error(end),
        chapters_done=end.chapters_done,
        chapters_total=end.chapters_total,
        current_chapter=None,
        chapters=_chapters_at_end(published),
        eta_seconds=None,
        created_at=job.created_at,
        started_at=end.started_at,
        completed_at=end.completed_at,
        run_id=job.run_id,
    )


def with_listen_urls(job: Job, sign: Sign) -> Job:
    """Return the job as it is shown to whom `sign` signs addresses for; views without them are shared."""
    chapters = [
        msgspec.structs.replace(chapter, listen_url=sign(chapter.audio_url) if chapter.audio_url else None)
        for chapter in job.chapters
    ]
    return msgspec.structs.replace(job, chapters=chapters)


def _title(known: BookTitle | None, published: PublishedBook | None) -> BookTitle | None:
    """What the job's own run found, else what the library says, which knows the authors as one line."""
    return known or (published.title if published else None)


def _chapters_in_hand(progress: Progress, published: PublishedBook | None) -> list[JobChapter]:
    """A finished clip is ready once the library has it; of the chapters that it had before, nothing is said."""
    urls = {chapter.number: _audio_url(chapter) for chapter in (published.chapters if published else ())}
    chapters = []
    for chapter in progress.chapters:
        url = urls.get(chapter.number) if chapter.number in progress.ready else None
        written = chapter.number in progress.summarized | progress.ready
        state = ChapterState.READY if url else ChapterState.PROCESSING if written else ChapterState.PENDING
        chapters.append(JobChapter(chapter.number, chapter.title, state, url))
    return chapters


def _chapters_at_end(published: PublishedBook | None) -> list[JobChapter]:
    chapters = []
    for chapter in published.chapters if published else ():
        url = _audio_url(chapter)
        state = ChapterState.READY if url else ChapterState.MISSING
        chapters.append(JobChapter(chapter.number, chapter.title, state, url))
    return chapters


def _audio_url(chapter: PublishedChapter) -> str | None:
    return f"/api/v1/chapters/{chapter.clip_of}/audio" if chapter.clip_of else None


def _error(end: values.JobEnd) -> JobError | None:
    if end.error_code is None:
        return None
    return JobError(end.error_code, end.error_message or "", end.error_chapter)
