"""Other runs of the same book: those that are alive are waited for, those whose process died are closed."""

import os
import socket

import dagster as dg

from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.names import PROCESS_TAG


class BookUnderWay(BookBytesError):
    """Another run is making this book right now. Trying again helps once it has ended."""

    code = "BOOK_UNDER_WAY"
    try_again = True


def this_process() -> str:
    """What a run of this process is tagged with."""
    return f"{socket.gethostname()}:{os.getpid()}"


def require_nobody_at(instance: dg.DagsterInstance, isbn: str) -> None:
    """Raise `BookUnderWay` while somebody makes this book: two runs at once would both pay for the same answers.

    A run of a process that was killed is recorded as failed; otherwise it would hold its place for ever.
    """
    started = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING],
        tags={"dagster/partition": isbn},
    )
    for record in instance.get_run_records(started):
        run = record.dagster_run
        if not _is_dead(run.tags.get(PROCESS_TAG, "")):
            raise BookUnderWay(
                f"{isbn} is being made already, by run {run.run_id}. Wait for it, or cancel it in the Dagster UI."
            )
        instance.report_run_failed(run, "The process that executed this run is gone.")


def _is_dead(process: str) -> bool:
    """Whether this names a process of this machine that is no more; nothing is known of other machines."""
    host, _, pid = process.rpartition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
