"""Runs whose process is gone without having recorded their end. Dagster would call them started for ever."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

import dagster as dg

from bookbytes_pipeline.constants import FOREGROUND, MAX_RETRIES_TAG, PARTITION_TAG, SOURCE_TAG
from bookbytes_pipeline.domain.errors import BookLocked
from bookbytes_pipeline.instance.awaited_retries import run_group_size
from bookbytes_pipeline.instance.book_lock import exclusive_book
from bookbytes_pipeline.instance.partitions import require_isbn
from bookbytes_pipeline.instance.run_status import IN_PROGRESS
from bookbytes_pipeline.settings import Settings


class StopReason(Enum):
    """Why runs ended without recording it themselves; the value is the message that they record."""

    STOPPED = "BookBytes was stopped while this run was in progress; the run continues when BookBytes starts again."
    DIED = "BookBytes, or its code server, ended unexpectedly while this run was in progress."
    LOST = "The process of this run has ended, and nobody could record how."


@dataclass(frozen=True)
class CodeServerAddress:
    """The address of a code server, as its runs record it in their origin; without `port`, any port of that host."""

    host: str
    port: int | None = None

    def launched(self, run: dg.DagsterRun) -> bool:
        """Return whether the run was launched there: one Dagster may have several code servers, and command lines."""
        if run.remote_job_origin is None:
            return False
        origin = run.remote_job_origin.repository_origin.code_location_origin
        is_same_host = getattr(origin, "host", None) == self.host
        return is_same_host and self.port in {None, getattr(origin, "port", None)}


def executes_runs(instance: dg.DagsterInstance) -> bool:
    """Return whether code servers execute the runs. Other launchers give each a pod or container that outlives them."""
    return isinstance(instance.run_launcher, dg.DefaultRunLauncher)


def runs_in_progress_at(address: CodeServerAddress, instance: dg.DagsterInstance) -> list[dg.RunRecord]:
    """Return the runs in progress at this address, or recorded so when its code server ended."""
    if not executes_runs(instance):
        return []
    records = instance.get_run_records(dg.RunsFilter(statuses=IN_PROGRESS))
    return [record for record in records if address.launched(record.dagster_run)]


def fail_orphaned_runs(
    instance: dg.DagsterInstance, records: Sequence[dg.RunRecord], reason: StopReason = StopReason.DIED
) -> int:
    """Fail those of these runs that have not changed since `records` were read; returns how many.

    Dagster's daemon retries failed runs where they stopped, at most `max_retries` times, so that a run which brings
    everything down does not do so for ever. Being stopped is not the run's fault, so it does not count.
    """
    failed = 0
    for record in records:
        run = record.dagster_run
        if _has_changed(instance, record):
            continue
        if run.status is dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, message=reason.value)
            continue
        if reason is StopReason.STOPPED:
            grant_extra_retry(instance, run)
        instance.report_run_failed(run, reason.value)
        failed += 1
    return failed


def clean_up_orphaned_runs(
    settings: Settings, instance: dg.DagsterInstance, address: CodeServerAddress, reason: StopReason
) -> int:
    """Fail all runs in progress at an address where no process is left; call it when the daemon has stopped too.

    Runs that command lines of this machine left unfinished are failed as well. Returns how many failed at the address.
    """
    fail_abandoned_runs(settings, instance)
    return fail_orphaned_runs(instance, runs_in_progress_at(address, instance), reason)


def fail_abandoned_runs(settings: Settings, instance: dg.DagsterInstance) -> None:
    """Fail the runs of command lines of this machine whose process is gone: nobody holds the lock of their book."""
    for record in instance.get_run_records(dg.RunsFilter(statuses=IN_PROGRESS, tags={SOURCE_TAG: FOREGROUND})):
        run = record.dagster_run
        if run.remote_job_origin is None:
            with suppress(BookLocked), exclusive_book(settings, instance, require_isbn(run.tags[PARTITION_TAG])):
                pass  # taking the lock fails the run


def grant_extra_retry(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Allow the run one retry more. Dagster counts every run of its group as a retry, whatever started it."""
    if runs := run_group_size(instance, run):
        allowed = int(run.tags.get(MAX_RETRIES_TAG, instance.run_retries_max_retries))
        instance.add_run_tags(run.run_id, {MAX_RETRIES_TAG: str(max(allowed + 1, runs))})


def _has_changed(instance: dg.DagsterInstance, record: dg.RunRecord) -> bool:
    now = instance.get_run_record_by_id(record.dagster_run.run_id)
    before = (record.dagster_run.status, record.update_timestamp)
    return now is None or (now.dagster_run.status, now.update_timestamp) != before
