"""The job that makes a book, and the one that makes it into a file."""

from typing import Any

import dagster as dg

from bookbytes_pipeline.constants import (
    ASSET_NAMES,
    BOOK_FILE,
    BOOK_FILE_JOB,
    FILE_PRIORITY,
    JOB,
    MAX_RUNTIME_TAG,
    PRIORITY_TAG,
    RETRY_FAILURE_TAG,
    USER_PRIORITY,
)
from bookbytes_pipeline.db.outages import is_outage


@dg.failure_hook
def retry_after_outages(context: dg.HookContext) -> None:
    """Let Dagster retry the run although a step failed, if the store, the library or its own database was away.

    A run that fails for another reason has asked its providers as often as is sensible, and is not retried. The tag
    says so explicitly, because a run inherits the tags of the one that it retries. `max_retries` limits both kinds.
    """
    retried = str(is_outage(context.op_exception)).lower()
    context.instance.add_run_tags(context.run_id, {RETRY_FAILURE_TAG: retried})


def process_book(max_runtime_s: int) -> Any:
    """Return the job, whose runs fail after `max_runtime_s`; Dagster does not export the type of such a job."""
    return dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.assets(*ASSET_NAMES),
        description="Everything from the metadata to the published book, for one ISBN.",
        tags={PRIORITY_TAG: USER_PRIORITY, MAX_RUNTIME_TAG: str(max_runtime_s)},
        hooks={retry_after_outages},
    )


def make_book_file(max_runtime_s: int) -> Any:
    """Return the job that makes a published book into files: one of its own, so that no book waits for it or fails."""
    return dg.define_asset_job(
        BOOK_FILE_JOB,
        selection=dg.AssetSelection.assets(BOOK_FILE),
        description="A published book as one file, in the formats that the tag bookbytes/formats names.",
        tags={PRIORITY_TAG: FILE_PRIORITY, MAX_RUNTIME_TAG: str(max_runtime_s)},
        hooks={retry_after_outages},
    )
