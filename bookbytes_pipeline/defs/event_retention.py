"""Dagster keeps every event for ever; this job deletes those of old runs that nothing reads any more."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import dagster as dg
from pydantic import Field
from sqlalchemy import Connection, bindparam, text

from bookbytes_pipeline.constants import BACKFILL_PRIORITY, CLEARING_JOB, CLEARING_SCHEDULE, PRIORITY_TAG
from bookbytes_pipeline.defs.run_files import compact_run, delete_run

Kind = dg.DagsterEventType

KEPT_KINDS = (
    Kind.ASSET_MATERIALIZATION,  # what was made when, and from what: asset pages, staleness
    Kind.ASSET_MATERIALIZATION_PLANNED,  # which books failed: without it their partitions would show as never tried
    Kind.ASSET_CHECK_EVALUATION,  # the checks on a run's page
    Kind.STEP_FAILURE,  # why a book failed: read by people, and by the nightly backfill
    Kind.RUN_ENQUEUED,  # from here on: when a run waited, started and ended, and how
    Kind.RUN_DEQUEUED,
    Kind.RUN_STARTING,
    Kind.RUN_START,
    Kind.RUN_SUCCESS,
    Kind.RUN_FAILURE,
    Kind.RUN_CANCELING,
    Kind.RUN_CANCELED,
)
"""Events of these kinds are never deleted. Neither are those with a data version, whatever their kind.

The success of a step is not among them, because its outputs are not: when an old failed run is retried from the failed
step, Dagster would take a step as done whose outputs it cannot find. Without its success it runs the step again.
"""
ENDED_STATUSES = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
RUNS_PER_BATCH = 100
EVENTS_PER_TRANSACTION = 5000
"""A few hundred milliseconds, during which no other writer waits for long."""

_DELETE = text("""
    DELETE FROM event_logs WHERE id = ANY (ARRAY (
        SELECT id FROM event_logs AS event
        WHERE run_id = ANY (:run_ids)
          AND coalesce(dagster_event_type, '') <> ALL (:kept_kinds)
          AND NOT EXISTS (SELECT FROM asset_event_tags WHERE event_id = event.id)
        LIMIT :max_events
    ))
""")
"""An array of ids, because the planner reads the whole table for a subquery whose size it does not know."""

_DELETE_ON_SQLITE = text("""
    DELETE FROM event_logs
    WHERE run_id IN :run_ids AND coalesce(dagster_event_type, '') NOT IN :kept_kinds
      AND NOT EXISTS (SELECT 1 FROM asset_event_tags WHERE event_id = event_logs.id)
""").bindparams(bindparam("run_ids", expanding=True), bindparam("kept_kinds", expanding=True))


class Retention(dg.Config):
    """Which runs lose their events."""

    days: int = Field(ge=1, le=3650, description="Days since the run ended or last changed.")


@dg.op
def delete_events(context: dg.OpExecutionContext, config: Retention) -> None:
    """Delete events of old runs in batches; when it is interrupted, the next run of the job does the rest."""
    before = datetime.now(UTC) - timedelta(days=config.days)
    runs = events = 0
    for run_ids in _ended_runs(context.instance, before):
        events += _delete_events_of(context.instance, run_ids)
        runs += len(run_ids)
    _delete_own_runs(context.instance, before)
    context.log.info("Deleted %s events of %s runs that last changed before %s.", events, runs, before.isoformat())
    context.add_output_metadata({"events_deleted": events, "runs_looked_at": runs})


def clear_old_events(days: int) -> dg.JobDefinition:
    """Return the job; `days` is its default configuration, which can be changed when it is launched."""

    @dg.job(
        name=CLEARING_JOB,
        description="Deletes events of old runs that no page of the UI and no query needs, and old runs of its own.",
        config=dg.RunConfig({delete_events.name: Retention(days=days)}),
        tags={PRIORITY_TAG: BACKFILL_PRIORITY},
    )
    def job() -> None:
        delete_events()

    return job


@dg.schedule(
    name=CLEARING_SCHEDULE,
    job_name=CLEARING_JOB,
    cron_schedule="30 4 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Keeps the event log from growing without limit: deletes events of runs older than EVENT_LOG_DAYS.",
)
def nightly_clearing(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Run the job every night; on by default, because nothing is lost that is read, and nobody would switch it on."""
    if not context.instance.get_run_ids(dg.RunsFilter(statuses=ENDED_STATUSES), limit=1):
        return dg.SkipReason("No run has ended yet.")
    return dg.RunRequest()


def _ended_runs(instance: dg.DagsterInstance, before: datetime) -> Iterator[Sequence[str]]:
    """Yield the ids of runs that ended and have not changed since `before`, newest first, in batches."""
    old = dg.RunsFilter(statuses=ENDED_STATUSES, updated_before=before)
    cursor = None
    while run_ids := instance.get_run_ids(old, cursor=cursor, limit=RUNS_PER_BATCH):
        yield run_ids
        cursor = run_ids[-1]


def _delete_own_runs(instance: dg.DagsterInstance, before: datetime) -> None:
    """Delete the old runs of this job: one a night, which nobody asks about after so long."""
    own = dg.RunsFilter(job_name=CLEARING_JOB, statuses=ENDED_STATUSES, updated_before=before)
    for run_id in instance.get_run_ids(own):
        delete_run(instance, run_id)


def _delete_events_of(instance: dg.DagsterInstance, run_ids: Sequence[str]) -> int:
    """Delete all events of these runs but those that are kept; returns how many."""
    kept_kinds = [kind.value for kind in KEPT_KINDS]
    if instance.event_log_storage.is_run_sharded:
        with _transaction(instance) as connection:  # a copy of what concerns assets
            connection.execute(_DELETE_ON_SQLITE, {"run_ids": run_ids, "kept_kinds": kept_kinds})
        return sum(compact_run(instance, run_id, kept_kinds) for run_id in run_ids)
    parameters = {"run_ids": list(run_ids), "kept_kinds": kept_kinds, "max_events": EVENTS_PER_TRANSACTION}
    deleted = 0
    while True:
        with _transaction(instance) as connection:
            count = connection.execute(_DELETE, parameters).rowcount
        deleted += count
        if count < EVENTS_PER_TRANSACTION:
            return deleted


def _transaction(instance: dg.DagsterInstance) -> AbstractContextManager[Connection]:
    """Open a transaction on the database of the event log.

    Dagster documents no way to delete single events. This method, and the columns in the statement above, are
    internal to it; the version is pinned, and `tests/defs/test_event_retention.py` tests what is relied on.
    """
    return cast("AbstractContextManager[Connection]", cast("Any", instance.event_log_storage).index_transaction())
