"""Dagster keeps every event for ever; here those of old runs are deleted that nobody will ask for."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import dagster as dg
from pydantic import Field
from sqlalchemy import Connection, text

from bookbytes_pipeline.constants import BACKFILL_PRIORITY, CLEARING_JOB, CLEARING_SCHEDULE, PRIORITY_TAG

Kind = dg.DagsterEventType

STAYS = (
    Kind.ASSET_MATERIALIZATION,  # what was made when, and from what: asset pages, staleness
    Kind.ASSET_MATERIALIZATION_PLANNED,  # which books failed: without it their partitions would show as never tried
    Kind.ASSET_CHECK_EVALUATION,  # the checks on a run's page
    Kind.STEP_FAILURE,  # why a book failed: asked by people, and by the nightly backfill
    Kind.RUN_ENQUEUED,  # from here on: when a run waited, began and ended, and how
    Kind.RUN_DEQUEUED,
    Kind.RUN_STARTING,
    Kind.RUN_START,
    Kind.RUN_SUCCESS,
    Kind.RUN_FAILURE,
    Kind.RUN_CANCELING,
    Kind.RUN_CANCELED,
)
"""Events of these kinds are never deleted. Neither are those with a data version, whatever their kind.

The success of a step is not among them, for its outputs are not: Dagster, asked for the rest of an old failed run,
would take for done a step whose outputs it cannot find. As it is, it runs all of them.
"""
ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
RUNS_AT_ONCE = 100
EVENTS_AT_ONCE = 5000
"""Rows of one transaction: a few hundred milliseconds in which nobody waits for anything."""

_DELETE = text("""
    DELETE FROM event_logs WHERE id = ANY (ARRAY (
        SELECT id FROM event_logs AS event
        WHERE run_id = ANY (:run_ids)
          AND coalesce(dagster_event_type, '') <> ALL (:stays)
          AND NOT EXISTS (SELECT FROM asset_event_tags WHERE event_id = event.id)
        LIMIT :most
    ))
""")
"""An array of ids, for the planner takes a subquery of unknown size for a reason to read the whole table."""


class Retention(dg.Config):
    """What is deleted."""

    days: int = Field(ge=1, le=3650, description="Runs that have ended, and not changed for so many days.")
    also_keep: list[dg.DagsterEventType] = Field(
        default=[], description="Kinds of events that stay besides those that always do."
    )


@dg.op
def delete_events(context: dg.OpExecutionContext, config: Retention) -> None:
    """Delete events of old runs, a few at a time; stopped anywhere, it goes on the next time."""
    if not _on_postgresql(context.instance):
        context.log.info("Nothing is deleted: this instance is on SQLite, which keeps a file for each run.")
        return
    before = datetime.now(UTC) - timedelta(days=config.days)
    stays = [kind.value for kind in (*STAYS, *config.also_keep)]
    runs = events = 0
    for run_ids in _ended(context.instance, before):
        events += _cleared(context.instance, run_ids, stays)
        runs += len(run_ids)
    context.log.info("Deleted %s events; looked at %s runs, last changed before %s.", events, runs, before.isoformat())
    context.add_output_metadata({"events_deleted": events, "runs_looked_at": runs})


def clear_old_events(days: int) -> dg.JobDefinition:
    """The job that deletes events of runs which ended `days` ago, unless it is launched with another configuration."""

    @dg.job(
        name=CLEARING_JOB,
        description="Deletes events of old runs that neither a page nor a question needs. PostgreSQL only.",
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
    description="Keeps the event log from growing for ever.",
)
def nightly_clearing(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """On from the start: nothing that anybody needs is lost, and nobody would think of switching it on."""
    if not _on_postgresql(context.instance):
        return dg.SkipReason("This instance is on SQLite, which keeps a file for each run.")
    return dg.RunRequest()


def _ended(instance: dg.DagsterInstance, before: datetime) -> Iterator[Sequence[str]]:
    """The ids of runs that ended and have not changed since `before`, newest first, in batches."""
    old = dg.RunsFilter(statuses=ENDED, updated_before=before)
    cursor = None
    while run_ids := instance.get_run_ids(old, cursor=cursor, limit=RUNS_AT_ONCE):
        yield run_ids
        cursor = run_ids[-1]


def _cleared(instance: dg.DagsterInstance, run_ids: Sequence[str], stays: Sequence[str]) -> int:
    """How many events of these runs were deleted, which are all but those of a kind that stays."""
    chosen = {"run_ids": list(run_ids), "stays": list(stays), "most": EVENTS_AT_ONCE}
    deleted = 0
    while True:
        with _transaction(instance) as connection:
            count = connection.execute(_DELETE, chosen).rowcount
        deleted += count
        if count < EVENTS_AT_ONCE:
            return deleted


def _on_postgresql(instance: dg.DagsterInstance) -> bool:
    with _transaction(instance) as connection:
        return connection.dialect.name == "postgresql"


def _transaction(instance: dg.DagsterInstance) -> AbstractContextManager[Connection]:
    """A transaction on the database of the event log.

    Dagster documents no way to delete single events. This one, and the columns in the statement above, are its own
    means; the version is pinned, and `tests/defs/test_event_retention.py` holds what is relied on.
    """
    return cast("AbstractContextManager[Connection]", cast("Any", instance.event_log_storage).index_transaction())
