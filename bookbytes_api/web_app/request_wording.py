"""What people read about a request: its step, its chapters, the time that is left, and why it failed."""

from collections.abc import Mapping
from dataclasses import dataclass

from bookbytes_api.jobs.outcome import JobStatus
from bookbytes_api.jobs.schemas import ChapterState, Job, JobChapter, JobError

_MINUTE_S = 60
_WITHOUT_MINUTES_S = 50

STATUSES: Mapping[str, str] = {
    JobStatus.PENDING: "waiting",
    JobStatus.PROCESSING: "being made",
    JobStatus.COMPLETED: "finished",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "cancelled",
}
STEPS: Mapping[str, str] = {
    "queued": "Waiting for its turn",
    "fetching_metadata": "Finding out about the book",
    "extracting_chapters": "Finding its chapters",
    "generating_summaries": "Writing the summaries",
    "creating_audio": "Speaking the summaries",
    "publishing": "Putting it on the shelf",
}
CHAPTER_STATES: Mapping[str, tuple[str, str]] = {
    "waiting": ("waiting", "clock"),
    "writing": ("being written", "pen"),
    "speaking": ("being spoken", "volume"),
    "ready": ("ready", "check"),
    "missing": ("missing", "warning"),
}
"""In words, and the icon beside them. The module `job_progress.js` is given the same."""

_STATE_OF = {
    ChapterState.PENDING: "waiting",
    ChapterState.PROCESSING: "speaking",
    ChapterState.READY: "ready",
    ChapterState.MISSING: "missing",
}


@dataclass(frozen=True)
class FailureAdvice:
    """Why a request failed and what helps.

    `sentence` is empty where the message of the error says it best; `link` is what to do on the page of the book.
    """

    sentence: str
    what_to_do: str
    link: str = ""


_ADD_EPUB = "Add its EPUB"
_KEPT = "Try again: what was finished is kept."
_ADVICE: Mapping[str, FailureAdvice] = {
    "TEXT_NEEDED": FailureAdvice(
        "Summaries are written only from a book's own text here, and the text of this one is missing.",
        "Add its EPUB, then try again.",
        link=_ADD_EPUB,
    ),
    "NOTHING_KNOWN": FailureAdvice(
        "The language model does not know enough of this book to write about it.",
        "Add its EPUB, then try again.",
        link=_ADD_EPUB,
    ),
    "BOOK_NOT_FOUND": FailureAdvice(
        "No catalogue knows this ISBN.", "Check the number; if it is right, add the book's EPUB.", link=_ADD_EPUB
    ),
    "UNREADABLE_BOOK": FailureAdvice("", "Add another file of the same book, then try again.", link="Add another EPUB"),
    "INVALID_CHAPTERS": FailureAdvice("", "Choose its chapters again, then try again.", link="Choose its chapters"),
    "PROVIDER_REFUSED": FailureAdvice(
        "", "An administrator has to look after the provider's key and credit. After that, try again."
    ),
    "PROVIDER_UNAVAILABLE": FailureAdvice("", "Try again in some minutes: what was finished is kept."),
    "NO_SPACE": FailureAdvice("", "An administrator has to free some space. After that, try again."),
    "CHAPTERS_FAILED": FailureAdvice("", "Try again: only what is missing is made."),
}


def failure_advice(error: JobError) -> FailureAdvice:
    """Return what to say of a failure, by its code where that says more than the message."""
    advice = _ADVICE.get(error.code, FailureAdvice("", _KEPT))
    said = error.message.removesuffix(f" {_KEPT}").strip()
    return FailureAdvice(advice.sentence or said, advice.what_to_do, advice.link)


def chapter_state(job: Job, chapter: JobChapter) -> str:
    """Return the key of a chapter's state in `CHAPTER_STATES`: the one that is worked on first is being written."""
    is_current = job.current_chapter is not None and job.current_chapter.number == chapter.number
    if chapter.state is ChapterState.PENDING and is_current and job.current_step == "generating_summaries":
        return "writing"
    return _STATE_OF[chapter.state]


def time_left(seconds: int | None) -> str:
    """Return an estimate as people say it: `about 4 minutes left`. `time_left.js` says the same."""
    if seconds is None:
        return "calculating the time"
    if seconds < _WITHOUT_MINUTES_S:
        return "less than a minute left"
    minutes = int(seconds / _MINUTE_S + 0.5)  # as JavaScript rounds
    hours, rest = divmod(minutes, 60)
    if hours:
        return f"about {hours} h {rest} min left" if rest else f"about {hours} h left"
    return "about a minute left" if minutes == 1 else f"about {minutes} minutes left"
