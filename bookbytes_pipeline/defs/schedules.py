"""The nightly backfill: books that are missing, failed or stale are asked for again, few at a time, after people's."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import dagster as dg

from bookbytes_pipeline.constants import (
    BACKFILL_PRIORITY,
    BACKFILL_SCHEDULE,
    JOB,
    PARTITION_TAG,
    PARTITIONS,
    PRIORITY_TAG,
    RECIPE_TAG,
    SOURCE_TAG,
    TRY_AGAIN,
)
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.defs.resources import LanguageModelResource, NarratorResource
from bookbytes_pipeline.domain.backfill import LastRun, candidates, requested
from bookbytes_pipeline.library.queries import fingerprints_by_isbn
from bookbytes_pipeline.sample.epub import SAMPLE_ISBN
from bookbytes_pipeline.writing.fingerprints import book_fingerprint

LIMIT = 20
"""Books a night. Each may cost money; an operator who wants more starts a backfill in the Dagster UI."""
HOPELESS_FOR = timedelta(days=7)
"""What will not help today may help next week: an account is topped up, a book attached, a catalogue completed."""
LOOKED_AT = 200
"""Books whose last run is looked up in one night: a few milliseconds each, within the minute a tick may take."""


@dg.schedule(
    name=BACKFILL_SCHEDULE,
    job_name=JOB,
    cron_schedule="0 3 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description=f"Asks for up to {LIMIT} books that are missing, failed or made by an older prompt, model or voice.",
)
def nightly_backfill(
    context: dg.ScheduleEvaluationContext,
    database: dg.ResourceParam[Database],
    language_model: dg.ResourceParam[LanguageModelResource],
    narrator: dg.ResourceParam[NarratorResource],
) -> Iterator[dg.RunRequest]:
    """Request runs at low priority; off until an operator switches it on, because it spends money."""
    summaries, audio = language_model.fingerprint, narrator.fingerprint
    recipe = book_fingerprint(summaries, audio)
    fresh = {recipe, book_fingerprint(summaries, audio, language_model.chapter_list_fingerprint)}
    night = context.scheduled_execution_time.date().isoformat()
    with database.session() as session:
        published = dict(session.execute(fingerprints_by_isbn()).all())
    keys = set(context.instance.get_dynamic_partitions(PARTITIONS)) - {SAMPLE_ISBN}
    wanted = candidates(keys, published, fresh, night, LOOKED_AT)
    since = context.scheduled_execution_time - HOPELESS_FOR
    for isbn in requested(((isbn, _last_run(context.instance, isbn, recipe, since)) for isbn in wanted), LIMIT):
        yield dg.RunRequest(
            run_key=f"{isbn}:{recipe}:{night}",
            partition_key=isbn,
            tags={PRIORITY_TAG: BACKFILL_PRIORITY, SOURCE_TAG: BACKFILL_SCHEDULE, RECIPE_TAG: recipe},
        )


def _last_run(instance: dg.DagsterInstance, partition_key: str, recipe: str, since: datetime) -> LastRun:
    records = instance.get_run_records(dg.RunsFilter(tags={PARTITION_TAG: partition_key}), limit=1)
    if not records:
        return LastRun()
    run = records[0].dagster_run
    recent = records[0].update_timestamp >= since
    failed_alike = recent and run.status == dg.DagsterRunStatus.FAILURE and run.tags.get(RECIPE_TAG) == recipe
    return LastRun(
        unfinished=not run.is_finished,
        hopeless=failed_alike and not _worth_another_try(instance, run.run_id),
    )


def _worth_another_try(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether no failed step said that trying again will not help."""
    failures = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.STEP_FAILURE).records
    told = [record.event_log_entry.get_dagster_event().step_failure_data.user_failure_data for record in failures]
    return all(failure is None or failure.metadata[TRY_AGAIN].value for failure in told)
