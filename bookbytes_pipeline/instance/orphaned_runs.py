"""Runs whose process has ended without recording it. The instance would call them running for ever."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

import dagster as dg

from bookbytes_pipeline.constants import FOREGROUND, PARTITION_TAG, SOURCE_TAG
from bookbytes_pipeline.domain.errors import BookLocked
from bookbytes_pipeline.instance.book_lock import exclusive_book
from bookbytes_pipeline.instance.partitions import require_isbn
from bookbytes_pipeline.instance.run_status import IN_PROGRESS
from bookbytes_pipeline.settings import Settings

_CANCELING = dg.DagsterRunStatus.CANCELING
_MAX_RETRIES = "dagster/max_retries"


class StopReason(Enum):
    """How a code server and its runs ended, as it is recorded in the runs."""

    STOPPED = "BookBytes was stopped while this run was under way; it goes on when BookBytes starts again."
    DIED = "BookBytes, or its code server, ended unexpectedly while this run was under way."


@dataclass(frozen=True)
class CodeServerAddress:
    """Where a code server is found, as its runs have it in their origin; without a `port`, at any of that host."""

    host: str
    port: int | None = None

    def executed(self, run: dg.DagsterRun) -> bool:
        """Whether the run was launched there. One Dagster may have many code servers, and command lines besides."""
        if run.remote_job_origin is None:
            return False
        origin = run.remote_job_origin.repository_origin.code_location_origin
        here = getattr(origin, "host", None) == self.host
        return here and self.port in {None, getattr(origin, "port", None)}


def executes_runs(instance: dg.DagsterInstance) -> bool:
    """Whether code servers execute the runs. Other launchers give each a pod or container, which goes on by itself."""
    return isinstance(instance.run_launcher, dg.DefaultRunLauncher)


def runs_in_progress_at(place: CodeServerAddress, instance: dg.DagsterInstance) -> list[dg.RunRecord]:
    """The runs that are under way at a place, or were when its code server ended."""
    if not executes_runs(instance):
        return []
    records = instance.get_run_records(dg.RunsFilter(statuses=IN_PROGRESS))
    return [record for record in records if place.executed(record.dagster_run)]


def fail_orphaned_runs(
    instance: dg.DagsterInstance, left: Sequence[dg.RunRecord], end: StopReason = StopReason.DIED
) -> int:
    """Record the end of those of these runs to which nothing has happened since they were `left`.

    Dagster's daemon takes up failed ones where they were, at most `max_retries` times, so that a run which brings
    everything down does not do so for ever. Being stopped is nothing that a run does: it does not count.

    Returns how many runs failed by it.
    """
    failed = 0
    for record in left:
        run, now = record.dagster_run, instance.get_run_record_by_id(record.dagster_run.run_id)
        if now is None or (now.dagster_run.status, now.update_timestamp) != (run.status, record.update_timestamp):
            continue
        if run.status is _CANCELING:
            instance.report_run_canceled(run, message=end.value)
            continue
        if end is StopReason.STOPPED:
            grant_extra_retry(instance, run)
        instance.report_run_failed(run, end.value)
        failed += 1
    return failed


def clean_up_orphaned_runs(
    settings: Settings, instance: dg.DagsterInstance, place: CodeServerAddress, end: StopReason
) -> int:
    """Record the end of all runs at a place where nothing is left; to be called when the daemon has ended too.

    Runs that command lines of this machine left behind are closed as well. Returns how many failed at the place.
    """
    for record in instance.get_run_records(dg.RunsFilter(statuses=IN_PROGRESS)):
        if record.dagster_run.remote_job_origin is None:
            _close_if_abandoned(settings, instance, record.dagster_run)
    return fail_orphaned_runs(instance, runs_in_progress_at(place, instance), end)


def grant_extra_retry(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Retries are counted as runs of one group, whatever began them; this one's successor is to be among them."""
    with suppress(dg.DagsterRunNotFoundError):  # the first of the group was deleted: Dagster retries none of it
        _, group = instance.get_run_group(run.run_id) or (run.run_id, [run])
        allowed = int(run.tags.get(_MAX_RETRIES, instance.run_retries_max_retries))
        instance.add_run_tags(run.run_id, {_MAX_RETRIES: str(max(allowed + 1, len(list(group))))})


def _close_if_abandoned(settings: Settings, instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """A run without origin is executed by a command line. It is over once nobody holds its book."""
    if run.tags.get(SOURCE_TAG) == FOREGROUND:
        with suppress(BookLocked), exclusive_book(settings, instance, require_isbn(run.tags[PARTITION_TAG])):
            pass
