"""Queuing a book without a job: for operators, from the command line."""

import warnings
from contextlib import closing
from uuid import uuid4

import dagster as dg

from bookbytes_api.runs.connection import Connection
from bookbytes_api.runs.launcher import Launch, Launcher
from bookbytes_pipeline.constants import FORCE_TAG, JOB, PARTITION_TAG, PRIORITY_TAG, SOURCE_TAG, USER_PRIORITY
from bookbytes_pipeline.domain.book_choices import NO_CHOICES, BookChoices
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.run_tags import choice_tags
from bookbytes_pipeline.settings import Settings

SOURCE = "submit"


def submit_book(
    settings: Settings, isbn: ISBN, force_token: str = "", choices: BookChoices = NO_CHOICES
) -> tuple[str, bool]:
    """Return the id of the run that will make this book, and whether it is new.

    With a `force_token`, or where something is chosen, it always is.

    Raises `DagsterUnavailable` where no Dagster is running that would make it.
    """
    warnings.filterwarnings("ignore", "Error loading repository location")  # the launcher says it in one sentence
    with (
        closing(Connection(settings)) as connection,
        closing(Launcher(connection, settings.dagster_grpc_port, settings.dagster_grpc_host)) as launcher,
    ):
        tags = choice_tags(choices)
        unfinished = None if force_token or tags else _unfinished_run(connection.instance, isbn)
        if unfinished is not None:
            return unfinished, False
        tags |= {SOURCE_TAG: SOURCE, PRIORITY_TAG: USER_PRIORITY} | ({FORCE_TAG: force_token} if force_token else {})
        run_id = str(uuid4())
        launcher.submit(Launch(run_id, isbn, tags))
    return run_id, True


def _unfinished_run(instance: dg.DagsterInstance, isbn: ISBN) -> str | None:
    """Return the id of a run that is making this book, or waits to."""
    records = instance.get_run_records(dg.RunsFilter(job_name=JOB, tags={PARTITION_TAG: isbn}), limit=10)
    unfinished = (record.dagster_run for record in records if not record.dagster_run.is_finished)
    return next((run.run_id for run in unfinished), None)
