"""Names that the pipeline and its clients agree on; Dagster-free, so that anybody may import them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

CORES = os.cpu_count() or 1
"""So many clips are encoded at once, and so many voices of this machine speak: more would only take turns."""

LOCATION = "bookbytes_pipeline.definitions"
PARTITIONS = "bookbytes_isbn"
"""Dynamic partition sets are shared by name across code locations, hence the prefix."""

JOB = "process_book"
BACKFILL_SCHEDULE = "nightly_backfill"
CLEARING_JOB = "clear_old_events"
CLEARING_SCHEDULE = "nightly_clearing"

BOOK_METADATA = "book_metadata"
BOOK_TEXT = "book_text"
CHAPTER_LIST = "chapter_list"
CHAPTER_SUMMARIES = "chapter_summaries"
BOOK_SUMMARY = "book_summary"
CHAPTER_AUDIO = "chapter_audio"
PUBLISHED_BOOK = "published_book"
BOOK_FILE = "book_file"
"""Made by a job of its own, after the book is published: not one of `ASSET_NAMES`."""
BOOK_FILE_JOB = "make_book_file"


CurrentStep = Literal[
    "queued", "fetching_metadata", "extracting_chapters", "generating_summaries", "creating_audio", "publishing"
]
"""What is being done for a job."""


@dataclass(frozen=True)
class Stage:
    """How progress is shown while one asset is made: `current_step` in the API, `label` in the terminal, if at all.

    `seconds` is a guess at how long it takes, or how long each chapter takes where it goes through them (`by_chapter`).
    It counts until an instance has made a book of its own.
    """

    current_step: CurrentStep
    seconds: float
    label: str | None = None
    by_chapter: bool = False


STAGES: Mapping[str, Stage] = {
    BOOK_METADATA: Stage("fetching_metadata", 1, "Metadata"),
    BOOK_TEXT: Stage("fetching_metadata", 2),
    CHAPTER_LIST: Stage("extracting_chapters", 1, "Chapters"),
    CHAPTER_SUMMARIES: Stage("generating_summaries", 3, "Summaries", by_chapter=True),
    BOOK_SUMMARY: Stage("generating_summaries", 5),
    CHAPTER_AUDIO: Stage("creating_audio", 3, "Audio", by_chapter=True),
    PUBLISHED_BOOK: Stage("publishing", 1, "Library"),
}
"""The assets of a book in the order in which they are made."""
ASSET_NAMES = tuple(STAGES)

QUEUED: CurrentStep = "queued"
"""The `current_step` before the first asset."""

PARTITION_TAG = "dagster/partition"
"""Dagster's own; its value is the ISBN of the book that a run makes."""

JOB_TAG = "bookbytes/job"
USER_TAG = "bookbytes/user"
SOURCE_TAG = "bookbytes/source"
FOREGROUND = "cli"
"""The source of runs that a command line executes itself."""
REQUEST_TAG = "bookbytes/request"
FORCE_TAG = "bookbytes/force"
"""The force token of a run that reuses no earlier answer; runs with the same token share theirs."""
FORCE_TAG_0_3 = "bookbytes/afresh"
"""What version 0.3.0 called it; runs that it queued may still be waiting."""
MINUTES_TAG = "bookbytes/minutes"
"""How long the summary of a chapter is to be, where the request says so."""
VOICE_TAG = "bookbytes/voice"
"""The name of the voice that is to speak, where the request says so."""
FORMATS_TAG = "bookbytes/formats"
"""The formats, with commas between them, in which a run makes a book into files."""
DIGEST_TAG = "bookbytes/digest"
"""The digest of what a requested file is made of."""
TITLE_TAG = "bookbytes/title"
"""The title of the book, once its metadata is known."""
RECIPE_TAG = "bookbytes/recipe"
RETRY_FAILURE_TAG = "dagster/retry_on_asset_or_op_failure"
WILL_RETRY_TAG = "dagster/will_retry"
MAX_RETRIES_TAG = "dagster/max_retries"
FAILURE_REASON_TAG = "dagster/failure_reason"
RETRIED_BY_TAG = "dagster/auto_retry_run_id"
MAX_RUNTIME_TAG = "dagster/max_runtime"
PRIORITY_TAG = "dagster/priority"
USER_PRIORITY = "10"
FILE_PRIORITY = "0"
"""Of a file that somebody waits for: a book that somebody waits for comes first."""
BACKFILL_PRIORITY = "-10"

DONE, TOTAL, CHAPTER, TITLE, REUSED = "done", "total", "chapter", "title", "reused"
"""Metadata keys of the observation that an asset logs for each finished chapter."""
CHAPTERS = "chapters"
"""Metadata key of the observation that an asset logs before its first chapter: number and title of each."""
AUTHORS = "authors"
"""Metadata key, with `TITLE`, of the observation that names the book as soon as it is known."""

ERROR_CODE, TRY_AGAIN = "code", "try_again"
"""Metadata keys of a failed step, with `CHAPTER` where it failed at chapters."""

RUN_FAILED = "RUN_FAILED"
"""The error code of a failure that none of our own errors explains."""
