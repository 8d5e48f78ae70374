"""Runs whose process has ended without recording it. The instance would call them running for ever."""

from contextlib import suppress
from enum import Enum
from typing import Any

import dagster as dg

from bookbytes_api.serving.addresses import LOOPBACK
from bookbytes_pipeline.names import FOREGROUND, SOURCE_TAG
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.under_way import BookUnderWay, alone_at

_CANCELING = dg.DagsterRunStatus.CANCELING
_UNDER_WAY = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, _CANCELING]
_MAX_RETRIES = "dagster/max_retries"


class End(Enum):
    """How the code server and its runs ended, as it is recorded in the runs."""

    STOPPED = "BookBytes was stopped while this run was under way; it goes on when BookBytes starts again."
    DIED = "BookBytes, or its code server, ended unexpectedly while this run was under way."


def close_orphans(settings: Settings, instance: dg.DagsterInstance, end: End) -> int:
    """Record the end of all runs that the code server executed; to be called when it and the daemon have ended.

    Dagster's daemon takes up failed ones where they were, at most `max_retries` times, so that a run which brings
    everything down does not do so for ever. Being stopped is nothing that a run does: it does not count.

    Returns how many runs failed by it.
    """
    failed = 0
    for record in instance.get_run_records(dg.RunsFilter(statuses=_UNDER_WAY)):
        run = record.dagster_run
        if run.remote_job_origin is None:
            _close_if_abandoned(settings, instance, run)
        elif not _was_executed_here(run.remote_job_origin):
            continue
        elif run.status is _CANCELING:
            instance.report_run_canceled(run, message=end.value)
        else:
            if end is End.STOPPED:
                _allow_one_more(instance, run)
            instance.report_run_failed(run, end.value)
            failed += 1
    return failed


def _was_executed_here(origin: Any) -> bool:
    """A DAGSTER_HOME of one's own may hold the runs of other machines, too."""
    return getattr(origin.repository_origin.code_location_origin, "host", None) == LOOPBACK


def _close_if_abandoned(settings: Settings, instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """A run without origin is executed by a command line. It is over once nobody holds its book."""
    if run.tags.get(SOURCE_TAG) == FOREGROUND:
        with suppress(BookUnderWay), alone_at(settings, instance, run.tags["dagster/partition"]):
            pass


def _allow_one_more(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Retries are counted as runs of one group, whatever began them; this one's successor is to be among them."""
    with suppress(dg.DagsterRunNotFoundError):  # the first of the group was deleted: Dagster retries none of it
        _, group = instance.get_run_group(run.run_id) or (run.run_id, [run])
        allowed = int(run.tags.get(_MAX_RETRIES, instance.run_retries_max_retries))
        instance.add_run_tags(run.run_id, {_MAX_RETRIES: str(max(allowed + 1, len(list(group))))})
