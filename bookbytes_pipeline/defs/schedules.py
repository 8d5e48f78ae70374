"""The nightly backfill: requests runs for a few missing, failed or stale books, behind those that people wait for."""

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
from bookbytes_pipeline.defs.language_models import LanguageModelResource
from bookbytes_pipeline.defs.narrators import NarratorResource
from bookbytes_pipeline.domain.backfill import LastRun, backfill_candidates, books_to_make
from bookbytes_pipeline.domain.corrections import split_recipe
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.library.queries import fingerprints_by_isbn
from bookbytes_pipeline.sample.epub import SAMPLE_ISBN
from bookbytes_pipeline.writing.fingerprints import book_fingerprint

MAX_BOOKS_PER_NIGHT = 20
"""Each may cost money; an operator who wants more starts a backfill in the Dagster UI."""
FAILED_BOOK_PAUSE = timedelta(days=7)
"""What does not help today may help next week: an account is topped up, a book attached, a catalogue completed."""
MAX_BOOKS_CHECKED = 200
"""Books whose last run is looked up in one night: a few milliseconds each, within the minute a tick may take."""


@dg.schedule(
    name=BACKFILL_SCHEDULE,
    job_name=JOB,
    cron_schedule="0 3 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description=(
        f"Requests up to {MAX_BOOKS_PER_NIGHT} books a night that are missing, failed, "
        "or made with an older prompt, model or voice. Costs money."
    ),
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
        published = {ISBN(isbn): split_recipe(used)[0] for isbn, used in session.execute(fingerprints_by_isbn())}
    isbns = {ISBN(key) for key in context.instance.get_dynamic_partitions(PARTITIONS)} - {SAMPLE_ISBN}
    candidates = backfill_candidates(isbns, published, fresh, night=night, limit=MAX_BOOKS_CHECKED)
    since = context.scheduled_execution_time - FAILED_BOOK_PAUSE
    last_runs = ((isbn, _last_run(context.instance, isbn, recipe, since)) for isbn in candidates)
    for isbn in books_to_make(last_runs, limit=MAX_BOOKS_PER_NIGHT):
        yield dg.RunRequest(
            run_key=f"{isbn}:{recipe}:{night}",
            partition_key=isbn,
            tags={PRIORITY_TAG: BACKFILL_PRIORITY, SOURCE_TAG: BACKFILL_SCHEDULE, RECIPE_TAG: recipe},
        )


def _last_run(instance: dg.DagsterInstance, partition_key: str, recipe: str, since: datetime) -> LastRun:
    records = instance.get_run_records(dg.RunsFilter(job_name=JOB, tags={PARTITION_TAG: partition_key}), limit=1)
    if not records:
        return LastRun()
    run = records[0].dagster_run
    recent = records[0].update_timestamp >= since
    failed_like_this = recent and run.status == dg.DagsterRunStatus.FAILURE and run.tags.get(RECIPE_TAG) == recipe
    return LastRun(
        is_unfinished=not run.is_finished,
        failed_for_good=failed_like_this and not _worth_another_try(instance, run.run_id),
    )


def _worth_another_try(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Return whether no failed step said that trying again will not help."""
    failures = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.STEP_FAILURE).records
    data = [record.event_log_entry.get_dagster_event().step_failure_data.user_failure_data for record in failures]
    return all(failure is None or failure.metadata[TRY_AGAIN].value for failure in data)
