"""A lock per book: two processes making the same book would both pay for the same answers."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from filelock import Timeout

from bookbytes_pipeline.constants import FOREGROUND, PARTITION_TAG, RETRIED_BY_TAG, SOURCE_TAG, WILL_RETRY_TAG
from bookbytes_pipeline.domain.errors import BookLocked
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.instance.home_lock import home_lock
from bookbytes_pipeline.instance.run_status import IN_PROGRESS, WAITING
from bookbytes_pipeline.settings import Settings


@contextmanager
def exclusive_book(settings: Settings, instance: dg.DagsterInstance, isbn: ISBN) -> Iterator[None]:
    """Lock the book for this process; raises `BookLocked` while another process or run makes it.

    The kernel frees the lock when a process ends, however it ends. The run that such a process left unfinished is
    recorded as failed; otherwise every later run of the book would wait for it.
    """
    try:
        with home_lock(settings.bookbytes_home, isbn, 0):
            _fail_abandoned_runs(instance, isbn)
            yield
    except Timeout:
        raise BookLocked(
            f"{isbn} is being made already, by another bookbytes command. Wait for it to finish."
        ) from None


def require_no_waiting_run(instance: dg.DagsterInstance, isbn: ISBN) -> None:
    """Raise `BookLocked` if a run of the book waits in the queue, or a failed one is to be retried.

    It would begin once the lock is free. Dagster says whether it retries a run a moment after that has failed.
    """
    statuses = [*WAITING, dg.DagsterRunStatus.FAILURE]
    for run in instance.get_runs(dg.RunsFilter(statuses=statuses, tags={PARTITION_TAG: isbn})):
        if run.status in WAITING:
            raise BookLocked(
                f"{isbn} waits in the queue, as run {run.run_id}. Wait for it, or cancel it in the Dagster UI."
            )
        if run.tags.get(WILL_RETRY_TAG) != "false" and RETRIED_BY_TAG not in run.tags:
            raise BookLocked(f"Run {run.run_id} of {isbn} failed, and will be retried. Wait for that retry.")


def _fail_abandoned_runs(instance: dg.DagsterInstance, isbn: ISBN) -> None:
    for record in instance.get_run_records(dg.RunsFilter(statuses=IN_PROGRESS, tags={PARTITION_TAG: isbn})):
        run = record.dagster_run
        if run.tags.get(SOURCE_TAG) != FOREGROUND or run.parent_run_id:  # a retry inherits its parent's tags
            raise BookLocked(
                f"{isbn} is being made already, by run {run.run_id}. Wait for it, or cancel it in the Dagster UI."
            )
        instance.report_run_failed(run, "The process that executed this run is gone.")
