"""A sensor that has a published book made into the files that every book should have, or that this one had before."""

from collections.abc import Sequence

import dagster as dg
from sqlalchemy import select

from bookbytes_pipeline.constants import BACKFILL_PRIORITY, FORMATS_TAG, PRIORITY_TAG, SOURCE_TAG
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.defs.book_file_formats import BookFileFormats
from bookbytes_pipeline.library.models import BookFileRow, BookISBNRow

NAME = "files_of_published_books"


def files_of_published_books(process_book: object, make_book_file: object) -> dg.SensorDefinition:
    """Return the sensor: it watches runs of the first job, and requests runs of the second at the lowest priority."""

    @dg.run_status_sensor(
        name=NAME,
        run_status=dg.DagsterRunStatus.SUCCESS,
        monitored_jobs=[process_book],  # type: ignore[list-item] # Dagster does not export the type of such a job
        request_job=make_book_file,  # type: ignore[arg-type] # as above
        description="Has each published book made into the files that BOOK_FILES names, and into those that it had "
        "before it was made again.",
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=15,
    )
    def sensor(
        context: dg.RunStatusSensorContext,
        database: dg.ResourceParam[Database],
        book_file_formats: dg.ResourceParam[BookFileFormats],
    ) -> dg.RunRequest | None:
        formats = _formats(database, context.partition_key, book_file_formats.usual) if context.partition_key else set()
        if not formats:
            return None  # a SkipReason beside a run that was requested fails the tick
        return dg.RunRequest(
            run_key=context.dagster_run.run_id,
            partition_key=context.partition_key,
            tags={FORMATS_TAG: ",".join(sorted(formats)), PRIORITY_TAG: BACKFILL_PRIORITY, SOURCE_TAG: NAME},
        )

    return sensor


def _formats(database: Database, isbn: str, usual: Sequence[str]) -> set[str]:
    made = select(BookFileRow.format).join(BookISBNRow, BookISBNRow.book_id == BookFileRow.book_id)
    with database.session() as session:
        return {*usual, *session.scalars(made.where(BookISBNRow.isbn == isbn))}
