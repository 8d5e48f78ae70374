"""Queuing a book without a job: for operators, from the command line."""

import warnings
from contextlib import closing
from uuid import uuid4

import dagster as dg

from bookbytes_api.runs.connection import Connection
from bookbytes_api.runs.launcher import Launch, Launcher
from bookbytes_pipeline.constants import FORCE_TAG, PARTITION_TAG, PEOPLE_PRIORITY, PRIORITY_TAG, SOURCE_TAG
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.settings import Settings

SOURCE = "submit"


def submit_book(settings: Settings, isbn: ISBN, force_token: str = "") -> tuple[str, bool]:
    """The id of the run that will make this book, and whether it is a new one; with a `force_token` it always is.

    Raises `DagsterUnavailable` where nothing is running that would make it.
    """
    warnings.filterwarnings("ignore", "Error loading repository location")  # told in one sentence by the launcher
    with (
        closing(Connection(settings)) as connection,
        closing(Launcher(connection, settings.dagster_grpc_port, settings.dagster_grpc_host)) as launcher,
    ):
        under_way = None if force_token else _under_way(connection.instance, isbn)
        if under_way is not None:
            return under_way, False
        tags = {SOURCE_TAG: SOURCE, PRIORITY_TAG: PEOPLE_PRIORITY} | ({FORCE_TAG: force_token} if force_token else {})
        run_id = str(uuid4())
        launcher.submit(Launch(run_id, isbn, tags))
    return run_id, True


def _under_way(instance: dg.DagsterInstance, isbn: ISBN) -> str | None:
    """The run that makes this book now, or waits to."""
    records = instance.get_run_records(dg.RunsFilter(tags={PARTITION_TAG: isbn}), limit=10)
    unfinished = (record.dagster_run for record in records if not record.dagster_run.is_finished)
    return next((run.run_id for run in unfinished), None)
