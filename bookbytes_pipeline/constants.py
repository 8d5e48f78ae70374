"""Names that the pipeline and its clients agree on; Dagster-free, so that anybody may import them."""

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
CHAPTER_AUDIO = "chapter_audio"
PUBLISHED_BOOK = "published_book"
ASSET_NAMES = (BOOK_METADATA, BOOK_TEXT, CHAPTER_LIST, CHAPTER_SUMMARIES, CHAPTER_AUDIO, PUBLISHED_BOOK)

CURRENT_STEP = {
    BOOK_METADATA: "fetching_metadata",
    BOOK_TEXT: "fetching_metadata",
    CHAPTER_LIST: "extracting_chapters",
    CHAPTER_SUMMARIES: "generating_summaries",
    CHAPTER_AUDIO: "creating_audio",
    PUBLISHED_BOOK: "publishing",
}
"""The `current_step` that people are shown while an asset is being made."""
QUEUED = "queued"
"""The `current_step` before that."""

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
RECIPE_TAG = "bookbytes/recipe"
RETRY_FAILURE_TAG = "dagster/retry_on_asset_or_op_failure"
LONGEST_TAG = "dagster/max_runtime"
PRIORITY_TAG = "dagster/priority"
PEOPLE_PRIORITY = "10"
BACKFILL_PRIORITY = "-10"

DONE, TOTAL, CHAPTER, TITLE = "done", "total", "chapter", "title"
"""Metadata keys of the observation that an asset logs for each finished chapter."""

ERROR_CODE, TRY_AGAIN = "code", "try_again"
"""Metadata keys of a failed step, with `CHAPTER` where it failed at chapters."""
