"""Having a whole book made into a file: one run for all who ask for it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from bookbytes_api.errors import BookFileFailed, TooManyBookFiles
from bookbytes_api.runs.launcher import Launch, Launcher
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.runs.state import RunState, RunStatus
from bookbytes_pipeline.constants import (
    BOOK_FILE_JOB,
    DIGEST_TAG,
    FILE_PRIORITY,
    FORMATS_TAG,
    PRIORITY_TAG,
    SOURCE_TAG,
)
from bookbytes_pipeline.domain.book_file import BookFileContents, BookFileFormat

MAX_UNFINISHED_RUNS = 20
"""Of all users together: each takes up to a few minutes, and its file some space."""
PAUSE_AFTER_FAILURE = timedelta(minutes=10)
"""A browser asks every few seconds; what failed a moment ago would fail again."""
SOURCE = "download"
_RUN_IDS = uuid5(NAMESPACE_URL, "bookbytes:book-files")


@dataclass(frozen=True)
class BookFileRuns:
    """The runs that make files of books."""

    runs: RunReader
    launcher: Launcher

    def request(self, contents: BookFileContents, file_format: BookFileFormat) -> None:
        """Have the file made, unless that is being done.

        The run's id is one of what it makes and of the run before, so that many who ask at once launch one run.
        Raises `BookFileFailed` soon after a failure, `TooManyBookFiles` and `DagsterUnavailable`.
        """
        digest = contents.digest(file_format)
        last = self.runs.last(BOOK_FILE_JOB, {FORMATS_TAG: file_format, DIGEST_TAG: digest})
        if last is not None and not last.status.is_over:
            return
        if last is not None and _failed_lately(last, datetime.now(UTC)):
            raise BookFileFailed(
                f"The file of {contents.title} could not be made. An operator can read why in run {last.current}; "
                "it is tried again when somebody asks ten minutes after that."
            )
        if self.runs.count_unfinished(BOOK_FILE_JOB) >= MAX_UNFINISHED_RUNS:
            raise TooManyBookFiles(f"{MAX_UNFINISHED_RUNS} files are being made already. Ask again in a minute.")
        run_id = uuid5(_RUN_IDS, f"{digest}:{last.current if last else ''}")
        tags = {FORMATS_TAG: file_format, DIGEST_TAG: digest, PRIORITY_TAG: FILE_PRIORITY, SOURCE_TAG: SOURCE}
        template = self.launcher.template(BOOK_FILE_JOB)
        self.launcher.submit(Launch(str(run_id), contents.isbn, tags), template)


def _failed_lately(run: RunState, now: datetime) -> bool:
    return run.status is RunStatus.FAILED and run.ended_at is not None and now - run.ended_at < PAUSE_AFTER_FAILURE
